"""Source: arrays as a loader found them, before they are checked, scaled and split."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from keras_vae.data.tables import Schema

__all__ = ["RowSource", "Source"]


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
        masks, conditions: those that there are, by the name of the array that they belong to:
            `"x"`, `"x_validation"` or `"x_test"`.
        rows: (N,) the numbers of the examples of x in the source, where they are not 0 to N - 1.
        splits: which rows of x are in which split, by its name, or None where none is said; a
            split that is missing is cut from the training rows.
        schema: what the columns of x are, where it is a table, whose values are checked.
        levels: as that of `Dataset`, where a loader has divided them itself.
        told: as that of `Dataset`.
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
    masks: Mapping[str, np.ndarray] = MappingProxyType({})
    conditions: Mapping[str, np.ndarray] = MappingProxyType({})
    rows: np.ndarray | None = None
    splits: Mapping[str, np.ndarray] | None = None
    schema: Schema | None = None
    levels: int | None = None
    told: Mapping[str, np.ndarray] = MappingProxyType({})


class RowSource(Protocol):
    """Examples on disk, read by their numbers: `NpyRows` says what is what."""

    count: int
    event_shape: tuple[int, ...]
    row_bytes: int
    block: int
    window: int
    dtype: np.dtype[Any]
    stored: tf.TensorSpec
    own_splits: dict[str, tuple[int, int]]
    class_names: tuple[str, ...] | None
    reading: tuple[str, ...]
    warnings: tuple[str, ...]
    is_known: bool

    def read(self, rows: np.ndarray) -> np.ndarray: ...
    def decode(self, raw: tf.data.Dataset) -> tf.data.Dataset: ...
    def describe(self, row: int) -> str: ...
    def diagnose(self, rows: np.ndarray) -> None: ...
    def labels(self, rows: np.ndarray) -> np.ndarray | None: ...
