"""The importance-weighted bound L_K, and two estimators of its gradient."""

import math
from typing import Any

import keras
import tensorflow as tf

from keras_vae.choices import GRADIENTS_OF
from keras_vae.errors import check_count, check_name, check_resampled
from keras_vae.objectives.base import Objective
from keras_vae.resampling import chosen_of
from keras_vae.terms import Terms

__all__ = ["Iwae"]


@keras.saving.register_keras_serializable(package="keras_vae")
class Iwae(Objective):
    """-L_K = -log 1/K sum_k w_k, w_k = p(x, z_k) / q(z_k|x), z_k ~ q(z|x).

    Burda, Grosse & Salakhutdinov 2016, arXiv:1509.00519. Its `dreg` gradient (Tucker et al. 2019,
    arXiv:1810.04152) has the same mean, and for the encoder a variance that does not swamp it as K
    rises.

    Args:
        samples: K, at least 1.
        gradient: `"plain"` or `"dreg"`.
        resampled: S below K, draws whose gradient is followed, drawn again by their weights: the
            mean of the gradient is the same, its variance larger, and the backward pass, which
            costs twice the forward pass, is one of S draws (Burda et al., section 3, with S = 1);
            0: of all.
    """

    kind = "iwae"

    def __init__(self, samples: int = 50, gradient: str = "plain", resampled: int = 0) -> None:
        self.samples = check_count("samples", samples)
        check_name("gradient", gradient, GRADIENTS_OF["iwae"])
        self.gradient = gradient
        self.holds_posterior = gradient == "dreg"
        self.resampled = check_resampled(resampled, samples)

    def loss(self, terms: Terms, beta: tf.Tensor) -> tf.Tensor:
        # log w_k = log p(x|z_k) + beta (log p(z_k) - log q(z_k|x))
        log_w = _log_weights(terms, beta)
        loss = math.log(self.samples) - tf.reduce_logsumexp(log_w, axis=0)
        if terms.again is None and self.gradient == "plain":
            return loss
        weights = tf.stop_gradient(tf.nn.softmax(log_w, axis=0))  # w~_k
        shares = weights
        if terms.again is not None:
            terms, rows = terms.again(weights)
            # a sum over k weighed by w~_k is a mean over draws of k by w~_k
            log_w, weights = _log_weights(terms, beta), chosen_of(weights, rows)
            shares = tf.fill(tf.shape(rows), 1 / self.resampled)
        # decoder and prior: sum_k w~_k d log w_k, the plain gradient, w~_k the normalised weights
        # encoder: sum_k w~_k^2 d log w_k / dz_k dz_k / dphi, log q's own parameters held; where
        # beta weighs log q, w~_k - beta (w~_k - w~_k^2) in place of w~_k^2
        if self.gradient == "dreg":
            terms.path.weigh(1 - beta + beta * weights)
        held = -tf.reduce_sum(shares * log_w, axis=0)
        return tf.stop_gradient(loss - held) + held

    def get_config(self) -> dict[str, Any]:
        own = {"samples": self.samples, "gradient": self.gradient}
        return own | ({"resampled": self.resampled} if self.resampled else {})


def _log_weights(terms: Terms, beta: tf.Tensor) -> tf.Tensor:
    """log w_k of the bound with a weight, (K, batch)."""
    return terms.log_likelihood + beta * (terms.log_prior - terms.log_posterior)
