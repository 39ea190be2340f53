"""Does the KL make the ranges of different classes push each other away?"""

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.data import take
from keras_vae.evidence.prior_draws import prior_draws
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.decisions import holds_no_information
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import number, table
from keras_vae.terms import rate

__all__ = ["answer", "is_the_same"]

SHOWN = 4
SAME = 1e-3  # nats: more than float32 rounds off


def is_the_same(together: np.ndarray, alone: np.ndarray) -> bool:
    """Whether rates agree, but for what float32 rounds off."""
    return bool(np.max(np.abs(together - alone) / (1 + np.abs(together))) < SAME)


def answer(material: Material) -> Answer:
    """Each rate by itself: the same when the other examples are gone."""
    shown = _one_of_each_class(material)
    together, alone = _rates(material, shown)
    same = is_the_same(together, alone)
    rows = [
        (material.told(place), number(a), number(b))
        for place, a, b in zip(shown, together, alone, strict=True)
    ]
    off = float(np.max(np.abs(together - alone)))
    if same:
        told = (
            "Each number is the same in both columns. So the KL cannot push two examples or two "
            "classes apart: it does not know that there are others."
        )
    else:
        told = (
            f"The columns differ by up to {number(off)} nats: the encoder of this model mixes the "
            "examples of a batch, as batch normalisation does. Without that, each rate would be "
            "the same alone."
        )
    class_line = (
        "The loss sees no class: the labels were added to the text and the picture afterwards."
        if material.labels is not None
        else "These data have no labels, so there is no class that anything could see."
    )
    if material.dataset.is_conditional:
        class_line = (
            "This model is told a condition beside x. The KL takes the q(z|x) that comes of it as "
            "it is: it compares no two examples either."
        )
    pull = (
        "All it does is to pull each q(z|x) towards the prior. Codes stay apart only as far as "
        "the likelihood pays for it (kvae explain MODEL collapse, neighbours)."
        if material.beta > 0
        else "In the loss of this model the KL has weight 0, so it does not even pull the q(z|x) "
        "towards the prior."
    )
    if holds_no_information(float(material.rate.mean())):
        pull += (
            f" In this model it has pulled all of them there: the mean rate is "
            f"{number(float(material.rate.mean()))} nats."
        )
    paragraphs = [
        f"No. {class_line} The KL of an example compares its own q(z|x) with the prior p(z), and "
        f"nothing else.",
        f"The KL of some examples (nats), in a batch of {material.examples}, and encoded again "
        f"with all other examples removed:",
        table(("", "in the batch", "alone"), *rows),
        told,
        pull,
    ]
    numbers = {
        "examples": material.rows[shown].tolist(),
        "rate_in_batch": together.tolist(),
        "rate_alone": alone.tolist(),
        "largest_difference": off,
        "mean_rate": float(material.rate.mean()),
    }
    return answered("classes", paragraphs, numbers, material.protocol, lambda: _draw(material))


def _one_of_each_class(material: Material) -> np.ndarray:
    """Places in `x` of a few examples, of different classes where there are any."""
    if material.labels is None:
        return np.arange(min(SHOWN, material.examples))
    _, first = np.unique(material.labels, return_index=True)
    return np.sort(first)[:SHOWN]


def _rates(material: Material, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rate of each example: encoded among all, and by itself. Where no formula is known, both
    at the same z."""
    vae, prior = material.vae, material.vae.prior.distribution(material.latents)
    z = material.drawn[None]  # (1, N, d)
    together = np.asarray(rate(vae.posterior(material.x), prior, z), "float64")[places]
    ones = (take(material.x, slice(place, place + 1)) for place in places)
    alone = [
        float(rate(vae.posterior(one), prior, z[:, place : place + 1])[0])
        for place, one in zip(places, ones, strict=True)
    ]
    return together, np.asarray(alone)


def _draw(material: Material) -> Figure:
    return plots.code_panels(
        {"z ~ q(z|x)": material.drawn},
        "One draw of z for each example"
        + ("" if material.labels is None else ": colours were added afterwards"),
        material.labels,
        material.dataset.class_names,
        prior=prior_draws(material.vae),
    )
