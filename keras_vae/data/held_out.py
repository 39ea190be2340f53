"""Which examples of a stream are held out: a fixed function of their number, never of a seed."""

import numpy as np

from keras_vae.data.examples import SPLIT_SEED

__all__ = ["HeldOut"]

LARGEST_VALIDATION = 5_000
LARGEST_TEST = 10_000


class HeldOut:
    """The validation, test and training examples of `count` that stand in a row.

    Validation and test take a tenth each, at most 5,000 and 10,000, drawn without replacement
    from a fixed seed. Kept are those numbers alone, so that memory does not grow with `count`.

    Args:
        count: all examples.
        largest: the most examples of one held-out split, where fewer than the above must do.

    Attributes:
        validation, test: int64 arrays of row numbers, in random order.
        training_examples: how many are left.
    """

    def __init__(self, count, largest=LARGEST_TEST):
        validation = min(LARGEST_VALIDATION, largest, count // 10)
        test = min(LARGEST_TEST, largest, count // 10)
        rng = np.random.default_rng(SPLIT_SEED)
        rows = rng.choice(count, validation + test, replace=False)
        self.validation, self.test = rows[:validation], rows[validation:]
        self.training_examples = count - len(rows)
        # how many training examples come before each row that is held out
        self._before = np.sort(rows) - np.arange(len(rows))

    def training_rows(self, examples):
        """The row of each training example, which are numbered from 0 in the order of rows.

        Args:
            examples: int64 array of numbers in [0, training_examples).
        """
        return examples + np.searchsorted(self._before, examples, side="right")

    def training_sample(self, size):
        """The rows of at most `size` training examples, always the same, in random order."""
        size = min(size, self.training_examples)
        rng = np.random.default_rng(SPLIT_SEED + 1)
        return self.training_rows(rng.choice(self.training_examples, size, replace=False))
