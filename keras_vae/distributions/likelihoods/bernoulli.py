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

    def log_prob(self, x: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        # log p(x|z) = sum_i x_i a_i - log(1 + exp(a_i)) for logits a; a third of the time that
        # tfp takes, which guards against cases that logits do not have
        refuse_to_broadcast(x, tf.TensorShape(parameters.shape)[1:])
        return tf.reduce_sum(flat(x * parameters - tf.nn.softplus(parameters)), axis=1)

    def log_prob_of_pairs(self, x: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        return log_prob_of_logit_pairs(self, x, parameters)

    def fit_without_z(self, x: np.ndarray) -> np.ndarray:
        # logit(m) = log m - log(1 - m)
        mean = mean_inside_unit_interval(x)
        return (np.log(mean) - np.log1p(-mean)).astype("float32")


def log_prob_of_logit_pairs(likelihood: Likelihood, x: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """log p(x|z) = a . x + log p(0|z) for logits a: one matrix product for all pairs."""
    log_prob_of_zeros = likelihood.log_prob(tf.zeros_like(logits), logits)
    return tf.matmul(flat(x), flat(logits), transpose_b=True) + log_prob_of_zeros


def mean_inside_unit_interval(x: np.ndarray) -> np.ndarray:
    """Mean of each entry over N examples, plus half a 0 and half a 1 (Krichevsky-Trofimov):
    an entry that was never 1 in training may still be 1 in a test example."""
    return (np.sum(x, axis=0, dtype="float64") + 0.5) / (len(x) + 1.0)
