"""Zero-inflated negative binomial: counts of which some are 0 for a reason of their own."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.bounds import inverse_soft_bound
from keras_vae.distributions.by_entry import Histogram, best_by_entry
from keras_vae.distributions.counts import LOG_MEAN_RANGE
from keras_vae.distributions.likelihoods.negative_binomial import (
    LOG_THETA_RANGE,
    NegativeBinomial,
    NegativeBinomialEntries,
    exact_log_prob,
    log_theta_of_moments,
)
from keras_vae.distributions.scalar import Scalar

__all__ = ["ZeroInflatedNegativeBinomial"]

# Of the start of zero_logit: 0.00005 to 0.99995, so that it can still be learned.
ZERO_LOGIT_RANGE = (-10.0, 10.0)


@keras.saving.register_keras_serializable(package="keras_vae")
class ZeroInflatedNegativeBinomial(NegativeBinomial):
    """With probability pi a count is 0, otherwise it is a `NegativeBinomial` (Lopez et al. 2018).

    The decoder outputs `log_mean`, of the negative binomial (see there), and `zero_logit`, the
    logit of pi. The mean of x is (1 - pi) mu.
    """

    def parameter_shapes(self, event_shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        return {"log_mean": tuple(event_shape), "zero_logit": tuple(event_shape)}

    def _entries(self, parameters: dict[str, tf.Tensor]) -> tfd.Distribution:
        mu = self.mean_count(parameters["log_mean"])
        return _ZeroInflated(mu=mu, theta=self.theta, zero_logit=parameters["zero_logit"])

    def fit_without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> dict[str, np.ndarray]:
        self.build_for(x.shape[1:])
        _, mean = self.best_log_mean(x, mask)
        start = [np.log(mean.ravel()), log_theta_of_moments(x, mask), np.full(mean.size, -2.0)]
        ranges = (LOG_MEAN_RANGE, LOG_THETA_RANGE, ZERO_LOGIT_RANGE)
        histogram = Histogram.of(x, mask)
        found = best_by_entry(_log_prob, histogram, start, ranges)
        # of zeros alone nothing can be said
        is_counted = histogram.sums(histogram.values) > 0
        log_mean, log_theta, zero_logit = np.where(is_counted, found, start)
        self.set_log_theta(log_theta)
        log_mean = inverse_soft_bound(log_mean, *LOG_MEAN_RANGE)
        best = {"log_mean": log_mean, "zero_logit": zero_logit}
        return {name: part.reshape(x.shape[1:]).astype("float32") for name, part in best.items()}


class _ZeroInflated(Scalar):
    NAMES = ("mu", "theta", "zero_logit")

    @property
    def counts(self) -> NegativeBinomialEntries:
        return NegativeBinomialEntries(mu=self.mu, theta=self.theta)

    def _log_prob(self, x: tf.Tensor) -> tf.Tensor:
        log_pi, log_rest = (tf.math.log_sigmoid(sign * self.zero_logit) for sign in (1, -1))
        # log p(x) = log(1 - pi) + log NB(x); log p(0) = log(pi + (1 - pi) NB(0))
        of_counts = log_rest + self.counts.log_prob(x)
        return tf.where(x == 0, tfp.math.log_add_exp(log_pi, of_counts), of_counts)

    def _sample_n(self, n: Any, seed: Any = None) -> tf.Tensor:
        of_zeros, of_counts = tfp.random.split_seed(seed, 2)
        counts = self.counts.sample(n, seed=of_counts)
        is_kept = tfd.Bernoulli(logits=-self.zero_logit, dtype=tf.float32)
        return counts * is_kept.sample(n, seed=of_zeros)

    def _mean(self) -> tf.Tensor:
        return tf.sigmoid(-self.zero_logit) * self.mu

    def _variance(self) -> tf.Tensor:
        # (1 - pi) (NB's variance + pi mu^2)
        inside = self.counts.variance() + tf.sigmoid(self.zero_logit) * self.mu**2
        return tf.sigmoid(-self.zero_logit) * inside


def _log_prob(
    x: np.ndarray, log_mean: np.ndarray, log_theta: np.ndarray, zero_logit: np.ndarray
) -> np.ndarray:
    """In float64, as far as a search needs it."""
    log_pi, log_rest = -np.logaddexp(0, -zero_logit), -np.logaddexp(0, zero_logit)
    of_counts = log_rest + exact_log_prob(x, np.exp(log_mean), np.exp(log_theta))
    return np.where(x == 0, np.logaddexp(log_pi, of_counts), of_counts)
