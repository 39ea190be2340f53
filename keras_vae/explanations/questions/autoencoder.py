"""Is a VAE just an autoencoder that gives a range, with a KL term added?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.evidence.prior_draws import prior_draws
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.decisions import change, holds_no_information, side
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import number, table
from keras_vae.measures import standard_error

__all__ = ["BETAS", "answer", "share_in_holes", "told_of_holes"]

BETAS = (0.0,)
DRAWS = 1000
# A hole: where the prior is this many times as dense as the codes of the data.
HOLE = 10.0
FULL_OF_HOLES = 0.9


@dataclass(frozen=True)
class _Side:
    """One of the two models that are compared."""

    name: str
    rate: np.ndarray
    distortion: np.ndarray
    z_mean: np.ndarray
    z_log_var: np.ndarray
    drawn: np.ndarray
    holes: float

    @property
    def elbo(self) -> np.ndarray:
        return -(self.rate + self.distortion)


def share_in_holes(z: np.ndarray, z_mean: np.ndarray, z_log_var: np.ndarray) -> float:
    """The share of z, drawn from N(0, I), where q(z) = mean of q(z|x_n) is below p(z) / `HOLE`.

    Args:
        z: (M, d).
        z_mean, z_log_var: (N, d).
    """
    # log N(z; m, v) = -1/2 sum((z - m)^2 / v + log v + log 2 pi)
    log_prior = -0.5 * np.sum(z**2 + np.log(2 * np.pi), axis=1)
    log_q = np.empty(len(z))
    for k, one in enumerate(z):
        each = (one - z_mean) ** 2 / np.exp(z_log_var) + z_log_var + np.log(2 * np.pi)
        log_q[k] = np.logaddexp.reduce(-0.5 * each.sum(axis=1)) - np.log(len(z_mean))
    return float(np.mean(log_q < log_prior - np.log(HOLE)))


def told_of_holes(of_vae: float, of_autoencoder: float) -> str:
    """Which of the two leaves more of the prior in holes, by shares of `DRAWS` draws."""
    if min(of_vae, of_autoencoder) > FULL_OF_HOLES:
        return (
            "Almost all of the prior is a hole for both: the codes of these examples are too few "
            "to cover so many latents, or too narrow, so the holes tell nothing here."
        )
    # the standard error of the difference of two shares is at most that of shares of 1/2
    error = (2 * 0.25 / DRAWS) ** 0.5
    return {
        "above": "Of the autoencoder, more draws of the prior fall into holes, where its decoder "
                 "has seen next to no code: what it makes of them has little to do with the data.",
        "below": "Here the codes of the autoencoder leave fewer holes in the prior than those of "
                 "the VAE.",
        "open": "Here the two cover the prior about equally well.",
    }[side(of_autoencoder - of_vae, error)]  # fmt: skip


def answer(material: Material) -> Answer:
    """This model beside beta = 0; if it has beta = 0 itself, beside beta = 1."""
    opening = (
        "It looks like one, but it answers another question. An autoencoder only has to give x "
        "back. A VAE is a model of where x comes from: z is drawn from the prior p(z), then x "
        "from p(x|z). So it gives each x a probability, and can make new ones. The encoder is "
        "there because p(x) is hard to compute: q(z|x) stands in for the posterior p(z|x)."
    )
    if material.not_standard:
        why = f"The comparison with an autoencoder {material.not_standard}."
        numbers = {"does_not_apply": material.not_standard}
        panels = {"z ~ q(z|x)": material.drawn}
        return answered(
            "autoencoder", [opening, why], numbers, material.protocol,
            lambda: plots.code_panels(panels, "Codes", prior=prior_draws(material.vae)),
        )  # fmt: skip
    is_autoencoder = material.beta == 0
    own, other = _sides(material)
    vae, auto = (other, own) if is_autoencoder else (own, other)
    loss, error = change(auto.elbo, vae.elbo)
    rows = [
        ("rate", *(number(each.rate.mean()) for each in (own, other))),
        ("distortion", *(number(each.distortion.mean()) for each in (own, other))),
        ("ELBO", *(number(each.elbo.mean()) for each in (own, other))),
        ("spread of the codes", *(number(_spread(each)) for each in (own, other))),
        ("draws of p(z) in holes", *(f"{each.holes:.0%}" for each in (own, other))),
    ]
    which = (
        "This model has beta = 0, so it IS an autoencoder with noise. Beside it a VAE, beta = 1:"
        if is_autoencoder
        else "This model beside the same networks with beta = 0, which is an autoencoder with "
        "noise (nats):"
    )
    bounds = {
        "above": f"As a model of the data the VAE is better: its ELBO, a bound of log p(x), is "
                 f"{number(loss, error)} nats higher.",
        "below": f"As a model of the data the VAE is no better here: its ELBO, a bound of log "
                 f"p(x), is {number(-loss, error)} nats lower.",
        "open": f"Their ELBOs, bounds of log p(x), cannot be told apart "
                f"(difference {number(loss, error)} nats).",
    }[side(loss, error)]  # fmt: skip
    paragraphs = [
        opening,
        which,
        table(("", own.name, other.name), *rows),
        f"{told_of_holes(vae.holes, auto.holes)} A hole: p(z) is more than 10 times the density "
        f"of all codes together.",
        f"{bounds} How long each was trained has a part in it: the second is of the "
        f"{material.companions.protocol}.",
        "But this model has collapsed: its z says next to nothing about x, so what it makes "
        f"hardly depends on z{', but on the condition' * material.dataset.is_conditional}."
        if holds_no_information(float(material.rate.mean()))
        else None,
    ]
    found: dict[str, Any] = {
        "elbo_gain_of_vae": loss,
        "elbo_gain_of_vae_standard_error": error,
        "holes": {each.name: each.holes for each in (own, other)},
        "rate": {each.name: float(each.rate.mean()) for each in (own, other)},
        "rate_standard_error": {each.name: standard_error(each.rate) for each in (own, other)},
    }
    protocol = f"{material.protocol}; {material.companions.protocol}"
    return answered("autoencoder", paragraphs, found, protocol, lambda: _draw(material))


def _sides(material: Material) -> tuple[_Side, _Side]:
    beta = 1.0 if material.beta == 0 else 0.0
    companion = material.companions.of(beta)
    z = np.random.default_rng(material.seed).standard_normal((DRAWS, material.latents))
    own = _Side(
        "this model", material.rate, material.distortion, *material.codes, material.drawn,
        share_in_holes(z, *material.codes),
    )  # fmt: skip
    codes = companion.z_mean, companion.z_log_var
    other = _Side(
        f"beta = {beta:.0f}", companion.rate, companion.distortion, *codes, companion.drawn,
        share_in_holes(z, *codes),
    )  # fmt: skip
    return own, other


def _spread(model: _Side) -> float:
    """Standard deviation of the codes of all examples, over latents; the prior has 1."""
    return float(np.sqrt(model.drawn.astype("float64").var(axis=0).mean()))


def _draw(material: Material) -> Figure:
    own, other = _sides(material)
    panels = {f"{each.name}, {each.holes:.0%} in holes": each.drawn for each in (own, other)}
    return plots.code_panels(
        panels, "Codes of the same examples", material.labels, material.dataset.class_names
    )
