"""The negative ELBO, its rate weighed by beta and free up to some nats."""

from typing import Any

import keras
import tensorflow as tf

from keras_vae.errors import check_weight
from keras_vae.objectives.base import Objective
from keras_vae.terms import Terms

__all__ = ["Elbo"]


@keras.saving.register_keras_serializable(package="keras_vae")
class Elbo(Objective):
    """distortion + beta * max(rate, free_nats); with beta 1 and no free nats it is -ELBO.

    beta: Higgins et al. 2017, beta-VAE. Free nats: after Kingma et al. 2016, arXiv:1606.04934, who
    apply them to averages over the minibatch.

    Args:
        free_nats: floor on each example's rate, nats, at least 0.
    """

    maximizes_elbo = True

    def __init__(self, free_nats: float = 0.0) -> None:
        self.free_nats = check_weight("free_nats", free_nats)

    def loss(self, terms: Terms, beta: tf.Tensor) -> tf.Tensor:
        # loss = D + beta * max(R, free nats)
        return terms.distortion + beta * tf.maximum(terms.rate, self.free_nats)

    def get_config(self) -> dict[str, Any]:
        return {"free_nats": self.free_nats}
