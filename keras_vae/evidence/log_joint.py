"""log p(x, z) = log p(x|z) + log p(z): what every estimate of log p(x) integrates over z."""

from typing import Any

import tensorflow as tf

from keras_vae.distributions import with_mask
from keras_vae.evidence.parameters import len_of
from keras_vae.inputs import parts_of, repeated
from keras_vae.vae import VAE

__all__ = ["log_joint", "log_joint_of_pairs"]


def log_joint(vae: VAE, x: Any, z: tf.Tensor) -> tf.Tensor:
    """log p(x, z) of each x with the z in its own row.

    Args:
        vae: `VAE`.
        x: float32 tensor (batch, *event_shape), or a dictionary of such.
        z: float32 tensor (batch, d).

    Returns:
        float32 tensor (batch,), nats.
    """
    log_prior = vae.prior.distribution(vae.latent_dim).log_prob(z)
    return vae.conditional_log_prob(x, z) + log_prior


def log_joint_of_pairs(vae: VAE, x: Any, z: tf.Tensor) -> tf.Tensor:
    """log p(x, z) of every x with every z, each z decoded once; of a conditional model once for
    each x, which has its own condition.

    Args:
        vae: `VAE`.
        x: float32 tensor (N, *event_shape), or a dictionary of such.
        z: float32 tensor (M, d).

    Returns:
        float32 tensor (N, M), nats.
    """
    log_prior = vae.prior.distribution(vae.latent_dim).log_prob(z)
    if vae.condition_shape is not None:
        examples, latents = len_of(x), tf.shape(z)[0]
        pairs = repeated(x, latents), tf.tile(z, (examples, 1))
        return tf.reshape(vae.conditional_log_prob(*pairs), (examples, latents)) + log_prior
    parts = parts_of(x, vae.event_shape)
    log_prob, outputs = vae.likelihood.log_prob_of_pairs, vae.decoder_outputs(z)
    return with_mask(log_prob, parts.x, outputs, mask=parts.mask) + log_prior
