"""The contract of a posterior family: what the encoder outputs -> q(z|x)."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

__all__ = ["Posterior"]


class Posterior(keras.layers.Layer):
    """Base of the families of q(z|x). Always float32, whatever the encoder's precision.

    A Keras layer, because a family may own weights. Called on the encoder's outputs it returns the
    parameters of q(z|x), a structure of tensors (batch, ...).

    Attributes:
        has_cheap_log_prob: whether log q(z|x) of any z takes one pass.
    """

    has_cheap_log_prob = True

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def heads(self, latent_dim: int) -> dict[str, int]:
        """What an encoder of this package outputs for `latent_dim` latents: name -> size, in the
        order in which `call` takes them."""
        return {"z_mean": latent_dim, "z_log_var": latent_dim}

    def check(self, outputs: Any) -> None:
        """Refuses encoder outputs that are not what the family takes. Asked before each call, in
        which Keras would put its own words around the error.

        Raises:
            ConfigError: with what was expected.
        """

    def call(self, outputs: Any) -> Any:
        """The parameters of q(z|x) from the encoder's outputs."""
        raise NotImplementedError(f"{type(self).__name__} must define call")

    def latent_dim(self, parameters: Any) -> int:
        """d, the number of latents; of symbolic tensors too."""
        raise NotImplementedError(f"{type(self).__name__} must define latent_dim")

    def distribution(self, parameters: Any) -> tfd.Distribution:
        """q(z|x), a `tfd.Distribution` of batch shape (batch,) and event shape (d,)."""
        raise NotImplementedError(f"{type(self).__name__} must define distribution")

    def transform(self, parameters: Any, noise: tf.Tensor) -> tf.Tensor:
        """z ~ q(z|x) as a differentiable function of noise ~ N(0, I): the reparameterisation.

        Args:
            parameters: of q(z|x), for batch examples.
            noise: float32 (..., batch, d).

        Returns:
            float32 (..., batch, d).
        """
        raise NotImplementedError(f"{type(self).__name__} must define transform")

    def draw(self, parameters: Any, noise: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(z, log q(z|x)) of noise ~ N(0, I); arguments as of `transform`, log q (..., batch)."""
        z = self.transform(parameters, noise)
        return z, self.distribution(parameters).log_prob(z)

    def inverse(self, parameters: Any, z: tf.Tensor) -> tf.Tensor:
        """The noise of which `transform` makes z. Families that do not know it leave it undefined.

        Args, Returns: as of `transform`, the other way.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define inverse")

    def moments(self, parameters: Any) -> tuple[tf.Tensor, tf.Tensor]:
        """(z_mean, z_log_var): mean, and natural log of the variance, of each latent under q(z|x),
        each (batch, d)."""
        q = self.distribution(parameters)
        return q.mean(), ops.log(q.variance())
