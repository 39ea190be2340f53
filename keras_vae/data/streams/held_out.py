"""Which examples of a stream are held out: a fixed function of their number, never of a seed."""

from collections.abc import Mapping

import numpy as np

from keras_vae.data.examples import SPLIT_SEED

__all__ = ["HeldOut"]

LARGEST_VALIDATION = 5_000
LARGEST_TEST = 10_000


class HeldOut:
    """The validation, test and training examples of `count` that stand in a row.

    A split of the source's own is kept. Validation and test otherwise take a tenth each of the
    rest, at most 5,000 and 10,000, drawn without replacement from a fixed seed. Kept are those
    numbers alone, so that memory does not grow with the training examples.

    Args:
        count: all examples.
        largest: the most examples of one held-out split, where fewer must do; of an own split
            that is larger a fixed random part is taken.
        own: dict of `"validation"`, `"test"` -> (first, end), the rows of the source's own.

    Attributes:
        validation, test: int64 arrays of row numbers, in random order; an own split in its own.
        training_examples: how many are left.
    """

    def __init__(
        self, count: int, largest: int = 2**62, own: Mapping[str, tuple[int, int]] | None = None
    ) -> None:
        held = {split: np.arange(*ends) for split, ends in (own or {}).items()}
        taken = np.sort(np.concatenate([*held.values(), np.empty(0, "int64")]))
        rest = count - len(taken)
        sizes = {
            "validation": min(LARGEST_VALIDATION, largest, rest // 10),
            "test": min(LARGEST_TEST, largest, rest // 10),
        }
        sizes = {split: size for split, size in sizes.items() if split not in held}
        rng = np.random.default_rng(SPLIT_SEED)
        drawn = _skipping(_gaps(taken), rng.choice(rest, sum(sizes.values()), replace=False))
        self._gaps = _gaps(np.sort(np.concatenate([taken, drawn])))
        self.training_examples = rest - len(drawn)
        for split, size in sizes.items():
            held[split], drawn = drawn[:size], drawn[size:]
        self.validation, self.test = (
            rows if len(rows) <= largest else np.sort(rng.choice(rows, largest, replace=False))
            for rows in (held["validation"], held["test"])
        )

    def training_rows(self, examples: np.ndarray) -> np.ndarray:
        """The row of each training example, which are numbered from 0 in the order of rows.

        Args:
            examples: int64 array of numbers in [0, training_examples).
        """
        return _skipping(self._gaps, examples)

    def training_sample(self, size: int) -> np.ndarray:
        """The rows of at most `size` training examples, always the same, in random order."""
        size = min(size, self.training_examples)
        rng = np.random.default_rng(SPLIT_SEED + 1)
        return self.training_rows(rng.choice(self.training_examples, size, replace=False))


def _gaps(rows: np.ndarray) -> np.ndarray:
    """How many other rows come before each of `rows`, which ascend."""
    return rows - np.arange(len(rows))


def _skipping(gaps: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """The rows with the given numbers, where the rows of `gaps` are not counted."""
    return numbers + np.searchsorted(gaps, numbers, side="right")
