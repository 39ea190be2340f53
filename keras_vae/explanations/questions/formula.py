"""How is the KL computed, and is sigma in its formula a variance?"""

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import number, table

__all__ = ["answer", "kl_of_latents"]

MOST_ROWS = 4


def kl_of_latents(z_mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """KL(N(mean, variance) || N(0, 1)) of each latent, nats."""
    # KL = 1/2 (variance + mean^2 - 1 - log variance)
    return np.asarray(0.5 * (variance + z_mean**2 - 1 - np.log(variance)))


def answer(material: Material) -> Answer:
    """The closed formula of the rate with the numbers of one example in it."""
    opening = (
        "For a normal q(z|x) and the prior N(0, I) the KL has a closed formula, a sum over latents "
        "of KL = 1/2 (variance + mean^2 - 1 - log variance). Where a text writes 'sigma + mu^2 - 1 "
        "- log sigma', its sigma is the VARIANCE, not the standard deviation."
    )
    if material.not_standard:
        why = f"For this model the formula {material.not_standard}."
        rate = float(material.rate[0])
        why += f" Its rate for {material.name} is {number(rate)} nats."
        numbers = {"rate": rate, "does_not_apply": material.not_standard}
        return answered("formula", [opening, why], numbers, material.protocol,
                        lambda: _draw_rates(material))  # fmt: skip
    z_mean, std = material.codes[0][0], material.stds[0]
    variance = std**2
    each, mistaken = kl_of_latents(z_mean, variance), kl_of_latents(z_mean, std)
    order = np.argsort(-each, kind="stable")[:MOST_ROWS]
    rows = [
        (f"z_{j + 1}", number(z_mean[j]), f"{std[j]:.4f}", f"{variance[j]:.4f}", number(each[j]))
        for j in order
    ]
    rest = len(each) - len(order)
    if rest:
        rows.append((f"{rest} more", "", "", "", number(each.sum() - each[order].sum())))
    rows.append(("sum", "", "", "", number(each.sum())))
    off = abs(float(each.sum()) - float(material.rate[0]))
    wrong = float(mistaken.sum() - each.sum())
    if abs(wrong) > 0.01:
        mistake = (
            f"With the standard deviations put in where the variances belong, the sum would be "
            f"{number(float(mistaken.sum()))}: {number(abs(wrong))} nats too "
            f"{'small' if wrong < 0 else 'large'}."
        )
    else:
        mistake = (
            "Here it makes no difference which of the two is put in: all standard deviations are "
            "almost 1, and so are their squares."
        )
    paragraphs = [
        opening,
        f"For {material.name}:",
        table(("latent", "mean", "std", "variance", "KL"), *rows),
        f"The sum is the rate that the model reports for this example (to {off:.5f} nats). It is "
        f"never negative, and 0 only at mean 0 and variance 1.",
        mistake,
    ]
    numbers = {
        "z_mean": z_mean.tolist(),
        "variance": variance.tolist(),
        "kl_of_latents": each.tolist(),
        "rate": float(material.rate[0]),
        "with_std_in_place_of_variance": float(mistaken.sum()),
    }
    return answered("formula", paragraphs, numbers, material.protocol, lambda: _draw(material))


def _draw(material: Material) -> Figure:
    j = int(np.argmin(material.stds[0]))
    mean, std = material.codes[0][0, j], material.stds[0, j]
    along = np.geomspace(min(std / 3, 0.05), 3.0, 200)
    lines = {
        "with the variance: right": kl_of_latents(np.float64(mean), along**2),
        "with the standard deviation in its place: wrong": kl_of_latents(np.float64(mean), along),
    }
    title = f"KL of q(z_{j + 1}|x) and the prior, of {material.told(0)}, mean {mean:.2f}"
    return plots.curves(
        along, lines, title, "standard deviation of q", "nats", marks={"this x": std}, log_x=True
    )


def _draw_rates(material: Material) -> Figure:
    values = {material.told(k): float(material.rate[k]) for k in range(min(5, material.examples))}
    return plots.bars(values, "The rate of some examples", "KL(q(z|x) || p(z)) (nats)")
