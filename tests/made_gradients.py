"""A linear-Gaussian model whose parameters are given with each example, so that one pass gives many
independent draws of the gradient, and the same gradient by quadrature in float64.

p(z) = N(0, 1), p(x|z) = N(theta z, 1), q(z|x) = N(m, exp(l)), x = 1.5.
"""

import itertools

import keras
import numpy as np
import tensorflow as tf

from keras_vae import VAE
from keras_vae.distributions import Z_LOG_VAR_RANGE, Gaussian

X, POINT = 1.5, (0.3, -1.0, 0.8)  # m, l, theta
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)


def model(objective):
    told = keras.Input((3,), name="condition")
    x, z = keras.Input((1,), name="x"), keras.Input((1,), name="z")
    encoder = keras.Model({"x": x, "condition": told}, [told[:, 0:1], told[:, 1:2]])
    decoder = keras.Model({"z": z, "condition": told}, z * told[:, 2:3])
    likelihood = Gaussian()
    vae = VAE(encoder, decoder, likelihood, objective=objective, seed=0)
    likelihood.set_sigma(1.0)
    return vae


def gradients(objective, draws, seed=1, beta=1.0):
    """Draws of d loss / d (m, l, theta), float64 (draws, 3)."""
    vae = model(objective)
    condition = tf.constant(np.tile(np.float32(POINT), (draws, 1)))
    x = tf.fill([draws, 1], X)
    with tf.GradientTape() as tape:
        tape.watch(condition)
        terms = vae._terms({"x": x, "condition": condition}, True, seed)
        loss = tf.reduce_sum(objective.loss(terms, tf.constant(beta)))
    return np.asarray(tape.gradient(loss, condition), "float64")


def soft_bound(value, low, high):
    value = high - np.logaddexp(0, high - value)
    return low + np.logaddexp(0, value - low)


def minus_bound(m, l, theta, samples, beta=1.0):  # noqa: E741
    """-E[L_K], beta the weight of log p(z) - log q(z|x), by Gauss-Hermite quadrature over the
    noise of all K draws."""
    l = soft_bound(l, *Z_LOG_VAR_RANGE)  # noqa: E741
    nodes = np.array(list(itertools.product(NODES, repeat=samples)))
    weights = np.prod(np.array(list(itertools.product(WEIGHTS, repeat=samples))), axis=1)
    z = m + np.exp(l / 2) * nodes
    log_likelihood = -((X - theta * z) ** 2) / 2 - np.log(2 * np.pi) / 2
    log_w = log_likelihood + beta * (-(z**2) / 2 + nodes**2 / 2 + l / 2)
    bound = np.logaddexp.reduce(log_w, axis=1) - np.log(samples)
    return -np.sum(weights * bound) / np.sum(weights)


def exact_gradient(samples, beta=1.0, step=1e-5):
    """The derivatives of `minus_bound` at POINT, (3,)."""
    moves = step * np.eye(3)
    return np.array(
        [
            (
                minus_bound(*(POINT + move), samples, beta)
                - minus_bound(*(POINT - move), samples, beta)
            )
            / (2 * step)
            for move in moves
        ]
    )
