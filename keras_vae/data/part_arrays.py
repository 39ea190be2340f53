"""What a user gives as examples: one array, or a dictionary with a mask or a condition."""

from typing import Any, NamedTuple

import numpy as np

from keras_vae.data.arrays import as_numpy
from keras_vae.data.given import PARTS
from keras_vae.errors import DataError

__all__ = ["PartArrays", "part_arrays"]


class PartArrays(NamedTuple):
    """Arrays of equally many examples.

    Attributes:
        x: (N, *event_shape), any real dtype; 0 where the mask is.
        mask: float32, of the shape of x, 1 where an entry is observed, 0 where it is missing; or
            None, which is 1 everywhere.
        condition: float32 (N, *condition_shape), or None.
    """

    x: np.ndarray
    mask: np.ndarray | None = None
    condition: np.ndarray | None = None


def part_arrays(name: str, given: Any) -> PartArrays:
    """The parts of what a user gives.

    Args:
        name: what messages call the data.
        given: whatever `as_array` takes, or a dictionary of such: `x`, and `mask`, `condition` or
            both. Where the mask is 0, x may be anything, NaN too.

    Raises:
        DataError: if a part is unknown, or does not fit x.
    """
    if not isinstance(given, dict):
        return PartArrays(as_numpy(given, name))
    unknown = [str(part) for part in given if part not in PARTS]
    if unknown or "x" not in given:
        raise DataError(
            f"{name}: a dictionary of {', '.join(map(repr, given)) or 'nothing'}; expected x, and "
            f"mask, condition or both, of equally many rows"
        )
    x = as_numpy(given["x"], name)
    mask, condition = given.get("mask"), given.get("condition")
    if mask is not None:
        mask = _mask(name, as_numpy(mask, f"{name}: mask"), x)
        x = np.where(mask == 1, x, np.zeros((), x.dtype))
    if condition is not None:
        condition = _condition(name, as_numpy(condition, f"{name}: condition"), len(x))
    return PartArrays(x, mask, condition)


def _mask(name: str, mask: np.ndarray, x: np.ndarray) -> np.ndarray:
    if mask.shape != x.shape:
        raise DataError(
            f"{name}: mask has shape {mask.shape}, x {x.shape}; they must be equal, because each "
            "entry of x is observed or missing"
        )
    if not ((mask == 0) | (mask == 1)).all():
        raise DataError(f"{name}: mask holds other values than 1, observed, and 0, missing")
    if not mask.any():
        raise DataError(f"{name}: mask is 0 everywhere; expected 1 for each entry that is observed")
    return mask.astype("float32")


def _condition(name: str, condition: np.ndarray, count: int) -> np.ndarray:
    if condition.ndim < 1 or len(condition) != count:
        raise DataError(
            f"{name}: condition has shape {condition.shape}; expected ({count}, "
            f"*condition_shape), a row for each row of x"
        )
    with np.errstate(over="ignore"):
        condition = condition.astype("float32")
    if not np.isfinite(condition).all():
        raise DataError(
            f"{name}: condition holds NaN or infinite values; leave those examples out, or fill "
            f"the values in"
        )
    return condition
