"""Negative binomial: counts that vary more than a Poisson, one learned dispersion an entry."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from keras import ops
from scipy import special
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.bounds import inverse_soft_bound, soft_bound
from keras_vae.distributions.by_entry import Histogram, best_by_entry, moments
from keras_vae.distributions.counts import log_negative_binomial
from keras_vae.distributions.likelihoods.counts import Counts
from keras_vae.distributions.likelihoods.own_weights import WithOwnWeights
from keras_vae.distributions.scalar import Scalar

__all__ = ["LOG_THETA_RANGE", "NegativeBinomial", "NegativeBinomialEntries", "exact_log_prob"]

# From 0.0009 to 1.2 million.
LOG_THETA_RANGE = (-7.0, 14.0)


@keras.saving.register_keras_serializable(package="keras_vae")
class NegativeBinomial(Counts, WithOwnWeights):
    """Counts of mean mu and variance mu + mu^2 / theta: theta is the inverse dispersion.

    The decoder outputs log(mu): see `Counts`. theta is learned, one for each entry, and softly
    kept between 0.0009 and 1.2 million, where it is a Poisson distribution for all means that
    are much smaller.
    """

    def add_weights(self, event_shape: tuple[int, ...]) -> None:
        self.log_theta = self.add_weight(
            name="log_theta", shape=event_shape, initializer="zeros", autocast=False
        )

    @property
    def theta(self) -> tf.Tensor:
        """The inverse dispersion of each entry: float32 (*event_shape)."""
        return ops.exp(soft_bound(ops.convert_to_tensor(self.log_theta), *LOG_THETA_RANGE))

    def _entries(self, parameters: tf.Tensor) -> tfd.Distribution:
        return NegativeBinomialEntries(mu=self.mean_count(parameters), theta=self.theta)

    def fit_without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> Any:
        self.build_for(x.shape[1:])
        log_mean, mean = self.best_log_mean(x, mask)
        histogram = Histogram.of(x, mask)
        start = log_theta_of_moments(x, mask)
        # that mean is the best one for any theta
        (log_theta,) = best_by_entry(
            _log_prob, histogram, [start], [LOG_THETA_RANGE], known=[mean.ravel()]
        )
        # of zeros alone nothing can be said: then it is nearly a Poisson
        is_counted = histogram.sums(histogram.values) > 0
        self.set_log_theta(np.where(is_counted, log_theta, LOG_THETA_RANGE[1]))
        return log_mean

    def set_log_theta(self, log_theta: np.ndarray) -> None:
        """Sets log(theta) of each entry, (D,), within its range."""
        weight = inverse_soft_bound(log_theta, *LOG_THETA_RANGE)
        self.log_theta.assign(np.reshape(weight, self.log_theta.shape))


class NegativeBinomialEntries(Scalar):
    """Counts of mean `mu` and inverse dispersion `theta`."""

    NAMES = ("mu", "theta")

    def _log_prob(self, x: tf.Tensor) -> tf.Tensor:
        return log_negative_binomial(x, self.mu, self.theta)

    def _sample_n(self, n: Any, seed: Any = None) -> tf.Tensor:
        # x ~ Poisson(mu g), g ~ Gamma(theta, theta), whose mean is 1
        of_gamma, of_poisson = tfp.random.split_seed(seed, 2)
        shape = self.batch_shape_tensor()
        theta = tf.broadcast_to(self.theta, shape)
        gamma = tfd.Gamma(theta, theta).sample(n, seed=of_gamma)
        return tfd.Poisson(self.mu * gamma).sample(seed=of_poisson)

    def _mean(self) -> tf.Tensor:
        return tf.broadcast_to(self.mu, self.batch_shape_tensor())

    def _variance(self) -> tf.Tensor:
        return self.mu + self.mu**2 / self.theta


def log_theta_of_moments(x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """log(theta) for which the variance is mean + mean^2 / theta, (D,), within its range."""
    _, mean, variance = moments(x, mask)
    excess = np.maximum(variance - mean, 1e-9)
    theta = np.maximum(mean, 1e-9) ** 2 / excess
    return np.clip(np.log(theta), *LOG_THETA_RANGE).ravel()


def _log_prob(x: np.ndarray, log_theta: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return exact_log_prob(x, mean, np.exp(log_theta))


def exact_log_prob(x: np.ndarray, mean: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """The textbook form in float64, as far as a search needs it."""
    log_of_ways = special.gammaln(x + theta) - special.gammaln(theta) - special.gammaln(x + 1)
    m = theta + mean
    return log_of_ways - theta * np.log1p(mean / theta) + special.xlogy(x, mean / m)
