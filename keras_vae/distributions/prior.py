"""The prior p(z)."""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

__all__ = ["PRIORS", "StandardNormal"]

tfd = tfp.distributions


@keras.saving.register_keras_serializable(package="keras_vae")
class StandardNormal(keras.layers.Layer):
    """p(z) = N(0, I): what the rate compares every q(z|x) with. It has no weights."""

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def distribution(self, latent_dim):
        """p(z) over `latent_dim` latents, as a `tfd.Independent` with event shape (d,)."""
        zeros = tf.zeros([latent_dim])
        return tfd.Independent(tfd.Normal(zeros, tf.ones_like(zeros)), 1)


PRIORS = {"standard_normal": StandardNormal}
