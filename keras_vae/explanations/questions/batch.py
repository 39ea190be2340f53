"""Does the KL compare the distributions of a batch with each other?"""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.decisions import side
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import formula, number
from keras_vae.measures import standard_error

__all__ = ["answer", "told_of_parts"]

THIN = 12  # q(z|x) drawn one by one


def told_of_parts(information: float, marginal: float, error: float, ceiling: float) -> str:
    """What mutual information and marginal KL say, as far as their error lets them."""
    if information > ceiling - 0.5:
        return (
            f"But the mutual information is at its ceiling here, log N = {number(ceiling)}: the "
            "q(z|x) of these examples hardly overlap, and more examples would be needed to part "
            "the two."
        )
    apart = {
        "above": f"The sum of all q(z|x), the q(z) of the data, is {number(marginal, error)} nats "
                 "from the prior.",
        "below": "The sum of all q(z|x), the q(z) of the data, is the prior within its error.",
        "open": "The sum of all q(z|x), the q(z) of the data, is the prior within its error.",
    }[side(marginal, error)]  # fmt: skip
    told = {
        "above": "The mutual information is what z tells of which x it is, the part of the rate "
                 "that the decoder can use.",
        "below": "The mutual information is 0 within its error: z tells nothing of which x it is.",
        "open": "The mutual information is 0 within its error: z tells nothing of which x it is.",
    }[side(information, error)]  # fmt: skip
    return f"{told} {apart}"


def answer(material: Material) -> Answer:
    """The mean over a batch is an average of separate KLs; what it hides."""
    rates = material.rate
    mean, error = float(rates.mean()), standard_error(rates)
    first = " + ".join(number(rate) for rate in rates[:3])
    average = (
        f"No. Each example has a KL of its own, between its q(z|x) and the prior. Over the batch "
        f"they are averaged: ({first} + ...) / {len(rates)} = {number(mean)} nats. No q(z|x) is "
        "compared with another."
    )
    numbers: dict[str, Any] = {"rate": mean, "rate_standard_error": error, "examples": len(rates)}
    surgery = material.surgery
    if surgery is None:
        why = f"What is hidden in that average, by the formula for it, {material.not_standard}."
        numbers["does_not_apply"] = material.not_standard
        return answered("batch", [average, why], numbers, material.protocol,
                        lambda: _draw_rates(material))  # fmt: skip
    information, marginal = surgery.mutual_information, surgery.marginal_kl
    parts_error = surgery.mutual_information_standard_error
    paragraphs = [
        average,
        "Still, something about all examples together is hidden in the average. It is a sum of "
        "two parts (Hoffman and Johnson 2016):",
        formula(
            ("mean KL", number(surgery.rate)), "=",
            ("mutual information", number(information, parts_error)), "+",
            ("KL(q(z) || p(z))", number(marginal, parts_error)),
        ),
        told_of_parts(information, marginal, parts_error, surgery.ceiling),
        "So the KL does act on all codes together: their sum is drawn to the prior. But it does "
        "so through each example alone."
        if material.beta > 0
        else "With beta = 0, as here, neither part counts in the loss: nothing draws the sum of "
        "all q(z|x) to the prior.",
    ]  # fmt: skip
    numbers |= {
        "mutual_information": information,
        "mutual_information_standard_error": parts_error,
        "marginal_kl": marginal,
        "marginal_kl_standard_error": parts_error,
        "ceiling": surgery.ceiling,
    }
    return answered("batch", paragraphs, numbers, material.protocol, lambda: _draw(material))


def _draw(material: Material) -> Figure:
    """Along the latent with the largest rate: some q(z|x), the mean of all of them, the prior."""
    z_mean, stds = material.codes[0], material.stds
    j = int(np.argmin(stds.mean(axis=0)))
    mean, std = z_mean[:, j], stds[:, j]
    reach = max(3.5, float(np.max(np.abs(mean) + 3 * std)))
    along = np.linspace(-reach, reach, 1200)
    each = np.exp(-(((along - mean[:, None]) / std[:, None]) ** 2) / 2)
    each /= std[:, None] * np.sqrt(2 * np.pi)
    lines = {
        f"q(z): the mean of all {len(mean)}": each.mean(axis=0),
        "prior p(z)": np.exp(-(along**2) / 2) / np.sqrt(2 * np.pi),
    }
    shares = 1 / len(mean[:THIN])
    return plots.curves(
        along, lines, f"The q(z_{j + 1}|x) of single examples, and of all together",
        f"z_{j + 1}", "density",
        f"Thin: q(z|x) of {len(mean[:THIN])} examples, each drawn at {shares:.0%} of its height.",
        faint=each[:THIN] * shares,
    )  # fmt: skip


def _draw_rates(material: Material) -> Figure:
    values = {material.told(k): float(material.rate[k]) for k in range(min(5, material.examples))}
    return plots.bars(values, "The rate of some examples", "KL(q(z|x) || p(z)) (nats)")
