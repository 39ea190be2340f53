"""Is the decoder's sigma as large as its errors?"""

import numpy as np

from keras_vae.diagnosis.advice import longer_training, raised_learning_rate
from keras_vae.diagnosis.finding import ERROR, Evidence, Finding, finding
from keras_vae.diagnosis.measurements import Measurements

__all__ = ["decoded_variance_at_floor", "sigma_too_large", "sigma_too_small"]

# Mean squared error / sigma^2 below which sigma is too large, and above which it is too small.
LARGE, SMALL = 0.7, 1.4


def _ratio(m: Measurements) -> tuple[float, float] | None:
    """`variance_ratio` with a sigma that was not fitted here; None where there is not one."""
    return None if m.leaves_sigma_open else m.variance_ratio


def _remedy(m: Measurements, best: float) -> str:
    options = m.subject.options
    if not best:
        return (
            "Set sigma to the precision of the data: the errors are exactly 0, so no sigma is the "
            "best, and the ELBO rises without limit."
        )
    if not options:
        return f"Learn sigma (as kvae fit --likelihood gaussian does), or set it to {best:.3g}."
    return (
        f"Train until sigma has settled ({longer_training(options)}){raised_learning_rate(options)}"
        f"; or set it to {best:.3g}."
    )


def sigma_too_large(m: Measurements) -> Finding | None:
    """Errors smaller than sigma: a bad encoder cannot cause that."""
    measured = _ratio(m)
    if measured is None:
        return None
    ratio, error = measured
    best = m.sigma * np.sqrt(ratio)
    implied_beta = 1 / ratio if ratio else np.inf
    return finding(
        "sigma_too_large",
        ERROR,
        Evidence("mean squared error / sigma^2", ratio, LARGE, error, is_above=False),
        f"The decoder's sigma is {m.sigma:.3g}, but its errors are {best:.3g}, so the "
        f"reconstruction counts too little: the same as beta = {implied_beta:.3g} with the right "
        "sigma. Samples are blurred, and latents are left unused.",
        _remedy(m, best),
        HEALTHY,
    )


def sigma_too_small(m: Measurements) -> Finding | None:
    """Errors larger than sigma, at codes that are as good as they can be."""
    measured = _ratio(m)
    if measured is None:
        return None
    m.check_elbo()  # an IWAE's codes, which are drawn more widely, say nothing
    ratio, error = measured
    best = m.sigma * np.sqrt(ratio)
    evidence = [Evidence("mean squared error / sigma^2", ratio, SMALL, error)]
    if evidence[0].is_beyond is not False and m.searched_variance_ratio is not None:
        searched, error = m.searched_variance_ratio
        # if better codes remove more than half of the ratio, in logs, the errors are the encoder's
        threshold = max(SMALL, np.sqrt(ratio))
        evidence.append(
            Evidence("the same at the codes searched for each example", searched, threshold, error)
        )
    return finding(
        "sigma_too_small",
        ERROR,
        tuple(evidence),
        f"The decoder's sigma is {m.sigma:.3g}, but its errors are {best:.3g}, so the "
        f"reconstruction counts too much: the same as beta = {1 / ratio:.3g} with the right sigma. "
        "Reconstructions are good, but samples are bad.",
        _remedy(m, best),
        HEALTHY,
    )


HEALTHY = "Mean squared error / sigma^2 = 1: sigma is as large as the errors."


def decoded_variance_at_floor(m: Measurements) -> Finding | None:
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
        "The decoder outputs a variance for each entry and lets it go to 0 where entries never "
        "change: log p(x|z) grows without limit there and says nothing about the rest.",
        "One learned sigma for all entries (kvae fit --likelihood gaussian), or a floor: "
        "log_var = max(log_var, 2 * log(1 / 256)).",
        "Decoded sigmas stay above the step between two levels of the data.",
    )
