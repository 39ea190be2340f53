"""Which family counts call for, by mean, variance and zeros of each entry."""

import numpy as np

__all__ = ["columns_seen", "count_family", "variance_over_mean"]

# Values that are looked at, and at least as many examples.
SEEN_VALUES, LEAST_SEEN = 2**22, 200

LEAST_RATIO = 0.5  # of variance to mean: below it whole numbers are hardly counts
POISSON_RATIO = 1.5
MORE_ZEROS = 0.1  # of all values, beyond what a negative binomial explains
STANDARD_ERRORS = 4


def columns_seen(x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """The first examples as (n, D), without entries that none of them has, NaN where missing.

    Args:
        x: (N, ...).
        mask: of its shape, 0 where an entry is missing; or None.
    """
    first = max(LEAST_SEEN, SEEN_VALUES // x[0].size)
    seen = x[:first].reshape(len(x[:first]), -1)
    if mask is None:
        return seen
    is_there = mask[:first].reshape(seen.shape) == 1
    return np.where(is_there, seen, np.nan)[:, is_there.any(axis=0)]


def variance_over_mean(x: np.ndarray) -> tuple[float, float]:
    """(variance over mean of the counts of an entry, by how much chance moves it for a Poisson).

    Args:
        x: (N, D), NaN where it is missing.
    """
    mean, variance, count = _moments(x)
    total = max(float(mean.sum()), 1e-30)
    # Var(s^2) = (2 mean^2 + mean) / N, about, of a Poisson
    error = np.sqrt(((2 * mean**2 + mean) / count).sum()) / total
    return float(variance.sum()) / total, STANDARD_ERRORS * float(error)


def count_family(x: np.ndarray) -> tuple[str, str] | None:
    """(name of the family, the reason) for counts; None where they vary too little for one.

    Args:
        x: (N, D), NaN where it is missing.
    """
    ratio, chance = variance_over_mean(x)
    reason = f"their variance is {ratio:.2g} times their mean"
    if ratio < min(LEAST_RATIO, 1 - chance):
        return None
    if ratio <= max(POISSON_RATIO, 1 + chance):
        return "poisson", f"{reason}, near 1"
    zeros, explained = float(np.mean(x[~np.isnan(x)] == 0)), _zeros_of_negative_binomial(x)
    if zeros > explained + MORE_ZEROS:
        return "zero_inflated_negative_binomial", (
            f"{reason}, and {zeros:.0%} are 0, where a negative binomial has {explained:.0%}"
        )
    return "negative_binomial", f"{reason}, not 1"


def _zeros_of_negative_binomial(x: np.ndarray) -> float:
    """The share of zeros that a negative binomial of each entry's mean and variance has."""
    mean, variance, count = _moments(x)
    mean = np.maximum(mean, 1e-30)
    # variance = mean + mean^2 / r;  p(0) = (r / (r + mean))^r, which is exp(-mean) for large r
    r = mean**2 / np.maximum(variance - mean, 1e-6 * mean)
    return float(np.average(np.exp(-r * np.log1p(mean / r)), weights=count))


def _moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(mean, variance, number) of what was observed of each entry that has at least two."""
    is_there = ~np.isnan(x)
    enough = is_there.sum(axis=0) > 1
    x, count = x[:, enough].astype("float64"), is_there.sum(axis=0)[enough]
    return np.nanmean(x, axis=0), np.nanvar(x, axis=0, ddof=1), count
