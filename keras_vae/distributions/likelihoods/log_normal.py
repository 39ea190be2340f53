"""Log-normal: positive x, mean and variance of its log from the decoder."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.likelihoods.diagonal_gaussian import (
    DiagonalGaussian,
    StandardisedNormal,
)
from keras_vae.distributions.scalar import Scalar
from keras_vae.errors import DataError

__all__ = ["LogNormal"]

TINY = float(np.finfo("float32").tiny)


@keras.saving.register_keras_serializable(package="keras_vae")
class LogNormal(DiagonalGaussian):
    """log(x_i) is a `DiagonalGaussian`, and log p is of x itself: for positive x.

    `center` and `scale` are of log(x). The reconstruction is the median of p(x|z), exp(mean of
    log x): the mean of a log-normal grows without limit with the variance of its log.
    """

    support = (TINY, np.inf)
    reconstruction = "median"

    def call(self, parameters: Any) -> tf.Tensor:
        distribution = self.distribution(parameters).distribution
        return tf.exp(distribution.of_logs.mean())

    def check(self, x: np.ndarray) -> None:
        is_positive = ~(np.asarray(x) < TINY)  # NaN is refused below, in its own words
        if not is_positive.all():
            first = tuple(np.argwhere(~is_positive)[0])
            raise DataError(
                f"LogNormal describes values above 0, and {np.sum(~is_positive)} of {x.size} are "
                f"not, the first {x[first]:g} in row {first[0]}: mark them as missing if they "
                f"stand for that, or choose another likelihood, as diagonal_gaussian"
            )
        super().check(x)

    def _entries(self, parameters: dict[str, tf.Tensor]) -> tfd.Distribution:
        of_logs = super()._entries(parameters)
        return _ExpOf(**of_logs.parameters)

    def fit_without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> dict[str, np.ndarray]:
        x = x if mask is None else np.where(mask > 0, x, 1.0)
        return super().fit_without_z(np.log(x, dtype="float64"), mask)


class _ExpOf(Scalar):
    """exp(y), y ~ `StandardisedNormal`."""

    NAMES = StandardisedNormal.NAMES

    @property
    def of_logs(self) -> StandardisedNormal:
        return StandardisedNormal(**{name: getattr(self, name) for name in self.NAMES})

    def _log_prob(self, x: tf.Tensor) -> tf.Tensor:
        # log p(x) = log N(log x) - log x; 0 stands where a value is missing, and has no density
        is_positive = x > 0
        y = tf.math.log(tf.where(is_positive, x, 1.0))
        return tf.where(is_positive, self.of_logs.log_prob(y) - y, -np.inf)

    def _sample_n(self, n: Any, seed: Any = None) -> tf.Tensor:
        return tf.exp(self.of_logs.sample(n, seed=seed))

    def _mean(self) -> tf.Tensor:
        return tf.exp(self.of_logs.mean() + self.of_logs.variance() / 2)

    def _variance(self) -> tf.Tensor:
        return tf.math.expm1(self.of_logs.variance()) * self.mean() ** 2
