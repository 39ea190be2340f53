"""The search for the best q*(z|x) of one x by itself, in the model's family, from the encoder's on.

Adam (Kingma & Ba 2015, arXiv:1412.6980) on the parameters of q, with reparameterised gradients. It
steps in units of the q that it has reached (`posterior_moves`), so that one learning rate fits wide
and narrow posteriors.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.evidence.parameters import len_of, specs_of_posterior
from keras_vae.evidence.posterior_moves import moves_of
from keras_vae.inputs import repeated
from keras_vae.terms import elbo, has_exact_rate, rate
from keras_vae.traced import specs_of, traced_of
from keras_vae.vae import VAE

__all__ = ["search_function", "terms_function"]

# How much weight Adam's means keep at each step. The mean of squares is shorter than usual (0.999),
# so that a steep beginning is forgotten within a few hundred steps.
KEPT_GRADIENT, KEPT_SQUARE = 0.9, 0.99
EPSILON = 1e-4  # nats: a smaller gradient is rounding, and not worth a step


def terms_function(vae: VAE, x: Any) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
    """(x, parameters of q, epsilon (batch, pairs, d)) -> (distortion, rate), each the mean over the
    two z that epsilon and -epsilon make: float32 (batch, pairs), nats. The rate is (batch, 1) where
    it is known in closed form."""
    noise = tf.TensorSpec((None, None, vae.latent_dim), "float32")
    signature = [specs_of(x), specs_of_posterior(vae, x), noise]
    return traced_of(vae, _terms, signature=signature)


def search_function(
    vae: VAE, x: Any, steps: int, samples: int, learning_rate: float
) -> Callable[..., Any]:
    """(x, parameters of q, seed) -> parameters of q*."""
    signature = [specs_of(x), specs_of_posterior(vae, x), tf.TensorSpec((2,), "int32")]
    return traced_of(vae, _search, steps, samples, learning_rate, signature=signature)


def _terms(vae: VAE, x: Any, parameters: Any, epsilon: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    prior = vae.prior.distribution(vae.latent_dim)  # p(z)
    return _terms_with(vae, prior, x, parameters, epsilon)


def _terms_with(
    vae: VAE, prior: tfd.Distribution, x: Any, parameters: Any, epsilon: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    pairs, family = tf.shape(epsilon)[1], vae.posterior_family

    def of_pairs(values: tf.Tensor) -> tf.Tensor:
        """(batch, 2 * pairs), in any shape -> the means over both, (batch, pairs)."""
        return tf.reduce_mean(tf.reshape(values, [-1, 2, pairs]), axis=1)

    noise = tf.transpose(tf.concat([epsilon, -epsilon], axis=1), [1, 0, 2])
    z, log_posterior = family.draw(parameters, noise)  # (2 * pairs, batch, d)
    # The same example 2 * pairs times in a row of the batch: networks know no other axes.
    rows = tf.reshape(tf.transpose(z, [1, 0, 2]), [-1, vae.latent_dim])
    distortion = -of_pairs(vae.conditional_log_prob(repeated(x, 2 * pairs), rows))
    posterior = family.distribution(parameters)  # q(z|x)
    if has_exact_rate(posterior, prior):
        return distortion, rate(posterior, prior)[:, None]
    # R = E_q[log q(z|x) - log p(z)]
    return distortion, of_pairs(tf.transpose(log_posterior - prior.log_prob(z)))


def _search(
    vae: VAE,
    steps: int,
    samples: int,
    learning_rate: float,
    x: Any,
    parameters: Any,
    seed: tf.Tensor,
) -> Any:
    prior = vae.prior.distribution(vae.latent_dim)  # p(z)
    noise_shape = (len_of(x), samples // 2, vae.latent_dim)
    moves = moves_of(vae.posterior_family)
    nothing = tf.zeros((len_of(x), moves.size(parameters)))

    def step(
        done: tf.Tensor, parameters: Any, mean_gradient: tf.Tensor, mean_square: tf.Tensor
    ) -> list[Any]:
        epsilon = tf.random.stateless_normal(noise_shape, tf.random.fold_in(seed, done))
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(nothing)
            moved = moves.moved(parameters, nothing)
            terms = _terms_with(vae, prior, x, moved, epsilon)
            loss = -elbo(*(tf.reduce_mean(term, axis=1) for term in terms))
        gradient = tape.gradient(loss, nothing)
        # Adam: m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
        mean_gradient += (1 - KEPT_GRADIENT) * (gradient - mean_gradient)
        mean_square += (1 - KEPT_SQUARE) * (gradient**2 - mean_square)
        # change = -a m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + epsilon)
        t = tf.cast(done + 1, "float32")
        unbiased_square = mean_square / (1 - KEPT_SQUARE**t)
        change = -mean_gradient / (1 - KEPT_GRADIENT**t) / (tf.sqrt(unbiased_square) + EPSILON)
        # a = learning rate * (1 + cos(pi * share done)) / 2
        change *= learning_rate * (1 + tf.cos(np.pi * (t - 1) / steps)) / 2
        parameters = moves.within(moves.moved(parameters, change))
        return [done + 1, parameters, mean_gradient, mean_square]

    state = [tf.constant(0), parameters, nothing, nothing]
    return tf.while_loop(lambda done, *_: done < steps, step, state)[1]
