"""Examples: arrays of data with the labels that belong to them, and their three splits."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_vae.choices import BINARIZATIONS
from keras_vae.data.protocol import binarize, describe_protocol, examples_to_fit
from keras_vae.errors import DataError, check_name

if TYPE_CHECKING:
    import pandas as pd

    from keras_vae.conditions import Condition
    from keras_vae.data.streams.stream import Stream
    from keras_vae.data.tables import Schema

__all__ = ["IN_MEMORY", "LARGEST_VALUE", "MIN_EXAMPLES", "SPLIT_SEED", "Dataset", "Examples"]

# Splits do not follow a run's seed, so that test figures of different runs compare.
SPLIT_SEED = 0
# A standard error needs two examples in each held-out split.
MIN_EXAMPLES = 20
IN_MEMORY = "arrays in memory"  # what reports call data without a name
LARGEST_VALUE = 1e12  # its square is finite in float32


@dataclass(frozen=True)
class Examples:
    """N examples in order.

    Attributes:
        x: float32 (N, *event_shape); 0 where an entry is missing.
        labels: int64 (N,), or None; for pictures only, no loss ever sees them.
        rows: int64 (N,): which examples of the source they are, from 0, where a validation and
            a test split of its own follow the training examples; of windows, the number of
            their first row; or None.
        mask: float32, of the shape of x: 1 where an entry is observed, 0 where it is missing; None
            where all are observed.
        condition: float32 (N, *condition_shape): what encoder and decoder see besides; or None.
    """

    x: np.ndarray
    labels: np.ndarray | None = None
    rows: np.ndarray | None = None
    mask: np.ndarray | None = None
    condition: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, rows: slice | np.ndarray) -> "Examples":
        parts = self.labels, self.rows, self.mask, self.condition
        return Examples(self.x[rows], *(None if part is None else part[rows] for part in parts))

    @property
    def given(self) -> Any:
        """What a model is given: x, or a dictionary of `x` and `mask`, `condition` or both."""
        parts = {"mask": self.mask, "condition": self.condition}
        there = {name: part for name, part in parts.items() if part is not None}
        return {"x": self.x, **there} if there else self.x


@dataclass(frozen=True)
class Dataset:
    """A source of data in its training, validation and test split.

    Attributes:
        name: the name or path that it was loaded from.
        train, validation, test: `Examples` of one event shape, as they are stored.
        class_names: the name of each label, or None.
        stream: `Stream` of the training split, of which `train` is a sample then; None if all of
            it is in memory.
        is_split: whether the three are different; if not, each of them is all examples.
        reading: what reading did to the values, in words, for every protocol: `"uint8 divided by
            255"`.
        warnings: what it did, or left out, by default: one line each.
        binarization: what a model sees in place of gray levels: `"dynamic"`, `"static"`,
            `"threshold"` or `"none"`; `seen` and `given` apply it.
        conditions: what the entries of the examples' condition are, where they have names.
        schema: `keras_vae.data.tables.Schema` of a table, whose modelled columns are the entries
            of x; None of other data.
        told: by its name, what a model can be told of each row of the source (`Examples.rows`):
            names of classes, or numbers. Of a table, its columns that are conditions; of a `.h5ad`,
            those of `obs`, and the library size.
        entries: the name of each entry of x, as of the genes of a `.h5ad`; None where they have
            none, or a schema has them.
        levels: how many there are, where the values were read as levels of an image: x holds
            level / (levels - 1). None of other data.

    Raises:
        DataError: if examples of a stream have a mask, or a condition that the stream has not.
    """

    name: str
    train: Examples
    validation: Examples
    test: Examples
    class_names: tuple[str, ...] | None = None
    stream: "Stream | None" = None
    is_split: bool = True
    reading: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    binarization: str = "none"
    conditions: "tuple[Condition, ...]" = ()
    schema: "Schema | None" = None
    told: "Mapping[str, np.ndarray | pd.Series]" = field(default_factory=dict)
    entries: tuple[str, ...] | None = None
    levels: int | None = None

    def __post_init__(self) -> None:
        check_name("binarization", self.binarization, BINARIZATIONS)
        if self.stream is not None and (
            self.train.mask is not None
            or self.is_conditional != (self.stream.condition is not None)
        ):
            raise DataError(
                f"{self.name}: has a mask or a condition, which are not read from disk; load all "
                f"of the data into memory"
            )

    def as_binarized(self, binarization: str) -> "Dataset":
        """The same data with another binarisation."""
        return replace(self, binarization=binarization)

    @property
    def training_examples(self) -> int:
        """How many examples there are to train on."""
        return len(self.train) if self.stream is None else self.stream.examples

    @property
    def event_shape(self) -> tuple[int, ...]:
        """The shape of one example."""
        return self.train.x.shape[1:]

    @property
    def is_conditional(self) -> bool:
        """Whether examples have a condition."""
        return self.train.condition is not None

    @property
    def splits(self) -> dict[str, Examples]:
        """The three splits by name; `"all"` where the data are not split."""
        if not self.is_split:
            return {"all": self.test}
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def shown_split(self) -> str:
        """The split that figures are of, unless another is asked for."""
        return "test" if self.is_split else "all"

    def split(self, name: str) -> Examples:
        """The `Examples` of one split, as they are stored.

        Raises:
            DataError: if the data are not split.
            ValueError: if there is no such split.
        """
        if name not in self.splits and not self.is_split:
            raise DataError(
                f"{self.name}: no {name} split, because arrays are taken whole; leave split out, "
                f"or let keras_vae.load_data split them"
            )
        if name not in self.splits:
            raise ValueError(f"split={name!r}: expected one of {', '.join(self.splits)}")
        return self.splits[name]

    def seen(self, split: str, first: int | None = None) -> Examples:
        """The `Examples` of one split as a model sees them: made binary as the protocol says.

        Args:
            split: as for `split`.
            first: how many, from the start, drawn as they are among all; None for all.

        Raises:
            DataError: as `split`; if values to be made binary are not gray levels in [0, 1].
        """
        return self._drawn(self.split(split)[:first], split)

    def given(self, split: str, first: int | None = None) -> Any:
        """What a model is given of one split: `seen(split, first).given`."""
        return self.seen(split, first).given

    def seen_in_training(self) -> Examples:
        """The training examples as a model sees them, all of data that are not split."""
        return self._drawn(self.train, "train")

    def to_fit(self, of_binary: bool) -> Examples:
        """Training examples that a model without z is fitted to: see `examples_to_fit`.

        Args:
            of_binary: whether the likelihood is one of binary data.
        """
        x = examples_to_fit(self.train.x, self.binarization, of_binary)
        return replace(self.train, x=x)

    def observed(self, split: str) -> float:
        """The share of the entries of a split that are observed, 1 without a mask."""
        mask = self.split(split).mask
        return 1.0 if mask is None else float(mask.mean(dtype="float64"))

    def protocol(self, split: str) -> str:
        """What figures of a split depend on, in words: reading, binarisation, missing entries."""
        words = describe_protocol(self.binarization, split, self.reading)
        if self.split(split).mask is None:
            return words
        return f"{words}; of the observed entries alone, {self.observed(split):.1%} of all"

    def _drawn(self, part: Examples, split: str) -> Examples:
        return replace(part, x=binarize(part.x, self.binarization, split))
