"""log p(x, z) = log p(x|z) + log p(z): what every estimate of log p(x) integrates over z."""

import tensorflow as tf

from keras_vae.vae import VAE

__all__ = ["log_joint", "log_joint_of_pairs"]


def log_joint(vae: VAE, x: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
    """log p(x, z) of each x with the z in its own row.

    Args:
        vae: `VAE`.
        x: float32 tensor (batch, *event_shape).
        z: float32 tensor (batch, d).

    Returns:
        float32 tensor (batch,), nats.
    """
    log_likelihood = vae.likelihood.log_prob(x, vae.decoder(z, training=False))
    return log_likelihood + vae.prior.distribution(vae.latent_dim).log_prob(z)


def log_joint_of_pairs(vae: VAE, x: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
    """log p(x, z) of every x with every z, each z decoded once.

    Args:
        vae: `VAE`.
        x: float32 tensor (N, *event_shape).
        z: float32 tensor (M, d).

    Returns:
        float32 tensor (N, M), nats.
    """
    log_likelihood = vae.likelihood.log_prob_of_pairs(x, vae.decoder(z, training=False))
    return log_likelihood + vae.prior.distribution(vae.latent_dim).log_prob(z)
