"""Examples: arrays of data with the labels that belong to them, and their three splits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from keras_vae.errors import DataError

if TYPE_CHECKING:
    from keras_vae.data.streams.stream import Stream

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
        x: float32 (N, *event_shape).
        labels: int64 (N,), or None; for pictures only, no loss ever sees them.
        rows: int64 (N,): which examples of the source they are, from 0, where a validation and
            a test split of its own follow the training examples; or None.
    """

    x: np.ndarray
    labels: np.ndarray | None = None
    rows: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, rows: slice | np.ndarray) -> "Examples":
        labels, kept = (None if part is None else part[rows] for part in (self.labels, self.rows))
        return Examples(self.x[rows], labels, kept)


@dataclass(frozen=True)
class Dataset:
    """A source of data in its training, validation and test split.

    Attributes:
        name: the name or path that it was loaded from.
        train, validation, test: `Examples` of one event shape.
        class_names: the name of each label, or None.
        stream: `Stream` of the training split, of which `train` is a sample then; None if all of
            it is in memory.
        is_split: whether the three are different; if not, each of them is all examples.
        reading: what reading did to the values, in words, for every protocol: `"uint8 divided by
            255"`.
        warnings: what it did, or left out, by default: one line each.
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

    @property
    def training_examples(self) -> int:
        """How many examples there are to train on."""
        return len(self.train) if self.stream is None else self.stream.examples

    @property
    def event_shape(self) -> tuple[int, ...]:
        """The shape of one example."""
        return self.train.x.shape[1:]

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
        """The `Examples` of one split.

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
