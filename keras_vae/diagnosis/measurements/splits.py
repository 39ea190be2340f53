"""The examples of training held against those of the test."""

from functools import cached_property

from keras_vae import measures
from keras_vae.diagnosis.measurements.examined import Examined

__all__ = ["Splits"]


class Splits(Examined):
    """How training and test examples differ."""

    @cached_property
    def split_shift(self):
        return measures.split_shift(self.train, self.test)

    @cached_property
    def split_bins(self):
        return measures.cluster_shares(self.train, self.test, seed=self.seed)

    @cached_property
    def duplicates(self):
        """(fraction of all test examples in the training data, fraction expected by chance)."""
        train, test = self.subject.stored or (self.subject.train, self.subject.test)
        return measures.duplicate_fraction(test, train)
