"""The training examples compared with the test examples."""

from functools import cached_property
from typing import Any

import numpy as np

from keras_vae import measures
from keras_vae.data.given import array_of, part_of
from keras_vae.data.protocol import is_image
from keras_vae.diagnosis.measurements.calls import mask_of
from keras_vae.diagnosis.measurements.examined import Examined

__all__ = ["Splits"]


class Splits(Examined):
    """How training and test examples differ."""

    @cached_property
    def split_shift(self) -> measures.SplitShift:
        self.check_one_unit()
        return measures.split_shift(self.train, _there(self.test))

    def split_shift_by_chance(self, what: str) -> measures.Chance:
        """`Chance` of a difference in `split_shift`: takes a moment, so only where it is large."""
        if what not in self._by_chance:
            self._by_chance[what] = measures.split_shift_by_chance(
                self.train, _there(self.test), what, self.seed
            )
        return self._by_chance[what]

    @cached_property
    def _by_chance(self) -> dict[str, measures.Chance]:
        return {}

    @cached_property
    def split_bins(self) -> measures.ClusterShares:
        self.check_one_unit()
        return measures.cluster_shares(self.train, _there(self.test), seed=self.seed)

    @cached_property
    def duplicates(self) -> tuple[float, float]:
        """(fraction of all test examples in the training data, fraction expected by chance)."""
        return measures.duplicate_fraction(*self._stored_and_told)

    @cached_property
    def duplicates_by_chance(self) -> float:
        """Probability of as many in a random split of the same examples."""
        return measures.duplicates_by_chance(*self._stored_and_told, seed=self.seed)

    @cached_property
    def one_entry_apart(self) -> float:
        """Fraction of the different training rows of a table that differ from another one in one
        column alone; 1 of other data."""
        return measures.one_entry_apart(self._stored[1]) if self.subject.columns else 1.0

    @cached_property
    def near_copies(self) -> measures.NearCopies:
        """Test examples that are almost a training example."""
        return measures.near_copies(*self._stored, seed=self.seed)

    @cached_property
    def overlapping(self) -> float:
        """Fraction of the test examples that are windows which overlap one of the training data;
        NaN where examples are no windows of a series."""
        test, train = self._stored
        event_shape = train.shape[1:]
        if len(event_shape) > 2 or is_image(event_shape):
            return float("nan")
        return measures.overlap_fraction(test, train)

    @cached_property
    def _stored(self) -> tuple[np.ndarray, np.ndarray]:
        """(test, train) in which copies are looked for, NaN where an entry is missing."""
        train, test = self.subject.stored or (self.subject.train, self.subject.test)
        return _with_gaps(_there(test)), _with_gaps(train)

    @cached_property
    def _stored_and_told(self) -> tuple[np.ndarray, np.ndarray]:
        """The same, flat, with what a model is told of each example behind it."""
        if self.subject.stored is not None:
            return self._stored
        given = _there(self.subject.test), self.subject.train
        test, train = (
            _and_told(values, part_of(parts, "condition"))
            for values, parts in zip(self._stored, given, strict=True)
        )
        return test, train


def _with_gaps(given: Any) -> np.ndarray:
    values, mask = np.asarray(array_of(given)), mask_of(given)
    return values if mask is None else np.where(mask > 0, values, np.float32("nan"))


def _and_told(values: np.ndarray, condition: Any) -> np.ndarray:
    parts = [values] if condition is None else [values, np.asarray(condition)]
    return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)


def _there(test: Any) -> Any:
    """The test examples, where there are any: no rule compares splits where there are not."""
    if test is None:
        raise ValueError("the subject has no test examples to compare with")
    return test
