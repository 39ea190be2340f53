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
    """

    x: np.ndarray
    labels: np.ndarray | None = None
    x_test: np.ndarray | None = None
    labels_test: np.ndarray | None = None
    class_names: tuple[str, ...] | None = None
