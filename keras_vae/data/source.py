"""Source: arrays as a loader found them, before they are checked, scaled and split."""

from typing import NamedTuple

import numpy as np

__all__ = ["Source"]


class Source(NamedTuple):
    """What a loader hands over.

    Attributes:
        x: (N, *event_shape), any real dtype.
        labels: (N,) whole numbers or strings, or None.
        x_test, labels_test: the source's own test split, or None where it has none.
        class_names: the name of each label, or None.
        x_validation, labels_validation: its own validation split, or None.
        reading, warnings: as those of `Dataset`.
        is_known: whether it is beyond doubt what the values and their axes mean, as of a file of
            an image.
    """

    x: np.ndarray
    labels: np.ndarray | None = None
    x_test: np.ndarray | None = None
    labels_test: np.ndarray | None = None
    class_names: tuple[str, ...] | None = None
    x_validation: np.ndarray | None = None
    labels_validation: np.ndarray | None = None
    reading: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    is_known: bool = False
