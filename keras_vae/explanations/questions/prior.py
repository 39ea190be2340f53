"""Which part is the prior?"""

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.distributions import StandardNormal
from keras_vae.evidence.prior_draws import prior_draws
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import formula, number, point

__all__ = ["answer"]

SIDE = 15  # nodes of the manifold along each latent
SAMPLES = 64


def answer(material: Material) -> Answer:
    """The prior p(z): what is known of z before any x is seen."""
    z, d = material.z[0], material.latents
    at_code, at_middle = material.log_prior(material.z[[0, 2]])
    is_normal = isinstance(material.vae.prior, StandardNormal)
    kind = "the standard normal N(0, I)" if is_normal else f"a {type(material.vae.prior).__name__}"
    latents = "one latent" if d == 1 else f"{d} latents"
    # log N(z; 0, I) = -d/2 log 2 pi - |z|^2 / 2
    squares = float(np.sum(z**2))
    in_numbers = formula(
        ("log p(z)", number(at_code)), "=", ("-d/2 log(2 pi)", number(-d / 2 * np.log(2 * np.pi))),
        "-", ("|z|^2 / 2", number(squares / 2)),
    )  # fmt: skip
    paragraphs = [
        f"The prior p(z) says which codes z are likely before any x is seen. In this model it is "
        f"{kind} over {latents}.",
        f"Take {material.name}. The encoder puts it at z = {point(z)}. There the prior is",
        in_numbers if is_normal else f"log p(z) = {number(at_code)}.",
        f"In the middle, at z = {point(material.z[2])}, log p(z) is {number(at_middle)}. The "
        f"prior looks at z alone: any other x with this code would get the same number.",
        "A new x is made from the prior: draw z from p(z), then x from p(x|z). The picture shows "
        "what the decoder makes of codes that the prior allows."
        if not material.is_table
        else "A new x is made from the prior: draw z from p(z), then x from p(x|z). The picture "
        "shows where the codes of the data lie in it.",
    ]
    numbers = {"z": z.tolist(), "log_prior": float(at_code), "log_prior_at_middle": at_middle}
    return answered("prior", paragraphs, numbers, material.protocol, lambda: _draw(material))


def _draw(material: Material) -> Figure:
    draws = prior_draws(material.vae)
    if material.is_table:
        codes = {"z ~ q(z|x)": material.drawn}
        return plots.code_panels(codes, "Codes of the data, in the prior", prior=draws)
    if material.is_plane:
        nodes = plots.manifold_nodes(SIDE, draws)
        return plots.manifold(material.decode(nodes), SIDE, prior=draws)
    prior = material.vae.prior.distribution(material.latents)
    return plots.samples(material.decode(prior.sample(SAMPLES, seed=(material.seed, 0)).numpy()))
