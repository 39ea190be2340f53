"""The beta-TCVAE: the rate in three parts, of which beta weighs the total correlation."""

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.errors import ConfigError, check_count
from keras_vae.objectives.base import Objective
from keras_vae.terms import Terms

__all__ = ["BetaTC"]


@keras.saving.register_keras_serializable(package="keras_vae")
class BetaTC(Objective):
    """distortion + I(x; z) + beta * TC(z) + sum_j KL(q(z_j) || p(z_j)); with beta 1 it is -ELBO.

    TC(z) = KL(q(z) || prod_j q(z_j)), q(z) the mean of q(z|x) over the data (Chen et al. 2018,
    arXiv:1802.04942). q(z) is estimated from the batch by their minibatch stratified weights; by
    the error of that the estimate of TC may be negative. For a q(z|x) and a p(z) that are
    independent over latents.

    Args:
        examples: how many the training data have, at least 1.
    """

    def __init__(self, examples: Any = None) -> None:
        if examples is None:
            raise ConfigError(
                "objective beta-tc must know how many training examples there are: give "
                "BetaTC(examples=len(x)) in place of its name"
            )
        self.examples = check_count("examples", examples)

    def loss(self, terms: Terms, beta: tf.Tensor) -> tf.Tensor:
        for name, p in (("q(z|x)", terms.posterior), ("p(z)", terms.prior)):
            if not isinstance(p, tfd.Independent):
                raise ConfigError(
                    f"objective beta-tc needs latents that are independent under q(z|x) and p(z), "
                    f"got a {type(p).__name__} for {name}; choose posterior diagonal and prior "
                    f"standard"
                )
        z = terms.z[0]
        # log q(z_i|x_j) of each latent, (i, j, d)
        each = terms.posterior.distribution.log_prob(z[:, None])
        log_weights = _stratified(tf.shape(z)[0], self.examples)
        joint = tf.reduce_sum(each, axis=-1)
        log_q_z = tf.reduce_logsumexp(log_weights + joint, axis=1)
        log_q_of_latents = tf.reduce_sum(
            tf.reduce_logsumexp(log_weights[..., None] + each, axis=1), axis=-1
        )
        # R = [log q(z|x) - log q(z)] + [log q(z) - sum_j log q(z_j)]
        #     + [sum_j log q(z_j) - log p(z)]
        information = terms.log_posterior[0] - log_q_z
        total_correlation = log_q_z - log_q_of_latents
        of_latents = log_q_of_latents - terms.log_prior[0]
        return terms.distortion + information + beta * total_correlation + of_latents

    def get_config(self) -> dict[str, Any]:
        return {"examples": self.examples}


def _stratified(batch: tf.Tensor, examples: int) -> tf.Tensor:
    """log of the weights of q(z_i|x_j) in q(z_i), float32 (batch, batch).

    1/N for x_i itself, (N - M)/(N M) for one other, 1/M for the rest, M = batch - 1 (appendix C of
    the paper).
    """
    others = tf.cast(tf.maximum(batch - 1, 1), "float32")
    rest = tf.fill([batch, batch], -tf.math.log(others))
    own = tf.fill([batch], -math.log(examples))
    share = tf.maximum((examples - others) / (examples * others), np.finfo("float32").tiny)
    next_one = tf.fill([batch], tf.math.log(share))
    shifted = tf.roll(tf.eye(batch), shift=1, axis=1) > 0
    weights = tf.where(shifted, next_one[:, None], rest)
    return tf.linalg.set_diag(weights, own)
