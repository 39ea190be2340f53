"""Is x what goes into the encoder, or what comes out of the decoder?"""

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.data import array_of, part_of, take
from keras_vae.evidence.prior_draws import prior_draws
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.decisions import holds_no_information, side
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import number, point
from keras_vae.measures import standard_error

__all__ = ["answer", "told_of_found"]

SHOWN = 10
NEW = 200
EXPECTED = 0.9545  # of a normal distribution within two standard deviations


def answer(material: Material) -> Answer:
    """Random variable, example and the decoder's mean are three things; a new x is encoded."""
    x, mean = array_of(material.one)[0], material.decode(material.z[:1])[0]
    log_likelihood = float(material.log_likelihood(material.z[:1])[0])
    found, error = _found_again(material)
    unlike = (
        ""
        if material.is_table
        else f" They differ by {number(float(np.abs(x - mean).mean()))} an entry on average: x "
        f"ranges from {number(float(x.min()))} to {number(float(x.max()))}, the mean from "
        f"{number(float(mean.min()))} to {number(float(mean.max()))}."
    )
    paragraphs = [
        "Neither: three things are called x. (1) x in p(x) and p(x|z) is a random variable: any "
        "input that the data could have brought. (2) x_n is one example, a value of it. The "
        "encoder reads it, and the likelihood scores it. (3) What the decoder puts out is not x "
        "but the parameters of p(x|z), for instance its mean.",
        f"{material.name[0].upper()}{material.name[1:]} is an x_n. Its code is z = "
        f"{point(material.z[0])}. The decoder turns that into a mean.{unlike} The likelihood of "
        f"x_n under that p(x|z) is log p(x|z) = {number(log_likelihood)}.",
        "The input is needed for two things: q(z|x) depends on it, and log p(x|z) is of it. To "
        "make something new it is not needed: z comes from the prior.",
        f"Any x of the same kind can be encoded, one that was in no data set too. {NEW} were made "
        f"here: z from the prior, x from p(x|z). Encoded, {found:.0%} of their latents lie within "
        f"2 standard deviations of the mean of q(z|x). "
        + told_of_found(found, error, float(material.rate.mean())),
    ]
    numbers = {
        "log_likelihood": log_likelihood,
        "mean_difference": float(np.abs(x - mean).mean()),
        "found_again": found,
        "found_again_standard_error": error,
    }
    return answered("x", paragraphs, numbers, material.protocol, lambda: _draw(material))


def told_of_found(share: float, error: float, rate: float) -> str:
    """Whether z of new x is found again: within two standard deviations of q(z|x) as often as of
    the true posterior, if that is normal."""
    if holds_no_information(rate):
        return (
            "But that is no feat: this model has collapsed, q(z|x) is as wide as the prior, and "
            "says nothing about the new x."
        )
    return {
        "above": f"For the true posterior, if it is normal, that is {EXPECTED:.0%}: q(z|x) is "
                 "wider than it need be.",
        "below": f"For the true posterior, if it is normal, that would be {EXPECTED:.0%}: q(z|x) "
                 "is too narrow, or misses.",
        "open": "That is as often as for the true posterior, if it is normal.",
    }[side(share, error, EXPECTED)]  # fmt: skip


def _found_again(material: Material) -> tuple[float, float]:
    """The share of latents of new x, made by the model, that lie within two standard deviations of
    the mean of q(z|x), and its standard error over x."""
    vae, seed = material.vae, material.seed
    # told what the examples are told, one after the other
    rows = np.arange(NEW) % material.examples
    condition = part_of(material.x, "condition", rows)
    made = vae.sample(NEW, seed, condition)
    z = np.asarray(vae.prior.distribution(material.latents).sample(NEW, (seed, 0)))
    parts = {"condition": condition}
    if part_of(material.one, "mask") is not None:
        parts["mask"] = np.ones_like(made)
    there = {name: part for name, part in parts.items() if part is not None}
    z_mean, z_log_var = vae.encode({"x": made, **there} if there else made)
    within = np.mean(np.abs(z - z_mean) < 2 * np.exp(z_log_var / 2), axis=1)
    return float(within.mean()), standard_error(within)


def _draw(material: Material) -> Figure:
    if material.is_table:
        codes = {"z ~ q(z|x)": material.drawn}
        return plots.code_panels(codes, "Codes of the data", prior=prior_draws(material.vae))
    shown = take(material.x, slice(SHOWN))
    means = material.vae.predict(shown, verbose=0)
    distortion = material.distortion[:SHOWN]
    return plots.reconstructions(array_of(shown), means, distortion, part_of(shown, "mask"))
