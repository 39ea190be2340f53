"""Poisson: counts, the log of their mean from the decoder."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.counts import log_poisson
from keras_vae.distributions.likelihoods.counts import Counts
from keras_vae.distributions.scalar import Scalar

__all__ = ["Poisson"]


@keras.saving.register_keras_serializable(package="keras_vae")
class Poisson(Counts):
    """p(x_i|z) = Poisson(exp(decoder output)): for counts whose variance is their mean.

    The decoder outputs the log of the mean: see `Counts`.
    """

    def _entries(self, parameters: tf.Tensor) -> tfd.Distribution:
        return _Poisson(rate=self.mean_count(parameters))

    def fit_without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        return self.best_log_mean(x, mask)[0]


class _Poisson(Scalar):
    NAMES = ("rate",)

    def _log_prob(self, x: tf.Tensor) -> tf.Tensor:
        return log_poisson(x, self.rate)

    def _sample_n(self, n: Any, seed: Any = None) -> tf.Tensor:
        return tfd.Poisson(self.rate).sample(n, seed=seed)

    def _mean(self) -> tf.Tensor:
        return self.rate

    def _variance(self) -> tf.Tensor:
        return self.rate
