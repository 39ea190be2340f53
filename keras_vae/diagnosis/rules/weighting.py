"""Is the weight of the rate against the distortion right?"""

import numpy as np

from keras_vae.diagnosis.advice import shorter_warmup, unless_in_use
from keras_vae.diagnosis.finding import ERROR, WARNING, Evidence, Finding, finding
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.measures import ImpliedBeta

__all__ = [
    "kl_overweighted",
    "kl_underweighted",
    "warmup_unfinished",
    "warmup_will_not_end",
]

OVER, UNDER = 1.4, 0.7


def warmup_unfinished(m: Measurements) -> Finding | None:
    betas = m.subject.history.get("beta")
    if not betas or m.subject.beta == 0:
        return None
    if len(betas) > 1 and betas[-1] <= betas[0]:  # no warm-up
        return None
    return finding(
        "warmup_unfinished",
        ERROR,
        Evidence(
            "last beta of training over its final value as planned",
            float(betas[-1]) / m.subject.beta,
            0.98,
            is_above=False,
        ),
        *_warmup(m),
    )


def _warmup(m: Measurements) -> tuple[str, str, str]:
    """Cause, remedy, and what is healthy."""
    return (
        "Training ends while the weight of the rate is still rising: the loss at the end is not "
        "-ELBO.",
        f"Let the warm-up end well before training does: {shorter_warmup(m.subject.options)} (a "
        f"fraction of training); choose checkpoints after it only.",
        "beta reaches its value, and training continues long after that.",
    )


def warmup_will_not_end(m: Measurements, epochs: int) -> Finding | None:
    """The same, foreseen: beta rises too slowly to reach its value in the planned epochs."""
    betas = m.subject.history.get("beta", [])
    if len(betas) < 2 or m.subject.beta == 0 or betas[-1] <= betas[-2]:
        return None
    at_the_end = betas[-1] + (betas[-1] - betas[-2]) * (epochs - len(betas))
    return finding(
        "warmup_unfinished",
        ERROR,
        Evidence(
            f"beta after {epochs} epochs at its present rise, over its final value as planned",
            float(at_the_end) / m.subject.beta,
            0.98,
            is_above=False,
        ),
        *_warmup(m),
    )


def _severity(m: Measurements) -> str:
    """An intended or logged weight is a warning, an unknown one an error."""
    betas = m.subject.history.get("beta", [1.0])
    return ERROR if m.subject.beta == betas[-1] == 1 else WARNING


def _likely_code(m: Measurements, beta: float) -> str:
    """Which mistake gives such a weight, in words; nothing if none does."""
    if beta <= 0:
        return ""
    n, d = m.entries, m.latents
    for weight, words in (
        (n, f"{n} is the number of entries: as if the reconstruction were averaged over them"),
        (n / d, f"{n / d:.3g} = {n} entries / {d} latents: as if both terms were averaged"),
        (1 / d, f"1 / {d} latents: as if the KL were averaged over them"),
    ):
        if weight != 1 and abs(np.log(beta / weight)) < 0.15:
            return f" ({words})"
    return ""


def _implied(beta: ImpliedBeta, threshold: float, is_above: bool) -> Evidence:
    return Evidence(
        "implied beta: the KL weight for which these posteriors are optimal",
        beta.beta,
        threshold,
        beta.standard_error,
        is_above,
        settle="more examples, or training until the loss has settled",
    )


def kl_overweighted(m: Measurements) -> Finding | None:
    beta = m.settled_beta  # where it is not settled, training.encoder_unsettled says so
    if beta is None:
        return None
    evidence = _implied(beta, OVER, is_above=True)
    if evidence.is_beyond is False or not m.answers_to_a_weight:
        return None
    words = _likely_code(m, beta.beta)
    return finding(
        "kl_overweighted",
        _severity(m),
        evidence,
        f"The KL term weighs {beta.beta:.3g} times as much as in the ELBO{words}: useful latents "
        "are given up, and reconstructions are blurred.",
        _remedy_of_overweight(m, beta.beta),
        "Implied beta 1 within its error.",
    )


def _remedy_of_overweight(m: Measurements, beta: float) -> str:
    if m.leaves_sigma_open:
        return (
            "Divide the squared errors by a learnt sigma: sum((x - mean)**2) / (2 sigma**2) + n "
            "log(sigma), as kvae fit --likelihood gaussian does; with the KL summed and beta 1."
        )
    return (
        f"{_weight_of_one(m)}divide the KL term by {beta:.3g}: sum log p(x|z) over entries and the "
        f"KL over latents, and average both over the batch only."
    )


def _weight_of_one(m: Measurements) -> str:
    """How a remedy begins that sets the weight of the rate."""
    words = "kvae fit --beta 1; in your own loss, "
    return unless_in_use(m.subject.options, "beta", 1, words) or "In the code of the loss, "


def _inverse(beta: float) -> str:
    return f"{1 / beta:.3g}" if beta > 0 else "a large number"


def kl_underweighted(m: Measurements) -> Finding | None:
    beta = m.settled_beta  # where it is not settled, training.encoder_unsettled says so
    if beta is None or m.has_no_rate:  # a rate that weighs too little is never near 0
        return None
    evidence = _implied(beta, UNDER, is_above=False)
    if evidence.is_beyond is False or not m.answers_to_a_weight:
        return None
    words = _likely_code(m, beta.beta)
    return finding(
        "kl_underweighted",
        _severity(m),
        evidence,
        f"The KL term weighs {beta.beta:.3g} times as much as in the ELBO{words}: reconstructions "
        "are good, but codes fill a region that the prior does not, and samples are bad.",
        f"{_weight_of_one(m)}multiply the KL term by {_inverse(beta.beta)}: sum log p(x|z) over "
        f"entries and the KL over latents, and average both over the batch only.",
        "Implied beta 1 within its error.",
    )
