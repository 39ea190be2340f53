"""What training code calls distortion and rate, compared with the definitions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_vae.measures.standard_error import standard_error

__all__ = ["RATE_FORMULAS", "ReportedTerms", "reported_terms"]

# How near a reported rate must come to a formula: a fraction of it.
TOLERANCE = 2e-3
# How near a reported distortion must come, over all batches, to be one of two.
SAME = 0.02
# How many times less than the reported rates their ratio to a formula must vary to show it.
TELLING = 10
# Relative rounding of a mean of float32 values.
ROUNDING = 1e-7
# Of a weight in the loss, as a fraction of the larger one: what is known less well is unknown.
LARGEST_ERROR = 0.01
# Values that show how they are rounded.
FEWEST_VALUES = 8

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
        leaves_out_constants: whether the reported distortion varies as -log p(x|z) without its
            constants does; the recomputed one is then without them, too.
        rate_scale, rate_scale_error: the same of the rate, by the formula that fits; NaN also
            where a recomputed rate is 0.
        rate_formula: the name in `RATE_FORMULAS` that the reported rate follows up to
            `rate_scale`; None if it follows none, or none is reported. The right formula where
            several fit equally well.
        beta: b / a where the reported loss is a * distortion + b * rate, both recomputed; NaN if
            unknown.
        distortion_weight, rate_weight: a and b where the reported loss is a * the reported
            distortion + b * the reported rate, 0 where one cannot be distinguished from 0; NaN
            where it is not such a sum, or the terms vary too little from batch to batch to tell.
        rate_error, rate_error_standard_error: mean reported - recomputed, nats, by the right
            formula, and standard error over the batches.
        rounded_to: `"float16"` or `"bfloat16"` if every reported value is a number of that
            format; None otherwise.
        rounding_step: the step between such numbers at the largest reported value.
    """

    distortion_scale: float
    distortion_scale_error: float
    leaves_out_constants: bool
    rate_scale: float
    rate_scale_error: float
    rate_formula: str | None
    beta: float
    distortion_weight: float
    rate_weight: float
    rate_error: float
    rate_error_standard_error: float
    rounded_to: str | None
    rounding_step: float


def reported_terms(
    logged: Sequence[Mapping[str, float | np.ndarray]],
    distortions: Sequence[np.ndarray],
    z_mean: Sequence[np.ndarray],
    z_log_var: Sequence[np.ndarray],
    constants: float | None = None,
    are_left_out: bool = False,
) -> ReportedTerms:
    """Compares what training code logs for some batches with what it should be.

    Args:
        logged: for each batch a dictionary with any of `"loss"`, `"distortion"`, `"rate"`, each a
            number or an array with a value for each example.
        distortions: for each batch -log p(x|z) at a draw of z, (n,), nats.
        z_mean, z_log_var: for each batch, (n, d); z_log_var is the natural log of the VARIANCE.
        constants: part of every distortion that does not depend on the model, which training
            code may leave out, nats.
        are_left_out: whether it is known to: a squared error without any sigma has none.

    Returns:
        `ReportedTerms`.
    """
    own_distortion = np.array([np.mean(batch) for batch in distortions])
    reported = {
        name: [np.asarray(batch[name], "float64") for batch in logged]
        for name in ("loss", "distortion", "rate")
        if name in logged[0]
    }
    missing = np.full(len(logged), np.nan)
    with np.errstate(invalid="ignore", over="ignore"):
        loss, distortion, rate = (
            np.array([np.mean(values) for values in reported.get(name, missing)])
            for name in ("loss", "distortion", "rate")
        )
        all_values = [np.ravel(v) for batches in reported.values() for v in batches]
        rounded_to, step = _rounding(np.concatenate(all_values or [np.empty(0)]).astype("float32"))
        left_out = 0.0
        if constants is not None:
            is_told = are_left_out or _are_left_out(constants, distortion, own_distortion)
            left_out = constants if is_told else 0.0
        own_distortion = own_distortion - left_out
        formula, own_rate, right_rate = _rate_formula(rate, z_mean, z_log_var)
        distortion_ratios = _ratios(distortion, own_distortion)
        rate_ratios = _ratios(rate, own_rate)
        # loss = w_d * distortion + w_r * rate, of the reported terms
        distortion_weight, rate_weight = _weights(loss, distortion, rate)
        distortion_scale, rate_scale = np.mean(distortion_ratios), np.mean(rate_ratios)
        beta = _ratios(rate_weight * rate_scale, distortion_weight * distortion_scale)
        return ReportedTerms(
            float(distortion_scale),
            standard_error(distortion_ratios),
            left_out != 0,
            float(rate_scale),
            standard_error(rate_ratios),
            formula,
            float(beta),
            float(distortion_weight),
            float(rate_weight),
            float(np.mean(rate - right_rate)),
            standard_error(rate - right_rate),
            rounded_to,
            step,
        )


def _are_left_out(constants: float, distortion: np.ndarray, own_distortion: np.ndarray) -> bool:
    """Whether the reported distortion is the rest, or clearly varies as the rest does."""
    rest, whole = (_ratios(distortion, own_distortion - part) for part in (constants, 0.0))
    # each side has draws of its own
    near = max(SAME, 2 * standard_error(rest))
    if abs(np.mean(rest) - 1) < near < abs(np.mean(whole) - 1):
        return True
    return 2 * _spread(rest) < _spread(whole)


def _rate_formula(
    rate: np.ndarray, z_mean: Sequence[np.ndarray], z_log_var: Sequence[np.ndarray]
) -> tuple[str | None, np.ndarray, np.ndarray]:
    """(name or None, its rates by batch, the right rates by batch) of the formula that fits.

    First at the scales that a sum and a mean over latents have, 1 and 1 / d; then at any scale,
    such as a weight that was multiplied in. The right formula has the benefit of the doubt: it
    comes first, and below 1 nat its tolerance is one of nats. At any scale a wrong one, such as
    right + d / 2, would fit rates that hardly vary; so it must explain how they do.
    """
    with np.errstate(over="ignore"):
        own = {
            name: np.array(
                [
                    np.mean(np.sum(0.5 * formula(np.float64(m), np.float64(v)), axis=1))
                    for m, v in zip(z_mean, z_log_var, strict=True)
                ]
            )
            for name, formula in RATE_FORMULAS.items()
        }
    scales = 1, 1 / np.shape(z_mean[0])[1]
    fits = []
    for name, values in own.items():
        is_wrong = name != "correct"
        ratios = _ratios(rate, values)
        if is_wrong:
            distances = [np.max(np.abs(ratios / scale - 1)) for scale in scales]
        else:
            nats = [np.abs(rate / scale - values) for scale in scales]
            distances = [np.max(each / np.maximum(values, 1)) for each in nats]
        fits.append((False, is_wrong, min(distances), name))
        spread = _spread(ratios)
        if np.mean(ratios) > 0 and (not is_wrong or TELLING * spread < _spread(rate)):
            fits.append((True, is_wrong, spread, name))
    # by rank: a plausible scale, the right formula, the smaller distance
    fitting = [fit for fit in fits if fit[2] < TOLERANCE]
    best = min(fitting)[-1] if fitting else None
    return best, own[best or "correct"], own["correct"]


def _weights(loss: np.ndarray, distortion: np.ndarray, rate: np.ndarray) -> tuple[float, float]:
    """(a, b) of loss = a * distortion + b * rate by least squares; NaN where they are unknown."""
    terms = np.stack([distortion, rate], axis=1)
    sizes = np.linalg.norm(terms, axis=0)
    if not np.isfinite([loss, distortion, rate]).all() or not sizes.all():
        return np.nan, np.nan
    weights, *_ = np.linalg.lstsq(terms, loss, rcond=None)
    left = loss - terms @ weights
    # Var(w_j) = noise^2 / (sin^2 |t_j|^2), with the sine of the angle between the terms t
    sine = np.sqrt(max(1 - np.sum(np.prod(terms / sizes, axis=1)) ** 2, ROUNDING**2))
    largest = np.max(np.abs(loss))
    noise = np.hypot(np.linalg.norm(left) / np.sqrt(max(len(loss) - 2, 1)), ROUNDING * largest)
    errors = noise / (sine * sizes)
    is_their_sum = np.max(np.abs(left)) <= TOLERANCE * largest
    if not is_their_sum or np.max(errors) > LARGEST_ERROR * np.max(np.abs(weights)):
        return np.nan, np.nan
    first, second = np.where(np.abs(weights) > 2 * errors, weights, 0)
    return first, second


def _ratios(top: Any, bottom: Any) -> Any:
    """top / bottom, NaN where bottom is 0."""
    return top / np.where(bottom == 0, np.nan, bottom)


def _spread(values: np.ndarray) -> float:
    """Relative standard deviation; infinite where it cannot be estimated."""
    mean = np.mean(values)
    return float(np.std(values) / np.abs(mean)) if np.isfinite(mean) and mean else np.inf


def _rounding(values: np.ndarray) -> tuple[str | None, float]:
    """(half precision that holds every value exactly, step between its numbers there), or
    (None, 0) where none does or the values could not tell."""
    if not np.isfinite(values).all() or len(np.unique(values[values != 0])) < FEWEST_VALUES:
        return None, 0.0
    # 7 or 10 bits after the leading one; what 7 hold, 10 hold too
    if not np.any(values.view("uint32") & 0xFFFF):
        name, bits = "bfloat16", 7
    elif np.array_equal(values.astype("float16").astype("float32"), values):
        name, bits = "float16", 10
    else:
        return None, 0.0
    return name, float(2.0 ** (np.floor(np.log2(np.max(np.abs(values)))) - bits))
