"""The walk of annealed importance sampling: chains along a path of distributions.

A step of Hamiltonian Monte Carlo leaves each distribution of the path as it is; see `annealed`.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf
import tensorflow_probability as tfp

from keras_vae.distributions.transformed_normal import log_normal
from keras_vae.evidence.log_joint import log_joint
from keras_vae.evidence.parameters import len_of
from keras_vae.inputs import repeated
from keras_vae.traced import specs_of, traced_of
from keras_vae.vae import VAE

__all__ = ["annealing_function"]

TARGET_ACCEPTANCE = 0.65


def annealing_function(
    vae: VAE, x: Any, chains: int, leapfrog_steps: int
) -> Callable[..., tuple[tf.Tensor, tf.Tensor, tf.Tensor]]:
    """The function that takes the chains of one batch along the path, from b[0] to b[-1].

    Its arguments: x; u, where the chains start, (batch * chains, d), those of one example in a
    row; b; log_steps, the logs of the step sizes at b, (T + 1, batch); adaptation, by which they
    change, 0 to keep them; seed. It returns log w (chains, batch), the mean acceptance (batch,)
    and log_steps as adapted.
    """
    latents = tf.TensorSpec((None, vae.latent_dim), "float32")
    ladder = tf.TensorSpec((None,), "float64"), tf.TensorSpec((None, None), "float32")
    options = tf.TensorSpec((), "float32"), tf.TensorSpec((2,), "int32")
    signature = [specs_of(x), latents, *ladder, *options]
    return traced_of(vae, _anneal, chains, leapfrog_steps, signature=signature)


def _anneal(
    vae: VAE,
    chains: int,
    leapfrog_steps: int,
    x: Any,
    u: tf.Tensor,
    b: tf.Tensor,
    log_steps: tf.Tensor,
    adaptation: tf.Tensor,
    seed: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    nothing = tf.zeros(len_of(x))
    # The same example `chains` times in a row of the batch: networks know no other axes.
    x, parameters = repeated((x, vae.posterior_parameters(x)), chains)

    def log_ends(u: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """q(z|x) and p(x, z) as densities of the noise u that makes z."""
        z, log_q = vae.posterior_family.draw(parameters, u)
        # q(z|x) |dz/du| = N(u; 0, I), so p(x, z) |dz/du| = p(x, z) / q(z|x) N(u; 0, I)
        log_normal_u = log_normal(u)
        return log_normal_u, log_joint(vae, x, z) - log_q + log_normal_u

    def log_ratio(u: tf.Tensor) -> tf.Tensor:
        log_q, log_p = log_ends(u)
        return tf.cast(log_p - log_q, "float64")

    def move(
        u: tf.Tensor, b: tf.Tensor, log_step: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """(u after one Hamiltonian step that leaves f as it is, its acceptance (batch,))."""

        def log_f(u: tf.Tensor) -> tf.Tensor:
            # log f = (1 - b) log q(z|x) + b log p(x, z)
            log_q, log_p = log_ends(u)
            return (1 - b) * log_q + b * log_p

        step = tf.repeat(tf.exp(log_step), chains)[:, None]
        kernel = tfp.mcmc.HamiltonianMonteCarlo(log_f, step, leapfrog_steps)
        u, result = kernel.one_step(u, kernel.bootstrap_results(u), seed=seed)
        accepted = tf.exp(tf.minimum(result.log_accept_ratio, 0.0))
        return u, tf.reduce_mean(tf.reshape(accepted, [-1, chains]), axis=1)

    def step(t: tf.Tensor, *state: tf.Tensor) -> list[tf.Tensor]:
        u, log_w, log_steps, drift, acceptance = state
        # log f_t - log f_{t-1} = (b_t - b_{t-1}) (log p(x, z) - log q(z|x))
        log_w += (b[t] - b[t - 1]) * log_ratio(u)
        b_t = tf.cast(b[t], "float32")
        u, accepted = move(u, b_t, log_steps[t] + drift, tf.random.fold_in(seed, t))
        acceptance += accepted
        drift += adaptation * (accepted - TARGET_ACCEPTANCE)
        log_steps = tf.tensor_scatter_nd_update(log_steps, [[t]], [log_steps[t] + drift])
        return [t + 1, u, log_w, log_steps, drift, acceptance]

    moves = tf.shape(b)[0] - 2
    log_w = tf.zeros(tf.shape(u)[:1], "float64")
    begin = [tf.constant(1), u, log_w, log_steps, nothing, nothing]
    end = tf.while_loop(lambda t, *_: t <= moves, step, begin)
    _, u, log_w, log_steps, _, acceptance = end
    log_w += (b[-1] - b[-2]) * log_ratio(u)
    acceptance /= tf.cast(moves, "float32")
    return tf.transpose(tf.reshape(log_w, [-1, chains])), acceptance, log_steps
