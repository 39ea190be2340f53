"""Gaussian: real x, the mean from the decoder, one learned sigma."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.bounds import inverse_soft_bound, soft_bound
from keras_vae.distributions.likelihoods.base import Likelihood, flat

__all__ = ["Gaussian"]


@keras.saving.register_keras_serializable(package="keras_vae")
class Gaussian(Likelihood):
    """p(x|z) = N(decoder output, sigma^2 I) with ONE learned sigma, shared by all entries of x.

    The sigma-VAE of Rybkin, Daniilidis & Levine 2021, arXiv:2006.13202: learning sigma
    weighs distortion against rate as the data demand, so that beta can stay 1.

    sigma lies between 0.0025 and 400 standard deviations of the data: of those that
    `fit_without_z` was given, and 1 before. It is saved with the weights, as `data_log_var`.

    log sigma^2 is `speed` times its weight, so that steps of Adam, which are about as long as the
    learning rate whatever the gradient, can take sigma down by a factor of a hundred.

    Args:
        speed: how many times as fast log sigma^2 moves as other weights, above 0.
    """

    # Of log(sigma^2 / variance of the data).
    X_LOG_VAR_RANGE = (-12.0, 12.0)

    def __init__(self, speed: float = 5.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.speed = float(speed)
        self.x_log_var = self.add_weight(name="x_log_var", shape=(), initializer="zeros")
        self.data_log_var = self.add_weight(
            name="data_log_var", shape=(), initializer="zeros", trainable=False
        )

    @property
    def sigma(self) -> tf.Tensor:
        """The learned standard deviation of each entry of x given z: float32 scalar tensor."""
        x_log_var, data_log_var = map(ops.convert_to_tensor, (self.x_log_var, self.data_log_var))
        relative = soft_bound(self.speed * x_log_var - data_log_var, *self.X_LOG_VAR_RANGE)
        return ops.exp((data_log_var + relative) / 2)

    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)
        store["speed"] = np.float32(self.speed)

    def load_own_variables(self, store: Any) -> None:
        # before there was a speed it was 1; before that the range did not follow the data
        speed = np.asarray(store["speed"]) if "speed" in store else 1.0
        self.x_log_var.assign(np.asarray(store["0"]) * (speed / self.speed))
        self.data_log_var.assign(np.asarray(store["1"]) if "1" in store else 0.0)

    def _entries(self, parameters: tf.Tensor) -> tfd.Distribution:
        return tfd.Normal(parameters, self.sigma)

    def log_prob_of_pairs(
        self, x: tf.Tensor, parameters: tf.Tensor, mask: tf.Tensor | None = None
    ) -> tf.Tensor:
        if mask is not None:
            return super().log_prob_of_pairs(x, parameters, mask)
        # |x - m|^2 = |x|^2 - 2 x . m + |m|^2, in float64 because the terms cancel
        x, mean = (tf.cast(flat(values), tf.float64) for values in (x, parameters))
        squares = tf.reduce_sum(x**2, 1)[:, None] + tf.reduce_sum(mean**2, 1)
        distances = squares - 2 * tf.matmul(x, mean, transpose_b=True)
        log_normaliser = tfd.Normal(0.0, self.sigma).log_prob(0.0) * x.shape[1]
        log_prob = -distances / (2 * tf.cast(self.sigma, tf.float64) ** 2)
        return tf.cast(log_prob, tf.float32) + log_normaliser

    def fit_without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        # sigma^2 = the mean squared distance from the mean
        if mask is None:
            mean = np.mean(x, axis=0, dtype="float64")
            variance = np.mean(np.square(x - mean), dtype="float64")
        else:
            observed = np.maximum(np.sum(mask, axis=0, dtype="float64"), 1)
            mean = np.sum(mask * x, axis=0, dtype="float64") / observed
            variance = np.sum(mask * np.square(x - mean), dtype="float64") / observed.sum()
        # What float32 does not resolve beside the mean is no variance; of zeros alone there is none
        resolved = np.finfo("float32").eps ** 2 * np.mean(np.square(mean))
        variance = max(variance, resolved, np.finfo("float32").tiny)
        self._set_log_var(np.log(variance))
        return mean.astype("float32")

    def set_sigma(self, sigma: float) -> None:
        """Sets sigma, and the range that it is held in, as for data with that standard deviation.

        Args:
            sigma: standard deviation of each entry of x given z, above 0.
        """
        self._set_log_var(2 * np.log(sigma))

    def _set_log_var(self, log_var: float) -> None:
        self.data_log_var.assign(log_var)
        raw = log_var + inverse_soft_bound(0.0, *self.X_LOG_VAR_RANGE)
        self.x_log_var.assign(raw / self.speed)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "speed": self.speed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Gaussian":
        return cls(**{"speed": 1.0, **config})  # of files from before, whose weight is log sigma^2
