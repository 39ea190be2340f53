"""Data that the model draws itself: there one sample of p(z|x) is known, and with it a bound from
above."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.evidence.importance import importance_weighted_bound
from keras_vae.evidence.log_joint import log_joint
from keras_vae.inputs import condition_of, no_condition, unexpected_condition
from keras_vae.vae import VAE

__all__ = ["importance_gap", "simulate"]


def simulate(
    vae: VAE, count: int, seed: int, conditions: np.ndarray | None = None
) -> tuple[Any, np.ndarray]:
    """z* ~ p(z), x* ~ p(x|z*): so z* is a sample of the true posterior p(z|x*).

    Args:
        vae: `VAE`.
        count: examples to draw.
        seed: integer.
        conditions: of a conditional model: (M, *condition_shape), taken in turn.

    Returns:
        (x, z): float32 NumPy arrays (count, *event_shape), of a conditional model a dictionary with
        the condition, and (count, d).

    Raises:
        DataError: if a conditional model is given no conditions, or they do not fit; if
            any other is given some.
    """
    # Other seeds than those of estimates, which fold 0, 1, ... into `seed`.
    z = vae.prior.distribution(vae.latent_dim).sample(count, seed=(seed, -1))
    if vae.condition_shape is None:
        if conditions is not None:
            raise unexpected_condition()
        outputs = vae.decoder_outputs(z)
        return vae.likelihood.distribution(outputs).sample(seed=(seed, -2)).numpy(), z.numpy()
    if conditions is None:
        raise no_condition()
    conditions = np.asarray(condition_of(conditions, vae.condition_shape))
    condition = conditions[np.arange(count) % len(conditions)]
    outputs = vae.decoder_outputs(z, condition)
    x = vae.likelihood.distribution(outputs).sample(seed=(seed, -2)).numpy()
    return {"x": x, "condition": condition}, z.numpy()


def importance_gap(
    vae: VAE,
    count: int = 100,
    samples: int = 1000,
    seed: int = 0,
    conditions: np.ndarray | None = None,
) -> np.ndarray:
    """How far L_K is from log p(x) at most, on examples that the model draws itself.

    With z_1 = z* from p(z|x*) and z_2 .. z_K from q(z|x*), E[log 1/K sum_k w_k] >= log p(x*): the
    weights' joint density differs from that of K draws of q by the factor (1/K sum_k w_k) / p(x),
    and the mean of its logarithm is a KL (Sobolev & Vetrov 2019, arXiv:1905.03290). The distance
    to L_{K-1} of the same draws shows modes of p(z|x) that q(z|x) misses, of which the weights
    by themselves know nothing.

    Args:
        vae: `VAE`.
        count: N, examples to draw.
        samples: K, at least 2.
        seed: integer.
        conditions: as in `simulate`.

    Returns:
        float64 array (N,), nats: upper minus lower bound of each example.

    Raises:
        ValueError: if `samples` is below 2.
    """
    if samples < 2:
        raise ValueError(f"samples={samples}: expected at least 2")
    x, z = simulate(vae, count, seed, conditions)
    lower = importance_weighted_bound(vae, x, [samples - 1], seed).bounds[0]
    log_q = vae.posterior(x).log_prob(z)
    log_w = (log_joint(vae, x, tf.constant(z)) - log_q).numpy()
    # log 1/K (w(z*) + sum_k w_k)
    upper = np.logaddexp(log_w.astype("float64"), lower + np.log(samples - 1)) - np.log(samples)
    return upper - lower
