"""The negative ELBO, its rate weighed by beta, free up to some nats or held at some nats."""

from typing import Any

import keras
import tensorflow as tf

from keras_vae.choices import GRADIENTS_OF
from keras_vae.errors import check_count, check_name, check_one_change_of_rate, check_weight
from keras_vae.objectives.base import Objective
from keras_vae.terms import Terms

__all__ = ["Elbo"]


@keras.saving.register_keras_serializable(package="keras_vae")
class Elbo(Objective):
    """distortion + beta * max(rate, free_nats); with beta 1 and no free nats it is -ELBO.

    beta: Higgins et al. 2017, beta-VAE. Free nats: after Kingma et al. 2016, arXiv:1606.04934, who
    apply them to averages over the minibatch. Capacity: Burgess et al. 2018, arXiv:1804.03599,
    distortion + beta * |mean rate of the batch - capacity|.

    Args:
        free_nats: floor on each example's rate, nats, at least 0.
        samples: draws of z an example, over which the bound is averaged; at least 1. That is not
            L_K.
        gradient: `"plain"`; or `"stl"`: the gradient of log q(z|x) by its own parameters, whose
            mean is 0, is left out, and the rate is log q(z|x) - log p(z) at z (sticking the
            landing, Roeder et al. 2017, arXiv:1703.09194).
        capacity: nats that the rate is held at; None: not. See `raise_capacity`.
    """

    def __init__(
        self,
        free_nats: float = 0.0,
        samples: int = 1,
        gradient: str = "plain",
        capacity: float | None = None,
    ) -> None:
        self.free_nats = check_weight("free_nats", free_nats)
        self.samples = check_count("samples", samples)
        check_name("gradient", gradient, GRADIENTS_OF["elbo"])
        self.gradient = gradient
        self.capacity = None if capacity is None else check_weight("capacity", capacity)
        check_one_change_of_rate(free_nats, capacity, gradient)
        self._capacity_now = tf.Variable(capacity or 0.0, trainable=False, dtype="float32")
        self.holds_posterior = gradient == "stl"
        self.kind = "elbo" if capacity is None else "other"

    def loss(self, terms: Terms, beta: tf.Tensor) -> tf.Tensor:
        if self.gradient == "stl":
            # R = E_q[log q(z|x) - log p(z)], log q's own parameters held
            rate = tf.reduce_mean(terms.log_posterior - terms.log_prior, axis=0)
            return terms.distortion + beta * rate
        if self.capacity is not None:
            # loss = D + beta * |R - C|
            away = tf.abs(tf.reduce_mean(terms.rate) - self._capacity_now)
            return terms.distortion + beta * away
        # loss = D + beta * max(R, free nats)
        return terms.distortion + beta * tf.maximum(terms.rate, self.free_nats)

    def raise_capacity(self, part: float) -> None:
        """Holds the rate at so large a part of the capacity from now on.

        Burgess et al. 2018 let it rise from 0, evenly over training: latents are taken into use
        one after the other, and those that explain most come first.
        """
        self._capacity_now.assign(part * (self.capacity or 0.0))

    def get_config(self) -> dict[str, Any]:
        own = {"samples": self.samples, "gradient": self.gradient, "capacity": self.capacity}
        return {"free_nats": self.free_nats, **own}
