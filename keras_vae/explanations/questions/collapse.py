"""Does the KL just force every code to mean 0 and standard deviation 1?"""

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.evidence.prior_draws import prior_draws
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.companions import COLLAPSING
from keras_vae.explanations.decisions import change, holds_no_information, side
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import number, table

__all__ = ["BETAS", "answer", "told_of_pay"]

BETAS = (COLLAPSING,)


def told_of_pay(rate: float, saved: float, gain: float, error: float) -> str:
    """What leaving the prior costs in rate and saves in distortion, nats; `gain` is their
    difference with its standard error."""
    price = f"Leaving the prior costs {number(rate)} nats of rate here"
    return {
        "above": f"{price}, and saves {number(saved)} nats of distortion: about "
                 f"{saved / rate:.1f} for each. That is why the likelihood resists, and codes do "
                 f"not all go to mean 0 and standard deviation 1.",
        "below": f"{price}, but the distortion is only {number(saved)} nats lower. At beta = 1 the "
                 f"collapsed model is the better one, by {number(-gain, error)} nats.",
        "open": f"{price} and saves {number(saved)} nats of distortion: the two cannot be told "
                f"apart ({number(gain, error)} nats).",
    }[side(gain, error)]  # fmt: skip


def answer(material: Material) -> Answer:
    """What rate and distortion become when z is given up, and what the likelihood pays for."""
    companion = material.companions.of(COLLAPSING)
    rate, distortion = float(material.rate.mean()), float(material.distortion.mean())
    collapsed_rate = float(companion.rate.mean())
    collapsed_distortion = float(companion.distortion.mean())
    gain, error = change(companion.elbo, -(material.rate + material.distortion))
    rows = [
        ("this model", number(rate), number(distortion), number(-(rate + distortion))),
        (f"beta = {COLLAPSING:.0f}", number(collapsed_rate), number(collapsed_distortion),
         number(-(collapsed_rate + collapsed_distortion))),
    ]  # fmt: skip
    has_companion = holds_no_information(collapsed_rate)
    is_collapsed = holds_no_information(rate)
    if is_collapsed:
        told = (
            f"In THIS model it has: the rate is {number(rate)} nats, q(z|x) is nearly the prior "
            "for every x, and z says nothing about x. The decoder puts out the same whatever z is."
        )
        if material.beta > 1:
            told += f" Its beta of {material.beta:g} made a nat of rate too dear; beta = 1 may not."
    else:
        told = told_of_pay(rate, collapsed_distortion - distortion, gain, error)
    if has_companion:
        alone = (
            "It would, if it were alone: it is 0 only when q(z|x) = p(z) for every x. Then z says "
            "nothing about x. That is called posterior collapse. A model of the same networks "
            "whose loss is almost only KL shows it:"
        )
    else:
        alone = (
            f"It would, if it were alone: it is 0 only when q(z|x) = p(z) for every x. Even with "
            f"beta = {COLLAPSING:.0f} the rate is not yet 0 after the short training here:"
        )
    paragraphs = [
        alone,
        table(("", "rate", "distortion", "ELBO"), *rows),
        told,
        _of_average(material, is_collapsed),
    ]
    numbers = {
        "rate": rate,
        "distortion": distortion,
        "collapsed_rate": collapsed_rate,
        "collapsed_distortion": collapsed_distortion,
        "elbo_gain": gain,
        "elbo_gain_standard_error": error,
    }
    protocol = f"{material.protocol}; {material.companions.protocol}"
    return answered("collapse", paragraphs, numbers, protocol, lambda: _draw(material))


def _of_average(material: Material, is_collapsed: bool) -> str | None:
    """All codes together beside one code: what is near mean 0 and standard deviation 1."""
    surgery = material.surgery
    if surgery is None or is_collapsed:
        return None
    j = int(np.argmax(surgery.latent_rates))
    mean, std = surgery.aggregated_mean[j], float(np.sqrt(surgery.aggregated_variance[j]))
    one = float(np.exp(material.codes[1][:, j] / 2).mean())
    near = "near" if abs(mean) < 0.3 and 0.7 < std < 1.4 else "not even near"
    return (
        f"All examples together are {near} mean 0 and standard deviation 1: along z_{j + 1} they "
        f"have mean {number(mean)} and standard deviation {number(std)}. A single q(z|x) has a "
        f"mean of its own, and a standard deviation of {number(one)} on average."
    )


def _draw(material: Material) -> Figure:
    companion = material.companions.of(COLLAPSING)
    rates = float(material.rate.mean()), float(companion.rate.mean())
    panels = {
        f"this model: rate {rates[0]:.2f}": material.drawn,
        f"beta = {COLLAPSING:.0f}: rate {rates[1]:.2f}": companion.drawn,
    }
    return plots.code_panels(
        panels,
        "One draw of z for each example",
        material.labels,
        material.dataset.class_names,
        "Where every q(z|x) is the prior, a draw says nothing about the class.",
        prior_draws(material.vae),
    )
