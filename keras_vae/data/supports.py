"""Data outside of what a likelihood describes: refused before training, with what to do."""

from collections.abc import Callable

import numpy as np

from keras_vae.choices import COUNTS
from keras_vae.data.counts_seen import columns_seen, count_family
from keras_vae.data.levels import levels_of, off_levels
from keras_vae.data.protocol import BLOCK
from keras_vae.errors import DataError

__all__ = ["UNIT_INTERVAL", "are_counts", "refuse_outside"]

UNIT_INTERVAL = ("bernoulli", "continuous_bernoulli")


def are_counts(x: np.ndarray) -> bool:
    """Whether every value is a whole number of at least 0."""
    return not any(
        _is_no_count(x[first : first + BLOCK]).any() for first in range(0, len(x), BLOCK)
    )


def refuse_outside(
    x: np.ndarray, likelihood: str, levels: int | None = None, mask: np.ndarray | None = None
) -> None:
    """Refuses values that a likelihood of this name gives no probability.

    Args:
        x: float32 (N, *event_shape).
        likelihood: its name.
        levels: of images, how many, where reading knows; else None.
        mask: of the shape of x, 0 where an entry is missing; or None.

    Raises:
        DataError: with the first such value, and what to do.
    """
    whole = x
    x = x if mask is None else x[mask == 1]
    if likelihood in UNIT_INTERVAL:
        low, high = float(x.min()), float(x.max())
        if low >= 0 and high <= 1:
            return
        told = f"the {likelihood} likelihood describes values in [0, 1], the data lie in "
        found = count_family(columns_seen(whole, mask)) if are_counts(x) else None
        better = "gaussian" if found is None else f"{found[0]}, for counts: {found[1]}"
        raise DataError(
            f"{told}[{low:g}, {high:g}]: scale them (8-bit images: store uint8, or divide by 255), "
            f"or use --likelihood {better}"
        )
    if likelihood == "discretized_logistic":
        number = levels or levels_of(x) or 256
        _refuse(
            x,
            lambda block: off_levels(block, number),
            f"discretized_logistic describes {number} levels, 0, 1/{number - 1} to 1",
            "store images as they are, uint8 or uint16, which are divided when they are read, and "
            "round those that were resized: np.rint(255 * x).astype('uint8'); of real numbers use "
            "--likelihood gaussian",
        )
    if likelihood in COUNTS:
        _refuse(
            x,
            _is_no_count,
            f"{likelihood} describes counts, whole numbers from 0 on",
            "give the counts themselves, neither scaled nor logged, as int32 (arrays of uint8 and "
            "uint16 are divided when they are read), or use --likelihood gaussian",
        )
    if likelihood == "log_normal":
        _refuse(
            x,
            lambda block: block <= 0,
            "log_normal describes values above 0",
            "use --likelihood diagonal_gaussian, or for counts negative_binomial",
        )


def _is_no_count(x: np.ndarray) -> np.ndarray:
    return (x < 0) | (x != np.rint(x))


def _refuse(
    x: np.ndarray, is_wrong: Callable[[np.ndarray], np.ndarray], expected: str, way_out: str
) -> None:
    blocks = (x[first : first + BLOCK] for first in range(0, len(x), BLOCK))
    wrong = [block[is_wrong(block)] for block in blocks]
    count = sum(map(len, wrong))
    if count:
        first = next(values[0] for values in wrong if len(values))
        raise DataError(
            f"{expected}, and {count} of {x.size} values are not, the first {first:g}: {way_out}"
        )
