"""Examples: arrays of data with the labels that belong to them, and their three splits."""

from dataclasses import dataclass

import numpy as np

__all__ = ["LARGEST_VALUE", "MIN_EXAMPLES", "SPLIT_SEED", "Dataset", "Examples"]

# Splits do not follow a run's seed, so that test figures of different runs compare.
SPLIT_SEED = 0
# A standard error needs two examples in each held-out split.
MIN_EXAMPLES = 20
LARGEST_VALUE = 1e12  # its square is finite in float32


@dataclass(frozen=True)
class Examples:
    """N examples in order.

    Attributes:
        x: float32 (N, *event_shape).
        labels: int64 (N,), or None; for pictures only, no loss ever sees them.
    """

    x: np.ndarray
    labels: np.ndarray | None = None

    def __len__(self):
        return len(self.x)

    def __getitem__(self, rows):
        return Examples(self.x[rows], None if self.labels is None else self.labels[rows])


@dataclass(frozen=True)
class Dataset:
    """A source of data in its training, validation and test split.

    Attributes:
        name: the name or path that it was loaded from.
        train, validation, test: `Examples` of one event shape.
        class_names: the name of each label, or None.
        stream: `Stream` of the training split, of which `train` is a sample then; None if all of
            it is in memory.
        reading: what reading did to the values, in words, for every protocol: `"uint8 divided by
            255"`.
        warnings: what it did, or left out, though nobody asked for it: one line each.
    """

    name: str
    train: Examples
    validation: Examples
    test: Examples
    class_names: tuple[str, ...] | None = None
    stream: object | None = None
    reading: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def training_examples(self):
        """How many examples there are to train on."""
        return len(self.train) if self.stream is None else self.stream.examples

    @property
    def event_shape(self):
        """The shape of one example."""
        return self.train.x.shape[1:]

    @property
    def splits(self):
        """The three splits by name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    def split(self, name):
        """The `Examples` of one split.

        Raises:
            ValueError: if there is no such split.
        """
        if name not in self.splits:
            raise ValueError(f"split={name!r}: expected one of {', '.join(self.splits)}")
        return self.splits[name]
