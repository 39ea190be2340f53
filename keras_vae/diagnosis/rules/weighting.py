"""What does the rate weigh against the distortion?"""

import numpy as np

from keras_vae.diagnosis.finding import ERROR, WARNING, Evidence, finding

__all__ = [
    "decoded_variance_at_floor",
    "kl_overweighted",
    "kl_underweighted",
    "sigma_too_large",
    "sigma_too_small",
    "warmup_unfinished",
    "warmup_will_not_end",
]

OVER, UNDER = 1.4, 0.7
SETTLE_BETA = "more examples, or training until the loss has settled"


def warmup_unfinished(m):
    betas = m.subject.history.get("beta")
    if not betas or m.subject.beta == 0:
        return None
    if len(betas) > 1 and betas[-1] <= betas[0]:  # no warm-up
        return None
    return finding(
        "warmup_unfinished",
        ERROR,
        Evidence(
            "last beta of training over the beta that it was to reach",
            float(betas[-1]) / m.subject.beta,
            0.98,
            is_above=False,
        ),
        *_WARMUP,
    )


_WARMUP = (
    "Training ends while the weight of the rate is still rising: what is minimised last is not the "
    "ELBO.",
    "Let the warm-up end well before training does: kvae fit --warmup 0.2 (a fraction of "
    "training); choose checkpoints after it only.",
    "beta reaches its value, and training goes on for a good while.",
)


def warmup_will_not_end(m, epochs):
    """The same, foreseen: beta rises too slowly to get there in the epochs that are planned."""
    betas = m.subject.history.get("beta", [])
    if len(betas) < 2 or m.subject.beta == 0 or betas[-1] <= betas[-2]:
        return None
    at_the_end = betas[-1] + (betas[-1] - betas[-2]) * (epochs - len(betas))
    return finding(
        "warmup_unfinished",
        ERROR,
        Evidence(
            f"beta after {epochs} epochs, going on as it rises, over the beta that it is to reach",
            float(at_the_end) / m.subject.beta,
            0.98,
            is_above=False,
        ),
        *_WARMUP,
    )


def _severity(m):
    """What was asked for, or logged, is a warning; what nobody knows of an error."""
    betas = m.subject.history.get("beta", [1.0])
    return ERROR if m.subject.beta == betas[-1] == 1 else WARNING


def _likely_code(m, beta):
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


def kl_overweighted(m):
    beta = m.settled_beta  # where it is not settled, training.encoder_unsettled says so
    if beta is None:
        return None
    words = _likely_code(m, beta.beta)
    return finding(
        "kl_overweighted",
        _severity(m),
        Evidence(
            "implied beta: the weight of the rate that the posteriors answer to",
            beta.beta,
            OVER,
            beta.standard_error,
            settle=SETTLE_BETA,
        ),
        f"The rate weighs {beta.beta:.3g} times what it does in the ELBO{words}: latents are given "
        f"up that would pay for themselves, and reconstructions are blurred.",
        _remedy_of_overweight(m, beta.beta),
        "Implied beta 1 within its error.",
    )


def _remedy_of_overweight(m, beta):
    if getattr(m.subject.likelihood, "sigma", 1) is None:
        return (
            "Give the squared errors their sigma, learnt: sum((x - mean)**2) / (2 sigma**2) + n "
            "log(sigma), as kvae fit --likelihood gaussian does; with the KL summed and beta 1."
        )
    return (
        f"kvae fit --beta 1; in your own loss, divide the KL term by {beta:.3g}: sum log p(x|z) "
        f"over entries and the KL over latents, and average both over the batch only."
    )


def _inverse(beta):
    return f"{1 / beta:.3g}" if beta > 0 else "a large number"


def kl_underweighted(m):
    beta = m.settled_beta  # where it is not settled, training.encoder_unsettled says so
    if beta is None or m.has_no_rate:  # a rate that weighs too little is never near 0
        return None
    words = _likely_code(m, beta.beta)
    return finding(
        "kl_underweighted",
        _severity(m),
        Evidence(
            "implied beta: the weight of the rate that the posteriors answer to",
            beta.beta,
            UNDER,
            beta.standard_error,
            is_above=False,
            settle=SETTLE_BETA,
        ),
        f"The rate weighs {beta.beta:.3g} times what it does in the ELBO{words}: reconstructions "
        f"are good, but codes fill a region that the prior does not, and samples are bad.",
        f"kvae fit --beta 1; in your own loss, multiply the KL term by {_inverse(beta.beta)}: sum "
        f"log p(x|z) over entries and the KL over latents, and average both over the batch only.",
        "Implied beta 1 within its error.",
    )


def _tells_of_sigma(m):
    """Whether errors speak of sigma: one that was not fitted here, and z that the encoder has
    settled on; an IWAE's, which are drawn more widely, say nothing."""
    is_given = m.variance_ratio is not None and m.subject.likelihood.sigma is not None
    return is_given and m.subject.objective == "elbo" and not m.is_unsettled


def _remedy_of_sigma(best):
    return (
        f"Learn sigma, and train until it has settled (kvae fit --likelihood gaussian, with more "
        f"--epochs or a larger --learning-rate), or set it to {best:.3g}."
    )


def sigma_too_large(m):
    if not _tells_of_sigma(m):
        return None
    ratio, error = m.variance_ratio
    best = m.likelihood.sigma * np.sqrt(ratio)
    return finding(
        "sigma_too_large",
        ERROR,
        Evidence("mean squared error / sigma^2", ratio, 0.7, error, is_above=False),
        f"The decoder claims errors of {m.likelihood.sigma:.3g} and makes errors of {best:.3g}, so "
        f"the reconstruction counts too little: the same as beta = {1 / ratio:.3g} with the right "
        f"sigma. Samples are blurred, latents are given up.",
        _remedy_of_sigma(best),
        "Mean squared error / sigma^2 = 1: the decoder knows how wrong it is.",
    )


def sigma_too_small(m):
    if not _tells_of_sigma(m):
        return None
    ratio, error = m.variance_ratio
    best = m.likelihood.sigma * np.sqrt(ratio)
    return finding(
        "sigma_too_small",
        ERROR,
        Evidence("mean squared error / sigma^2", ratio, 1.4, error),
        f"The decoder claims errors of {m.likelihood.sigma:.3g} and makes errors of {best:.3g}, so "
        f"the reconstruction counts too much: the same as beta = {1 / ratio:.3g} with the right "
        f"sigma. Reconstructions are good, samples are bad.",
        _remedy_of_sigma(best),
        "Mean squared error / sigma^2 = 1: the decoder knows how wrong it is.",
    )


def decoded_variance_at_floor(m):
    if m.smallest_sigmas is None:
        return None
    fraction, floor = m.smallest_sigmas
    return finding(
        "decoded_variance_at_floor",
        ERROR,
        Evidence(
            f"fraction of entries with a decoded sigma below {floor:.3g}, a 256th of the range",
            fraction,
            0.05,
        ),
        "The decoder puts out a variance for each entry and lets it go to 0 where entries never "
        "change: log p(x|z) grows without limit there and says nothing about the rest.",
        "One learned sigma for all entries (kvae fit --likelihood gaussian), or a floor: "
        "log_var = max(log_var, 2 * log(1 / 256)).",
        "Decoded sigmas stay above the step between two levels of the data.",
    )
