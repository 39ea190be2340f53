"""The search for the best diagonal Gaussian q*(z|x) of one x by itself, from the encoder's q on.

Adam (Kingma & Ba 2015, arXiv:1412.6980) on z_mean and z_log_var, with reparameterised gradients. It
steps in standard deviations of the q that it has reached, so that one learning rate fits wide and
narrow posteriors.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.distributions import Z_LOG_VAR_RANGE
from keras_vae.evidence.parameters import len_of
from keras_vae.inputs import repeated
from keras_vae.terms import elbo, rate
from keras_vae.traced import specs_of, traced_of
from keras_vae.vae import VAE

__all__ = ["distortions_function", "search_function"]

# How much weight Adam's means keep at each step. The mean of squares is shorter than usual (0.999),
# so that a steep beginning is forgotten within a few hundred steps.
KEPT_GRADIENT, KEPT_SQUARE = 0.9, 0.99
EPSILON = 1e-4  # nats: a smaller gradient is rounding, and not worth a step


def distortions_function(vae: VAE, x: Any) -> Callable[..., tf.Tensor]:
    """(x, z_mean, z_log_var, epsilon (batch, pairs, d)) -> -log p(x|z), float32 (batch, pairs): the
    mean over the two z = z_mean +- std * epsilon."""
    latents = tf.TensorSpec((None, vae.latent_dim), "float32")
    noise = tf.TensorSpec((None, None, vae.latent_dim), "float32")
    return traced_of(vae, _distortions, signature=[specs_of(x), latents, latents, noise])


def search_function(
    vae: VAE, x: Any, steps: int, samples: int, learning_rate: float
) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
    """(x, z_mean and z_log_var of q, seed) -> (z_mean, z_log_var) of q*."""
    latents = tf.TensorSpec((None, vae.latent_dim), "float32")
    signature = [specs_of(x), latents, latents, tf.TensorSpec((2,), "int32")]
    return traced_of(vae, _search, steps, samples, learning_rate, signature=signature)


def _distortions(
    vae: VAE, x: Any, z_mean: tf.Tensor, z_log_var: tf.Tensor, epsilon: tf.Tensor
) -> tf.Tensor:
    pairs = tf.shape(epsilon)[1]
    epsilon = tf.concat([epsilon, -epsilon], axis=1)
    z = z_mean[:, None] + tf.exp(z_log_var / 2)[:, None] * epsilon
    # The same example 2 * pairs times in a row of the batch: networks know no other axes.
    z = tf.reshape(z, [-1, vae.latent_dim])
    log_likelihood = vae.conditional_log_prob(repeated(x, 2 * pairs), z)
    return -tf.reduce_mean(tf.reshape(log_likelihood, [-1, 2, pairs]), axis=1)


def _search(
    vae: VAE,
    steps: int,
    samples: int,
    learning_rate: float,
    x: Any,
    z_mean: tf.Tensor,
    z_log_var: tf.Tensor,
    seed: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor]:
    prior = vae.prior.distribution(vae.latent_dim)  # p(z)
    noise_shape = (len_of(x), samples // 2, vae.latent_dim)

    def step(
        done: tf.Tensor,
        z_mean: tf.Tensor,
        z_log_var: tf.Tensor,
        mean_gradient: tf.Tensor,
        mean_square: tf.Tensor,
    ) -> list[tf.Tensor]:
        epsilon = tf.random.stateless_normal(noise_shape, tf.random.fold_in(seed, done))
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([z_mean, z_log_var])
            distortion = tf.reduce_mean(_distortions(vae, x, z_mean, z_log_var, epsilon), axis=1)
            posterior = vae.posterior_family.distribution((z_mean, z_log_var))  # q(z|x)
            loss = -elbo(distortion, rate(posterior, prior))
        of_mean, of_log_var = tape.gradient(loss, [z_mean, z_log_var])
        # With z_mean = constant + std * u:  dL/du = std * dL/dz_mean
        std = tf.exp(z_log_var / 2)
        gradient = tf.stack([std * of_mean, of_log_var])
        # Adam: m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
        mean_gradient += (1 - KEPT_GRADIENT) * (gradient - mean_gradient)
        mean_square += (1 - KEPT_SQUARE) * (gradient**2 - mean_square)
        # change = -a m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + epsilon)
        t = tf.cast(done + 1, "float32")
        unbiased_square = mean_square / (1 - KEPT_SQUARE**t)
        change = -mean_gradient / (1 - KEPT_GRADIENT**t) / (tf.sqrt(unbiased_square) + EPSILON)
        # a = learning rate * (1 + cos(pi * share done)) / 2
        change *= learning_rate * (1 + tf.cos(np.pi * (t - 1) / steps)) / 2
        z_mean += std * change[0]
        z_log_var = tf.clip_by_value(z_log_var + change[1], *Z_LOG_VAR_RANGE)
        return [done + 1, z_mean, z_log_var, mean_gradient, mean_square]

    nothing = tf.zeros_like([z_mean, z_log_var])
    state = [tf.constant(0), z_mean, z_log_var, nothing, nothing]
    state = tf.while_loop(lambda done, *_: done < steps, step, state)
    return state[1], state[2]
