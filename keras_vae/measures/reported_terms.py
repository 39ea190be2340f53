"""What training code calls distortion and rate, held against the definitions."""

from dataclasses import dataclass

import numpy as np

from keras_vae.measures.standard_error import standard_error

__all__ = ["RATE_FORMULAS", "ReportedTerms", "reported_terms"]

# Nats or a fraction of the rate: how near a reported rate must come to a formula.
TOLERANCE = 2e-3

# 1/2 sum_j var_j + mean_j^2 - 1 - log var_j, m = mean, l = log var, and how it goes wrong.
RATE_FORMULAS = {
    "correct": lambda m, v: np.exp(v) + m**2 - 1 - v,
    "the -1 is missing": lambda m, v: np.exp(v) + m**2 - v,
    "the log variance has the wrong sign": lambda m, v: np.exp(v) + m**2 - 1 + v,
    "the mean is not squared": lambda m, v: np.exp(v) + m - 1 - v,
    "the mean is left out": lambda m, v: np.exp(v) - 1 - v,
    "the log variance is read as a log standard deviation": (
        lambda m, v: np.exp(2 * v) + m**2 - 1 - 2 * v
    ),
    "the log variance is read as a variance": (
        lambda m, v: np.abs(v) + m**2 - 1 - np.log(np.maximum(np.abs(v), 1e-12))
    ),
    "the log variance is read as a standard deviation": (
        lambda m, v: v**2 + m**2 - 1 - np.log(np.maximum(v**2, 1e-12))
    ),
    "the sign is reversed": lambda m, v: -(np.exp(v) + m**2 - 1 - v),
}


@dataclass(frozen=True)
class ReportedTerms:
    """Reported terms over recomputed ones: 1 where they are sums over entries and latents and
    means over examples.

    Attributes:
        distortion_scale, distortion_scale_error: reported / recomputed, and standard error over
            the batches; NaN if none is reported.
        rate_scale, rate_scale_error: the same of the rate, by the formula that fits.
        rate_formula: the name in `RATE_FORMULAS` that the reported rate follows up to
            `rate_scale`; None if it follows none, or none is reported.
        beta: b / a where the reported loss is a * distortion + b * rate, both recomputed; NaN if
            unknown.
        distortion_weight, rate_weight: a and b where the reported loss is a * the reported
            distortion + b * the reported rate; NaN where it is no such sum.
        rate_error, rate_error_standard_error: mean reported - recomputed, nats, by the right
            formula, and standard error over the batches.
        lowest_rate: the lowest reported rate, nats; NaN if none is reported.
        rounded_to: `"float16"` or `"bfloat16"` if every reported value is a number of that
            format; None otherwise.
        rounding_step: the step between such numbers at the largest reported value.
    """

    distortion_scale: float
    distortion_scale_error: float
    rate_scale: float
    rate_scale_error: float
    rate_formula: str | None
    beta: float
    distortion_weight: float
    rate_weight: float
    rate_error: float
    rate_error_standard_error: float
    lowest_rate: float
    rounded_to: str | None
    rounding_step: float


def reported_terms(logged, distortions, z_mean, z_log_var, constants=None):
    """Holds what training code logs for some batches against what it should be.

    Args:
        logged: for each batch a dictionary with any of `"loss"`, `"distortion"`, `"rate"`, each a
            number or an array with a value for each example.
        distortions: for each batch -log p(x|z) at a draw of z, (n,), nats.
        z_mean, z_log_var: for each batch, (n, d); z_log_var is the natural log of the VARIANCE.
        constants: part of every distortion that does not depend on the model, which training
            code may leave out, nats.

    Returns:
        `ReportedTerms`.
    """
    own_distortion = np.array([np.mean(batch) for batch in distortions])
    reported = {
        name: np.array([np.mean(batch[name], dtype="float64") for batch in logged])
        for name in ("loss", "distortion", "rate")
        if name in logged[0]
    }
    missing = np.full(len(logged), np.nan)
    distortion, rate, loss = (
        reported.get(name, missing) for name in ("distortion", "rate", "loss")
    )
    if constants is not None and _spread(distortion / (own_distortion - constants)) < _spread(
        distortion / own_distortion
    ):
        own_distortion = own_distortion - constants
    formula, own_rate, right_rate = _rate_formula(rate, z_mean, z_log_var)
    distortion_scale, rate_scale = distortion / own_distortion, rate / own_rate
    # loss = w_d * distortion + w_r * rate, of the reported terms
    weights = _weights(loss, distortion, rate)
    scales = np.mean(distortion_scale), np.mean(rate_scale)
    values = np.concatenate([np.ravel(batch[name]) for batch in logged for name in reported])
    rounded_to, step = _rounding(values.astype("float32"))
    return ReportedTerms(
        float(scales[0]),
        standard_error(distortion_scale),
        float(scales[1]),
        standard_error(rate_scale),
        formula,
        float(weights[1] * scales[1] / (weights[0] * scales[0])) if weights[0] else np.nan,
        *map(float, weights),
        float(np.mean(rate - right_rate)),
        standard_error(rate - right_rate),
        float(min(np.min(batch.get("rate", np.nan)) for batch in logged)),
        rounded_to,
        step,
    )


def _rate_formula(rate, z_mean, z_log_var):
    """(name, its rates by batch, the right rates by batch) of the formula that fits best."""
    fits = {}
    with np.errstate(all="ignore"):
        for name, formula in RATE_FORMULAS.items():
            values = np.array(
                [
                    np.mean(np.sum(0.5 * formula(np.float64(m), np.float64(v)), axis=1))
                    for m, v in zip(z_mean, z_log_var, strict=True)
                ]
            )
            fits[name] = values, _spread(rate / values)
    name = min(fits, key=lambda name: fits[name][1] + (name != "correct") * TOLERANCE)
    right = fits["correct"][0]
    fits_well = fits[name][1] < TOLERANCE
    return (name, fits[name][0], right) if fits_well else (None, right, right)


def _weights(loss, distortion, rate):
    if not np.isfinite([loss, distortion, rate]).all():
        return np.nan, np.nan
    terms = np.stack([distortion, rate], axis=1)
    weights, *_ = np.linalg.lstsq(terms, loss, rcond=None)
    is_their_sum = np.allclose(terms @ weights, loss, rtol=1e-3, atol=1e-6)
    return weights if is_their_sum else (np.nan, np.nan)


def _spread(ratios):
    """Relative standard deviation; infinite where it cannot be told."""
    if not np.isfinite(ratios).all():
        return np.inf
    return float(np.std(ratios) / np.abs(np.mean(ratios))) if np.mean(ratios) else np.inf


def _rounding(values):
    """(half precision that holds every value exactly, step between its numbers there), or
    (None, 0) where none does or the values could not tell."""
    if len(values) < 16 or not np.isfinite(values).all():
        return None, 0.0
    with np.errstate(over="ignore"):
        is_float16 = np.array_equal(values.astype("float16").astype("float32"), values)
    is_bfloat16 = not np.any(values.view("uint32") & 0xFFFF)
    largest = float(np.max(np.abs(values)))
    # 10 or 7 bits after the leading one
    bits = 10 if is_float16 else 7
    step = 2.0 ** (np.floor(np.log2(largest)) - bits) if largest else 0.0
    if is_float16 or is_bfloat16:
        return ("float16" if is_float16 else "bfloat16"), step
    return None, 0.0
