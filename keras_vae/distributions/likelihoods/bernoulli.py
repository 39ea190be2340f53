"""Bernoulli: binary x, logits from the decoder."""

import keras
import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.likelihoods.base import Likelihood, flat, refuse_to_broadcast

__all__ = ["Bernoulli", "log_prob_of_logit_pairs", "mean_inside_unit_interval"]


@keras.saving.register_keras_serializable(package="keras_vae")
class Bernoulli(Likelihood):
    """p(x_i = 1|z) = sigmoid(decoder output): for binary x. The decoder outputs logits."""

    support = (0, 1)
    is_discrete = True

    def _entries(self, parameters: tf.Tensor) -> tfd.Distribution:
        return tfd.Bernoulli(logits=parameters, dtype=tf.float32)

    def log_prob(
        self, x: tf.Tensor, parameters: tf.Tensor, mask: tf.Tensor | None = None
    ) -> tf.Tensor:
        refuse_to_broadcast(x, tf.TensorShape(parameters.shape)[1:])
        # as rows: XLA makes vectors of the last axis, and that of an image is short
        of_entries = self.log_prob_of_entries(flat(x), flat(parameters))
        return tf.reduce_sum(of_entries if mask is None else flat(mask) * of_entries, axis=1)

    def log_prob_of_pairs(
        self, x: tf.Tensor, parameters: tf.Tensor, mask: tf.Tensor | None = None
    ) -> tf.Tensor:
        return log_prob_of_logit_pairs(self, x, parameters, mask)

    def log_prob_of_entries(self, x: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        # log p(x_i|z) = x_i a_i - log(1 + exp(a_i))
        #              = (x_i - 1/2) a_i - |a_i| / 2 - log(1 + exp(-|a_i|))
        # for logits a. The second line is what can be computed: nothing overflows, its derivative
        # is right at 0 too, and XLA finds exp(-|a|) in both. tfp takes three times as long.
        logits = tf.cast(parameters, tf.float32)
        size = tf.abs(logits)
        return (x - 0.5) * logits - 0.5 * size - tf.math.log1p(tf.exp(-size))

    def fit_without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        # logit(m) = log m - log(1 - m)
        mean = mean_inside_unit_interval(x, mask)
        return (np.log(mean) - np.log1p(-mean)).astype("float32")


def log_prob_of_logit_pairs(
    likelihood: Likelihood, x: tf.Tensor, logits: tf.Tensor, mask: tf.Tensor | None = None
) -> tf.Tensor:
    """log p(x|z) = a . x + log p(0|z) for logits a: one matrix product for all pairs; two where
    some entries are missing."""
    logits = tf.cast(logits, tf.float32)
    zeros = tf.zeros_like(logits)
    if mask is None:
        log_prob_of_zeros = likelihood.log_prob(zeros, logits)
        return tf.matmul(flat(x), flat(logits), transpose_b=True) + log_prob_of_zeros
    of_zeros = likelihood.log_prob_of_entries(zeros, logits)
    # sum_i mask_i (a_i x_i + log p(0_i|z))
    products = tf.matmul(flat(mask * x), flat(logits), transpose_b=True)
    return products + tf.matmul(flat(mask), flat(of_zeros), transpose_b=True)


def mean_inside_unit_interval(x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Mean of each entry over N examples, plus half a 0 and half a 1 (Krichevsky-Trofimov):
    an entry that was never 1 in training may still be 1 in a test example."""
    if mask is not None:
        total = np.sum(mask * x, axis=0, dtype="float64")
        return (total + 0.5) / (np.sum(mask, axis=0, dtype="float64") + 1.0)
    return (np.sum(x, axis=0, dtype="float64") + 0.5) / (len(x) + 1.0)
