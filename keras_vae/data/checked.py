"""Arrays as they come -> float32 examples and int64 labels that can be trained on, or refused."""

import numpy as np

from keras_vae.data.examples import LARGEST_VALUE
from keras_vae.data.levels import DTYPE_LEVELS
from keras_vae.errors import DataError

__all__ = ["checked", "checked_labels", "scaled"]


def scaled(name: str, splits: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], int | None]:
    """Levels of 8 or 16 bits, of all splits alike, as fractions of the last; all else as it is.

    uint8 and uint16 without values above 1 in any split are binary already.

    Args:
        name: what messages call the data.
        splits: dict of arrays.

    Returns:
        (dict of arrays, how many levels there are; None if they were not divided).
    """
    dtypes = {split: x.dtype for split, x in splits.items()}
    numbers = {DTYPE_LEVELS.get(dtype.name) for dtype in dtypes.values()}
    if len(numbers) > 1:
        found = " and ".join(f"{split} examples {dtype}" for split, dtype in dtypes.items())
        raise DataError(
            f"{name}: has {found}; only uint8 and uint16 are scaled to [0, 1], each by its own "
            "last level, so store all splits with one dtype"
        )
    (levels,) = numbers
    if levels is None or not any(x.size > 0 and x.max() > 1 for x in splits.values()):
        return splits, None
    return {split: x / np.float32(levels - 1) for split, x in splits.items()}, levels


def checked(name: str, what: str, x: np.ndarray) -> np.ndarray:
    """x as finite float32.

    Args:
        name, what: what messages call the data, and this part of them.
        x: array of any dtype.
    """
    if x.dtype.kind not in "buif":
        raise DataError(f"{name}: {what} has dtype {x.dtype}; expected real numbers")
    if x.size == 0:
        raise DataError(f"{name}: {what} is empty; its shape is {x.shape}")
    if x.ndim < 2:
        raise DataError(
            f"{name}: {what} has shape {x.shape}; expected (N, *event_shape); for N examples of "
            "one number each, x.reshape(-1, 1)"
        )
    with np.errstate(over="ignore"):
        x = x.astype("float32")
    is_bad = ~np.isfinite(x)
    if is_bad.any():
        rows = np.flatnonzero(is_bad.reshape(len(x), -1).any(axis=1))
        raise DataError(
            f"{name}: {what} holds {np.count_nonzero(is_bad)} NaN or infinite values (of {x.size}) "
            f"in {len(rows)} examples, the first in row {rows[0]}; remove those examples or fill "
            f"the gaps before training"
        )
    if np.abs(x).max() > LARGEST_VALUE:
        raise DataError(
            f"{name}: {what} holds values up to {np.abs(x).max():.0e}, whose squares overflow "
            f"float32; remove outliers, or standardise the data"
        )
    return x


def checked_labels(
    name: str, split: str, count: int, labels: np.ndarray, class_names: tuple[str, ...] | None
) -> tuple[np.ndarray, tuple[str, ...] | None]:
    """Labels as int64 class numbers, and the classes' names where labels are strings.

    Args:
        name, split: what messages call the data, and the split.
        count: how many examples there are.
        labels: (count,), or (count, 1), whole numbers or strings.
        class_names: the names that are known already, or None.
    """
    labels = np.asarray(labels)
    labels = labels[:, 0] if labels.shape == (count, 1) else labels
    if labels.shape != (count,):
        raise DataError(
            f"{name}: {count} examples but labels of shape {labels.shape}; expected ({count},)"
        )
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8", "replace")
    elif labels.dtype.kind == "O" and all(isinstance(label, str) for label in labels):
        labels = labels.astype("U")
    if labels.dtype.kind == "U":
        class_names = class_names or tuple(str(label) for label in np.unique(labels))
        unknown = np.setdiff1d(labels, class_names)
        if len(unknown):
            raise DataError(f"{name}: {split} label '{unknown[0]}' does not occur in training")
        order = {label: number for number, label in enumerate(class_names)}
        labels = np.array([order[label] for label in labels])
    elif labels.dtype.kind not in "buif" or not _are_whole(labels):
        raise DataError(f"{name}: labels must be whole numbers or strings; leave y out otherwise")
    return np.asarray(labels, "int64"), class_names


def _are_whole(labels: np.ndarray) -> bool:
    return np.isfinite(labels).all() and np.array_equal(labels, np.round(labels))
