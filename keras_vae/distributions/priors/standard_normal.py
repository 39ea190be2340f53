"""The prior p(z) = N(0, I)."""

import keras
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.priors.base import Prior

__all__ = ["StandardNormal"]


@keras.saving.register_keras_serializable(package="keras_vae")
class StandardNormal(Prior):
    """p(z) = N(0, I): what the rate compares every q(z|x) with. It has no weights."""

    def distribution(self, latent_dim: int) -> tfd.Distribution:
        """p(z) over `latent_dim` latents, as a `tfd.Independent` with event shape (d,)."""
        zeros = tf.zeros([latent_dim])
        return tfd.Independent(tfd.Normal(zeros, tf.ones_like(zeros)), 1)
