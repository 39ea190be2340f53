"""Likelihoods that give probability to some of the numbers in their support, and to no others."""

import numpy as np

from keras_vae.distributions.likelihoods.base import Likelihood
from keras_vae.errors import DataError

__all__ = ["Lattice"]

BLOCK = 1000  # examples that are looked at together


class Lattice(Likelihood):
    """Base of these: a subclass defines `is_possible` and `in_words`."""

    is_discrete = True
    is_binary = False  # also of two values: what lies between them is refused, and no mean of draws

    def in_words(self) -> tuple[str, str]:
        """(which values it describes, what to do if x holds others)."""
        raise NotImplementedError(f"{type(self).__name__} must define in_words")

    def check(self, x: np.ndarray) -> None:
        wrong, first = 0, None
        for begin in range(0, len(x), BLOCK):
            block = np.asarray(x[begin : begin + BLOCK], "float32")
            found = np.argwhere(~np.asarray(self.describes(block)) & np.isfinite(block))
            wrong += len(found)
            if first is None and len(found):
                first = (begin + found[0][0], *found[0][1:])
        if first is not None:
            values, way_out = self.in_words()
            raise DataError(
                f"{type(self).__name__} describes {values}, and {wrong} of {x.size} values are "
                f"not, the first {x[first]:g} in row {first[0]}: {way_out}"
            )
        super().check(x)
