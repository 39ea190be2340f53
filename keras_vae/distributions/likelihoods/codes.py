"""What likelihoods of categories share: x holds codes 0 to K - 1, K for each column."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.distributions.likelihoods.lattice import Lattice
from keras_vae.errors import ConfigError

__all__ = ["IMPOSSIBLE", "Codes"]

# The log-probability of a class that a column has not: infinite, without the NaN of 0 * inf.
IMPOSSIBLE = -1e30


class Codes(Lattice):
    """Base of the likelihoods of categories, coded as 0 to K - 1 in float32.

    The reconstruction is the most probable class: a mean of codes is the code of nothing. `mean`
    and `variance` of the distribution are those of the codes as numbers.

    Args:
        classes: K, the same for every entry of x; or the K of each column, for x of shape
            (N, columns).
    """

    reconstruction = "mode"

    def __init__(self, classes: int | Sequence[int] = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        sizes = np.atleast_1d(np.asarray(classes))
        if sizes.dtype.kind not in "iu" or sizes.ndim > 1 or not sizes.size or sizes.min() < 2:
            raise ConfigError(
                f"classes={classes!r}: expected a whole number of at least 2, or a tuple of such "
                f"numbers, one a column"
            )
        is_one = np.ndim(classes) == 0
        self.classes = int(sizes[0]) if is_one else tuple(int(size) for size in sizes)

    @property
    def most(self) -> int:
        """The largest K."""
        return int(np.max(self.classes))

    @property
    def support(self) -> tuple[float, float]:  # type: ignore[override]
        return 0, self.most - 1

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "classes": self.classes}

    def call(self, parameters: Any) -> tf.Tensor:
        return self.distribution(parameters).mode()

    def is_class(self, event_shape: tuple[int, ...]) -> np.ndarray:
        """Whether an entry has a class: bool (*event_shape, largest K).

        Raises:
            ConfigError: if x has another number of columns than `classes`.
        """
        if not isinstance(self.classes, int) and tuple(event_shape) != (len(self.classes),):
            raise ConfigError(
                f"{type(self).__name__} of {len(self.classes)} columns got examples of shape "
                f"{tuple(event_shape)}: give the number of classes of each column, or one for all"
            )
        sizes = np.broadcast_to(self.classes, event_shape)
        return np.arange(self.most) < sizes[..., None]

    def is_possible(self, x: tf.Tensor) -> tf.Tensor:
        highest = self.is_class(tuple(x.shape[1:])).sum(axis=-1) - 1
        return tf.equal(x, tf.floor(x)) & (x <= tf.constant(highest, tf.float32))

    def in_words(self) -> tuple[str, str]:
        if isinstance(self.classes, int):
            values = f"codes from 0 to {self.most - 1}"
        else:
            highest = ", ".join(str(size - 1) for size in self.classes)
            values = f"codes, whole numbers from 0 to {highest}, column by column"
        return values, "code the categories so, or give another number of classes=..."

    def frequencies(self, x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """How often each class of each entry was observed, float64 (*event_shape, largest K).

        Each has half an example more (Krichevsky-Trofimov): a class that was never seen in
        training may still be in a test example. 0 where an entry has no such class.
        """
        is_class = self.is_class(x.shape[1:])
        # a place for each class of each entry, in a row
        first = np.arange(0, is_class.size, self.most).reshape(x.shape[1:])
        places = first + np.asarray(x, "int64")
        seen = places.ravel() if mask is None else places[mask > 0]
        counts = np.bincount(seen, minlength=is_class.size).reshape(is_class.shape)
        counts = np.where(is_class, counts + 0.5, 0.0)
        return counts / counts.sum(axis=-1, keepdims=True)
