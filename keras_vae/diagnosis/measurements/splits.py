"""The training examples compared with the test examples."""

from functools import cached_property

from keras_vae import measures
from keras_vae.diagnosis.measurements.examined import Examined

__all__ = ["Splits"]


class Splits(Examined):
    """How training and test examples differ."""

    @cached_property
    def split_shift(self):
        return measures.split_shift(self.train, self.test)

    def split_shift_by_chance(self, what):
        """`Chance` of a difference in `split_shift`: takes a moment, so only where it is large."""
        if what not in self._by_chance:
            self._by_chance[what] = measures.split_shift_by_chance(
                self.train, self.test, what, self.seed
            )
        return self._by_chance[what]

    @cached_property
    def _by_chance(self):
        return {}

    @cached_property
    def split_bins(self):
        return measures.cluster_shares(self.train, self.test, seed=self.seed)

    @cached_property
    def duplicates(self):
        """(fraction of all test examples in the training data, fraction expected by chance)."""
        return measures.duplicate_fraction(*self._stored)

    @cached_property
    def duplicates_by_chance(self):
        """Probability of as many in a random split of the same examples."""
        return measures.duplicates_by_chance(*self._stored, seed=self.seed)

    @property
    def _stored(self):
        """(test, train) in which copies are looked for."""
        train, test = self.subject.stored or (self.subject.train, self.subject.test)
        return test, train
