"""What the data allow: does the likelihood contradict them? Asked before training."""

from typing import TYPE_CHECKING

import numpy as np

from keras_vae.choices import COUNTS, LIKELIHOODS
from keras_vae.data.defaults import default_likelihood
from keras_vae.data.examples import Dataset
from keras_vae.data.levels import levels_of
from keras_vae.data.misfits import DENSITIES, misfit
from keras_vae.data.protocol import BLOCK, is_binary
from keras_vae.data.supports import refuse_outside
from keras_vae.data.tables.column import LEVELS
from keras_vae.errors import DataError, check_name

if TYPE_CHECKING:
    from keras_vae.data.tables import Schema

__all__ = ["audit", "audit_dataset"]

# A few stray gray pixels do not make binary data gray.
GRAY_FRACTION = 0.01
LARGE_VALUE = 100.0
SMALL_SPREAD = 0.01
# Of the widest entry, below which most others count for nothing beside it.
NARROW = 0.01
# Examples by whose quartiles entries are compared.
QUARTILE_EXAMPLES = 1000


def audit(
    x: np.ndarray,
    likelihood: str,
    binarization: str,
    mask: np.ndarray | None = None,
    levels: int | None = None,
) -> list[str]:
    """Checks the data against the likelihood and the protocol.

    Args:
        x: float32 (N, *event_shape), before binarisation.
        likelihood: one of `keras_vae.LIKELIHOODS`.
        binarization: `"dynamic"`, `"static"`, `"threshold"` or `"none"`.
        mask: of the shape of x, 0 where an entry is missing and does not count; None: nowhere.
        levels: of images, how many, where reading knows; else None.

    Returns:
        List of warnings, one line each: reason, then choices.

    Raises:
        DataError: if the data lie outside what the likelihood, or the binarisation, can
            describe.
    """
    check_name("likelihood", likelihood, LIKELIHOODS)
    if likelihood == "columns":  # its schema says what each column may hold, and checked it
        return []
    observed = x if mask is None else x[mask == 1]
    low, high = float(observed.min()), float(observed.max())
    is_inside = low >= 0 and high <= 1
    if binarization != "none" and not is_inside:
        refuse_outside(x, likelihood, levels, mask)  # says more, of a likelihood of [0, 1]
        raise DataError(
            f"--binarize {binarization} reads values as probabilities in [0, 1], the data lie in "
            f"[{low:g}, {high:g}]: scale them, or use --binarize none"
        )
    if binarization == "none":
        refuse_outside(x, likelihood, levels, mask)
    else:
        refuse_outside(np.array([[0], [1]], "float32"), likelihood)
    is_binary_now = binarization != "none" or is_binary(observed)
    warnings = []
    if _is_gray_thrice(x):
        warnings.append(
            "the three channels of every example are equal: each pixel counts three times in every "
            "figure. Use --gray for a folder of images; of an array keep x[..., :1]"
        )
    better = None if is_binary_now else misfit(x, likelihood, levels, mask)
    if likelihood == "bernoulli" and not is_binary_now:
        gray = np.mean((observed > 0) & (observed < 1))
        if gray > GRAY_FRACTION:
            warnings.append(
                f"{gray:.0%} of the values are neither 0 nor 1: a Bernoulli likelihood gives such "
                f"data no probability, and its 'elbo' is not a bound on any log p(x). Use "
                f"--binarize dynamic, or --likelihood {_of_gray(levels or levels_of(observed))}"
            )
    if likelihood != "bernoulli" and is_binary_now:
        what = "gives probability to more than 0 and 1: its elbo"
        if likelihood in DENSITIES:
            what = "is a density: its elbo can grow without limit and"
        warnings.append(
            f"the data are binary and the {likelihood} likelihood {what} cannot be compared with "
            "that of a binary model. Use --likelihood bernoulli"
            + ("" if binarization == "none" else ", or --binarize none")
        )
    elif better is not None:
        warnings.append(better)
    elif likelihood == "continuous_bernoulli":
        is_there = True if mask is None else mask == 1
        lowest = x.min(axis=0, initial=np.inf, where=is_there)
        highest = x.max(axis=0, initial=-np.inf, where=is_there)
        edges = np.count_nonzero((lowest == highest) & ((lowest == 0) | (lowest == 1)))
        if edges:
            warnings.append(
                f"{edges} of {x[0].size} entries are exactly 0, or exactly 1, in every example: "
                f"the continuous Bernoulli density has no upper limit there, so its elbo grows as "
                f"long as training goes on. Add noise to the data (8-bit images: (x + u) / 256, u "
                f"uniform in [0, 1)), or use --likelihood bernoulli --binarize dynamic"
            )
    # counts and what is to be logged lose their meaning when they are standardised
    may_standardise = better is None and likelihood not in (*COUNTS, "log_normal")
    if may_standardise and max(abs(low), abs(high)) > LARGE_VALUE:
        warnings.append(
            f"values reach {max(low, high, key=abs):g}: networks train badly on such a scale. "
            f"Standardise the data to mean 0 and standard deviation 1"
        )
    return warnings + (_about_one_sigma(x, mask) if likelihood == "gaussian" else [])


def _of_gray(levels: int | None) -> str:
    return "continuous_bernoulli or gaussian" if levels is None else "discretized_logistic"


def _about_one_sigma(x: np.ndarray, mask: np.ndarray | None) -> list[str]:
    """What speaks against a decoder that begins with outputs of order 1, and against one sigma."""
    var, percentile = np.var, np.percentile
    if mask is not None:  # of the observed values of each entry that has any among those looked at
        var, percentile = np.nanvar, np.nanpercentile
        x = np.where(mask == 1, x, np.nan)[:, mask[:QUARTILE_EXAMPLES].any(axis=0)]
    spread = float(np.sqrt(np.mean(var(x, axis=0, dtype="float64"))))
    if 0 < spread < SMALL_SPREAD:
        return [
            f"the standard deviation of an entry is {spread:.2g}: the first outputs of a decoder "
            "are far larger, and training must shrink them first. Standardise the data to mean 0 "
            "and standard deviation 1"
        ]
    # By quartiles: the standard deviations of heavy tails differ by chance.
    x = x[:QUARTILE_EXAMPLES]
    low, high = percentile(x, (25, 75), axis=0)
    widths = (high - low)[high > low]
    # Clear of two standard errors of a ratio of quartile ranges, of normal data 1.6 / sqrt(N) each.
    narrow = NARROW * np.exp(-3.3 / np.sqrt(len(x)))
    if widths.size and np.median(widths) < narrow * widths.max():
        return [
            "most entries have less than a hundredth of the spread of the widest entry (quartiles "
            f"{np.median(widths):.2g} and {widths.max():.2g} apart): a Gaussian with one sigma for "
            "all models the widest only. Use --likelihood diagonal_gaussian, or standardise each "
            "entry with mean and standard deviation of the training examples"
        ]
    return []


def _is_gray_thrice(x: np.ndarray) -> bool:
    """Whether x is images of three channels that are all the same."""
    if x.ndim != 4 or x.shape[3] != 3:
        return False
    blocks = (x[first : first + BLOCK] for first in range(0, len(x), BLOCK))
    return all((block == block[..., :1]).all() for block in blocks)


def audit_dataset(dataset: Dataset, likelihood: str | None) -> list[str]:
    """`audit` of every split by its own protocol; the warnings are those of the training split.

    Args:
        dataset: `Dataset`.
        likelihood: as `Config.likelihood`.

    Raises:
        DataError: as `audit`, with the name of the split.
    """
    warnings, likelihood = {}, likelihood or default_likelihood(dataset)
    of_codes = _about_codes(dataset.schema, likelihood)
    for name, examples in dataset.splits.items():
        try:
            warnings[name] = audit(
                examples.x, likelihood, dataset.binarization, examples.mask, dataset.levels
            )
        except DataError as error:
            read = f" (the values were read: {', '.join(dataset.reading)})" * bool(dataset.reading)
            known = "".join(f"; {line}" for line in dataset.warnings)
            raise DataError(f"{name} split: {error}{read}{known}") from error
    return of_codes or warnings["train"]


def _about_codes(schema: "Schema | None", likelihood: str) -> list[str]:
    """What speaks against one likelihood for all columns of a table, where some hold codes."""
    if schema is None or likelihood == "columns":
        return []
    kinds = {column.name: column.kind for column in schema.modelled if column.kind in LEVELS}
    coded = [name for name, kind in kinds.items() if (kind, likelihood) != ("binary", "bernoulli")]
    if not coded:
        return []
    more = f", and {len(coded) - 1} more have categories" if len(coded) > 1 else ""
    return [
        f"column {coded[0]!r} is {kinds[coded[0]]}{more}: the {likelihood} likelihood takes the "
        f"numbers of categories for quantities, so that its nats, and what it samples, mean "
        f"little. Use --likelihood columns, the default of a table"
    ]
