"""Is x what goes into the encoder, or what comes out of the decoder?"""

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.data import array_of, part_of, take
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.decisions import holds_no_information
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import number, point

__all__ = ["answer"]

SHOWN = 10


def answer(material: Material) -> Answer:
    """Random variable, example and the decoder's mean are three things; a new x is encoded."""
    x, mean = array_of(material.one)[0], material.decode(material.z[:1])[0]
    log_likelihood = float(material.log_likelihood(material.z[:1])[0])
    vae = material.vae
    condition = part_of(material.one, "condition", 0)
    made = vae.sample(1, material.seed, condition)
    drawn_z = np.asarray(vae.prior.distribution(material.latents).sample(1, (material.seed, 0)))[0]
    given = {"x": made, "condition": condition[None]} if condition is not None else made
    if part_of(material.one, "mask") is not None:
        given = {**(given if isinstance(given, dict) else {"x": given}), "mask": np.ones_like(made)}
    z_mean, z_log_var = vae.encode(given)
    z_std = np.exp(z_log_var[0] / 2)
    away = float(np.max(np.abs(drawn_z - z_mean[0]) / z_std))
    if holds_no_information(float(material.rate.mean())):
        told = (
            "This model has collapsed: the encoder gives about the same q(z|x) for every x, new "
            "or not, so nothing of that z is found again."
        )
    elif away < 3:
        told = "The z that it was made from lies within 3 standard deviations of that mean."
    else:
        told = (
            f"The z that it was made from lies {away:.0f} standard deviations away from that "
            "mean: q(z|x) does not find it again."
        )
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
        f"Any x of the same kind can be encoded, one that was in no data set too. Made here from "
        f"z = {point(drawn_z)} and encoded: mean {point(z_mean[0])}, standard deviation "
        f"{point(z_std)}. {told}",
    ]
    numbers = {
        "log_likelihood": log_likelihood,
        "mean_difference": float(np.abs(x - mean).mean()),
        "new_z": drawn_z.tolist(),
        "new_z_mean": z_mean[0].tolist(),
        "new_z_std": z_std.tolist(),
    }
    return answered("x", paragraphs, numbers, material.protocol, lambda: _draw(material))


def _draw(material: Material) -> Figure:
    if material.is_table:
        return plots.code_panels({"z ~ q(z|x)": material.drawn}, "Codes of the data")
    shown = take(material.x, slice(SHOWN))
    means = material.vae.predict(shown, verbose=0)
    distortion = material.distortion[:SHOWN]
    return plots.reconstructions(array_of(shown), means, distortion, part_of(shown, "mask"))
