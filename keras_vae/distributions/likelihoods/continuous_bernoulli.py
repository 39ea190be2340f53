"""Continuous Bernoulli: gray levels in [0, 1], logits from the decoder."""

import keras
import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.likelihoods.base import Likelihood
from keras_vae.distributions.likelihoods.bernoulli import (
    log_prob_of_logit_pairs,
    mean_inside_unit_interval,
)

__all__ = ["ContinuousBernoulli"]


@keras.saving.register_keras_serializable(package="keras_vae")
class ContinuousBernoulli(Likelihood):
    """p(x_i|z) = C(l) l^x_i (1 - l)^(1 - x_i), l = sigmoid(decoder output): for x in [0, 1].

    Loaiza-Ganem & Cunningham 2019, arXiv:1907.06845. The decoder outputs logits of l, and
    the mean of x_i is not l.
    """

    support = (0, 1)

    def _entries(self, parameters: tf.Tensor) -> tfd.Distribution:
        return tfd.ContinuousBernoulli(logits=parameters)

    def log_prob_of_pairs(
        self, x: tf.Tensor, parameters: tf.Tensor, mask: tf.Tensor | None = None
    ) -> tf.Tensor:
        return log_prob_of_logit_pairs(self, x, parameters, mask)

    def fit_without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        # In an exponential family the best fit matches the mean. It rises with the logit a and
        # is near 1 / |a| at the ends, so |a| <= 2 / min(m, 1 - m) brackets the root: bisect.
        mean = mean_inside_unit_interval(x, mask)
        high = 2.0 / np.minimum(mean, 1.0 - mean)
        low = -high
        for _ in range(80):
            middle = (low + high) / 2
            is_below = _continuous_bernoulli_mean(middle) < mean
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        return ((low + high) / 2).astype("float32")


def _continuous_bernoulli_mean(logits: np.ndarray) -> np.ndarray:
    """E[x] = 1 / (1 - exp(-a)) - 1 / a in float64, by its series where the terms cancel."""
    is_small = np.abs(logits) < 1e-3
    a = np.where(is_small, 1.0, logits)
    with np.errstate(over="ignore"):
        mean = -1.0 / np.expm1(-a) - 1.0 / a
    return np.where(is_small, 0.5 + logits / 12.0, mean)
