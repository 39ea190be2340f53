"""Which part is the posterior, and what is q(z|x)?"""

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.data import array_of, take
from keras_vae.evidence import posterior_grid
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.decisions import holds_no_information
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import formula, number, point

__all__ = ["answer", "fit_of_q"]

CLOSE = 0.1  # nats
NEARBY = 1.0


def fit_of_q(gap: float, error: float) -> str:
    """What KL(q(z|x) || p(z|x)) of one x says of q, in words."""
    if gap - error < CLOSE:
        return "q(z|x) is almost the true posterior"
    if gap < NEARBY:
        return "q(z|x) is near the true posterior, but not the same"
    return "q(z|x) is clearly not the true posterior"


def answer(material: Material) -> Answer:
    """The posterior p(z|x), and q(z|x) in its place."""
    z = material.z[:1]
    joint, log_q = float(material.log_joint(z)[0]), float(material.log_q(z)[0])
    likelihood, prior = float(material.log_likelihood(z)[0]), float(material.log_prior(z)[0])
    evidence, error = material.log_evidence
    gap = float(material.identity.posterior_kl[0])
    stds = material.stds[0]
    bayes = formula(
        ("log p(z|x)", number(joint - evidence)), "=", ("log p(x|z)", number(likelihood)), "+",
        ("log p(z)", number(prior)), "-", ("log p(x)", number(evidence)),
    )  # fmt: skip
    is_exact = material.has_quadrature
    rate = float(material.rate[0])
    shape = (
        f"For {material.name} the encoder says: mean z = {point(z[0])}, standard deviation "
        f"{point(stds)}. Before x was seen the prior had mean 0 and standard deviation 1."
        if not material.not_standard
        else f"For {material.name} the encoder says a q(z|x) with mean z = {point(z[0])}."
    )
    if holds_no_information(rate):
        shape += f" That is nearly the prior itself: this x says almost nothing about z " \
                 f"(KL of q(z|x) and p(z): {number(rate)} nats)."  # fmt: skip
    found = (
        f"KL(q(z|x) || p(z|x)) is {number(gap)} nats for this x: {fit_of_q(gap, error)}."
        if is_exact
        else f"{material.no_quadrature}: log p(x) is known from below only "
        f"({material.method}), so p(z|x) is at most this large. KL(q(z|x) || p(z|x)) is at least "
        f"{number(max(gap, 0.0))} nats for this x."
    )
    paragraphs = [
        "The posterior p(z|x) says which codes z can have made x, once x is seen. It follows from "
        "likelihood and prior, but needs p(x), an integral over all z. So the encoder learns an "
        "approximation: q(z|x).",
        shape,
        "At that mean, the true posterior is (as the log of a density)",
        bayes,
        f"The encoder says log q(z|x) = {number(log_q)} there.",
        found,
        "The picture compares them." if material.is_plane else None,
    ]
    numbers = {
        "z_mean": z[0].tolist(),
        "z_std": stds.tolist(),
        "log_posterior": joint - evidence,
        "log_q": log_q,
        "log_evidence": evidence,
        "log_evidence_error": error,
        "posterior_kl": gap,
        "rate": rate,
        "method": material.method,
    }
    return answered("posterior", paragraphs, numbers, material.protocol, lambda: _draw(material))


def _draw(material: Material) -> Figure:
    if not material.is_plane:
        return _draw_latent(material)
    count = min(3, material.examples)
    ones = [take(material.x, k) for k in range(count)]
    nodes_1, nodes_2, log_posteriors = zip(
        *(posterior_grid(material.vae, one) for one in ones), strict=True
    )
    inputs = None if material.is_table else array_of(material.x)[:count]
    gaps = material.identity.posterior_kl[:count]
    return plots.exact_posterior(
        nodes_1, nodes_2, log_posteriors, material.codes[0][:count], material.stds[:count], inputs,
        gaps,
    )  # fmt: skip


def _draw_latent(material: Material) -> Figure:
    """q(z_j|x) and the prior along the latent that the example says most about."""
    j = int(np.argmin(material.stds[0]))
    mean, std = material.codes[0][0, j], material.stds[0, j]
    along = np.linspace(min(-3.5, mean - 4 * std), max(3.5, mean + 4 * std), 600)
    densities = {
        "q(z|x), after x was seen": _normal(along, mean, std),
        "prior, before": _normal(along, 0.0, 1.0),
    }
    title = f"What {material.told(0)} says about latent z_{j + 1}"
    return plots.curves(along, densities, title, f"z_{j + 1}", "density")


def _normal(x: np.ndarray, mean: float, std: float) -> np.ndarray:
    density = np.exp(-(((x - mean) / std) ** 2) / 2) / (std * np.sqrt(2 * np.pi))
    return np.asarray(density)
