"""The importance-weighted bound L_K, and two estimators of its gradient."""

import math
from typing import Any

import keras
import tensorflow as tf

from keras_vae.choices import GRADIENTS_OF
from keras_vae.errors import check_count, check_name
from keras_vae.objectives.base import Objective
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
    """

    kind = "iwae"

    def __init__(self, samples: int = 50, gradient: str = "plain") -> None:
        self.samples = check_count("samples", samples)
        check_name("gradient", gradient, GRADIENTS_OF["iwae"])
        self.gradient = gradient
        self.holds_posterior = gradient == "dreg"

    def loss(self, terms: Terms, beta: tf.Tensor) -> tf.Tensor:
        # log w_k = log p(x|z_k) + beta (log p(z_k) - log q(z_k|x))
        log_w = terms.log_likelihood + beta * (terms.log_prior - terms.log_posterior)
        loss = math.log(self.samples) - tf.reduce_logsumexp(log_w, axis=0)
        if self.gradient == "plain":
            return loss
        # decoder and prior: sum_k w~_k d log w_k, the plain gradient, w~_k the normalised weights
        # encoder: sum_k w~_k^2 d log w_k / dz_k dz_k / dphi, log q's own parameters held; where
        # beta weighs log q, w~_k - beta (w~_k - w~_k^2) in place of w~_k^2
        weights = tf.stop_gradient(tf.nn.softmax(log_w, axis=0))
        terms.path.weigh(1 - beta + beta * weights)
        held = -tf.reduce_sum(weights * log_w, axis=0)
        return tf.stop_gradient(loss - held) + held

    def get_config(self) -> dict[str, Any]:
        return {"samples": self.samples, "gradient": self.gradient}
