"""The kind of data -> the likelihood that it calls for, where it contradicts the one chosen."""

import numpy as np

from keras_vae.choices import COUNTS
from keras_vae.data.counts_seen import columns_seen, count_family, variance_over_mean
from keras_vae.data.levels import DTYPE_LEVELS, levels_of
from keras_vae.data.supports import are_counts

__all__ = ["DENSITIES", "misfit"]

DENSITIES = ("gaussian", "diagonal_gaussian", "log_normal", "continuous_bernoulli")
FEW_VALUES = 3  # categories at least, and no counts yet
MOST_CATEGORIES = 12
CATEGORY_EXAMPLES = 100
CLEAR_RATIO = 2.0  # of variance to mean, under a Poisson, whose z explains some of it
CLEAR_GAIN = 0.1  # nats an entry


def misfit(
    x: np.ndarray, likelihood: str, levels: int | None = None, mask: np.ndarray | None = None
) -> str | None:
    """One line that names the better likelihood and why; None where nothing speaks against it.

    Args:
        x: float32 (N, *event_shape), not binary, that the likelihood can describe.
        likelihood: its name.
        levels: of images, how many; None where reading does not know.
        mask: of the shape of x, 0 where an entry is missing; or None.
    """
    observed = x if mask is None else x[mask == 1]
    if likelihood in DENSITIES and observed.min() >= 0 and observed.max() <= 1:
        levels = levels or levels_of(observed)
        if levels is not None:
            return (
                f"all values are of {levels} levels and the {likelihood} likelihood is a density: "
                f"its elbo can grow without limit and is no log of a probability. Use --likelihood "
                f"discretized_logistic, whose bits per dimension compare"
            )
    seen = columns_seen(x, mask)
    if are_counts(observed):
        return _of_whole_numbers(seen, likelihood, x.ndim > 2)
    if likelihood in ("gaussian", "diagonal_gaussian") and observed.min() > 0:
        gain = _gain_of_log(seen)
        if gain > CLEAR_GAIN:
            return (
                f"all values are above 0 and skewed: without z, the likelihood log_normal is "
                f"{gain:.2g} nats an entry better than a Gaussian for each entry. Use --likelihood "
                f"log_normal; both are densities of x and compare"
            )
    return None


def _of_whole_numbers(x: np.ndarray, likelihood: str, is_image: bool) -> str | None:
    """Levels that were not divided, categories, counts: in this order, the clearest first."""
    values = np.unique(x[~np.isnan(x)])
    low, high = values[[0, -1]]
    if len(values) < FEW_VALUES:
        return None
    last = {levels - 1 for levels in DTYPE_LEVELS.values()}
    if is_image and low == 0 and high in last:
        dtype = next(dtype for dtype, levels in DTYPE_LEVELS.items() if levels - 1 == high)
        return (
            f"whole numbers from 0 to {high:.0f}: if they are levels of images, store them as "
            f"{dtype}, which is divided when it is read, and use --likelihood discretized_logistic"
        )
    share = _share_of_largest(x) if high < MOST_CATEGORIES + low and low <= 1 else None
    if share is not None:
        return (
            f"{len(values)} whole numbers from {low:.0f} to {high:.0f}, of which the largest is "
            f"{share:.2g} times as common as if all were equally so: these look like categories or "
            f"grades and not like a {likelihood} likelihood. Write a .csv and --columns that says "
            f"categorical or ordinal; in Python kv.distributions.Categorical"
        )
    if len(values) <= FEW_VALUES:
        return None
    if likelihood == "poisson":
        ratio, chance = variance_over_mean(x)
        if ratio <= max(CLEAR_RATIO, 1 + chance):
            return None
    found = count_family(x)
    if found is None:
        return None
    # each of the families has those before it among its limits
    if likelihood in COUNTS and COUNTS.index(found[0]) <= COUNTS.index(likelihood):
        return None
    against = f"the {likelihood} likelihood is a density, whose nats do not compare with theirs"
    if likelihood in COUNTS:
        against = f"z has to explain what {likelihood} does not"
    return f"all values are counts, {found[1]}, and {against}. Use --likelihood {found[0]}"


def _share_of_largest(x: np.ndarray) -> float | None:
    """How common the largest value of an entry is, as a multiple of what it were if all were
    equally common: the median entry; None where it is rare, as the largest of counts is."""
    if len(x) < CATEGORY_EXAMPLES:
        return None
    highest, lowest = np.nanmax(x, axis=0), np.nanmin(x, axis=0)
    share = np.sum(x == highest, axis=0) / np.sum(~np.isnan(x), axis=0)
    several = highest > lowest + 1
    if not several.any():
        return None
    multiple = float(np.median((share * (highest - lowest + 1))[several]))
    return multiple if multiple >= 0.5 else None


def _gain_of_log(x: np.ndarray) -> float:
    """E log p(x) of a log-normal less that of a Gaussian, each with its best mean and variance of
    each entry: nats an entry."""
    x = x[:, np.nanmax(x, axis=0) > np.nanmin(x, axis=0)].astype("float64")
    if not x.size:
        return 0.0
    log_x = np.log(x)
    # 1/2 log var(x) - 1/2 log var(log x) - E log x: the Jacobian of the logarithm is the last
    of_entries = np.log(np.nanvar(x, axis=0)) - np.log(np.nanvar(log_x, axis=0))
    return float(np.mean(of_entries / 2 - np.nanmean(log_x, axis=0)))
