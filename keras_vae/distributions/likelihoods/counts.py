"""What likelihoods of counts share: whole numbers, and a mean by its log."""

import numpy as np
import tensorflow as tf
from keras import ops

from keras_vae.distributions.bounds import inverse_soft_bound, soft_bound
from keras_vae.distributions.by_entry import moments
from keras_vae.distributions.counts import LOG_MEAN_RANGE
from keras_vae.distributions.likelihoods.lattice import Lattice

__all__ = ["Counts"]


class Counts(Lattice):
    """Base of the likelihoods of counts, the whole numbers from 0 on.

    The decoder outputs the log of a mean, softly kept between -20 and 20: means from 2e-9 to 5e8.
    """

    support = (0, np.inf)

    def is_possible(self, x: tf.Tensor) -> tf.Tensor:
        return tf.equal(x, tf.floor(x))

    def in_words(self) -> tuple[str, str]:
        return "counts, whole numbers from 0 on", (
            "give the counts as they are, neither scaled nor logged, or choose another likelihood, "
            "as 'gaussian'"
        )

    def mean_count(self, log_mean: tf.Tensor) -> tf.Tensor:
        """The mean that a decoder's output stands for."""
        return ops.exp(soft_bound(log_mean, *LOG_MEAN_RANGE))

    def best_log_mean(
        self, x: np.ndarray, mask: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """(the decoder output whose mean is that of the data, that mean), both (*event_shape).

        An entry without any count gets half a one: it may have one in a test example.
        """
        count, mean, _ = moments(x, mask)
        mean = np.maximum(mean, 0.5 / np.maximum(count, 1))
        return inverse_soft_bound(np.log(mean), *LOG_MEAN_RANGE).astype("float32"), mean
