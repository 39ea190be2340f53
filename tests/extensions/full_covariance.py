"""A posterior with correlations: q(z|x) = N(m, L L^T), L lower triangular."""

import keras
import tensorflow as tf
import tensorflow_probability as tfp
from keras import layers

from keras_vae import VAE
from keras_vae.distributions import Posterior, soft_bound
from keras_vae.networks import mlp_decoder

tfd = tfp.distributions
LOG_DIAGONAL_RANGE = (-7.0, 3.0)


@keras.saving.register_keras_serializable(package="tests")
class FullNormal(Posterior):
    """The encoder puts out (m, the entries of L): (batch, d) and (batch, d (d + 1) / 2)."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_jit = False  # XLA cannot compile L for batches of any size

    def call(self, outputs):
        mean, entries = (tf.cast(part, tf.float32) for part in outputs)
        lower = tfp.math.fill_triangular(entries)
        log_diagonal = soft_bound(tf.linalg.diag_part(lower), *LOG_DIAGONAL_RANGE)
        return mean, tf.linalg.set_diag(lower, tf.exp(log_diagonal))

    def latent_dim(self, parameters):
        return parameters[0].shape[-1]

    def distribution(self, parameters):
        return tfd.MultivariateNormalTriL(*parameters)

    def transform(self, parameters, noise):
        mean, lower = parameters
        # z = m + L epsilon
        return mean + tf.linalg.matvec(lower, noise)

    def inverse(self, parameters, z):
        mean, lower = parameters
        return tf.linalg.triangular_solve(lower, (z - mean)[..., None])[..., 0]


def encoder(entries, latents, hidden=16):
    x = keras.Input((entries,))
    h = layers.Dense(hidden, activation="relu")(x) if hidden else x
    size = latents * (latents + 1) // 2
    return keras.Model(x, [layers.Dense(latents)(h), layers.Dense(size)(h)])


def make(x):
    decoder = mlp_decoder(x.shape[1:], 2, (16,))
    return VAE(encoder(x.shape[1], 2), decoder, "gaussian", posterior=FullNormal(), seed=0)
