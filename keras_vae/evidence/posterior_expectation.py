"""Expectations under q(z|x) without sampling noise, by quadrature: for 1 to 3 latents.

Of the identity log p(x) = ELBO + KL(q(z|x) || p(z|x)) both terms on the right, each from nodes of
its own.
"""

from collections.abc import Callable
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.evidence.examples import examples_for
from keras_vae.evidence.log_joint import log_joint
from keras_vae.evidence.parameters import specs_of_posterior
from keras_vae.inputs import repeated
from keras_vae.pairs import pairs_at_once
from keras_vae.terms import elbo, rate
from keras_vae.traced import specs_of, traced_of
from keras_vae.vae import VAE, in_batches

__all__ = ["elbo_by_quadrature", "posterior_kl"]

# Distance of the nodes in standard deviations of q(z|x), by number of latents. Far finer than a
# smooth function needs: log p(x|z) of a ReLU decoder has kinks, and the error is about h^2.
SPACING = {1: 0.05, 2: 0.25, 3: 0.5}
# Standard deviations; 1e-7, 1e-6 and 4e-6 of a normal distribution of 1 to 3 latents lie outside.
RADIUS = 5.25
PAIRS = 20_000  # of x and z that are decoded at once, at most

# (vae, x, z, q(z|x)) -> a number for each pair of x and z
Function: TypeAlias = Callable[[VAE, Any, tf.Tensor, tfd.Distribution], tf.Tensor]


def elbo_by_quadrature(vae: VAE, x: Any) -> np.ndarray:
    """ELBO = E_q[log p(x|z)] - KL(q(z|x) || p(z)): the expectation by quadrature, and the KL too
    where it is not known.

    Args:
        vae: `VAE` with 1 to 3 latents.
        x: (N, *event_shape), as the likelihood sees them (binarised if need be).

    Returns:
        float64 array (N,), nats.

    Raises:
        ValueError: if the VAE has more than 3 latents.
    """
    x = examples_for(vae, x)
    prior = vae.prior.distribution(_latents(vae))  # p(z)

    if not vae.has_exact_rate:
        # ELBO = E_q[log p(x, z) - log q(z|x)]
        return _expectation(vae, x, _log_weight, shift=0.0)
    expected = _expectation(vae, x, _log_likelihood, shift=0.0)
    rates = [rate(vae.posterior(batch), prior) for batch in in_batches(x, PAIRS)]
    return elbo(-expected, np.concatenate(rates))


def posterior_kl(vae: VAE, x: Any, log_normaliser: np.ndarray) -> np.ndarray:
    """KL(q(z|x) || p(z|x)) = E_q[log q(z|x) - log p(z|x)], p(z|x) = p(x, z) / p(x).

    Computed from the true posterior, not as the difference of log p(x) and the ELBO.

    Args:
        vae: `VAE` with 1 to 3 latents.
        x: (N, *event_shape), as the likelihood sees them (binarised if need be).
        log_normaliser: (N,), log p(x) in nats, as from `exact_evidence`.

    Returns:
        float64 array (N,), nats.

    Raises:
        ValueError: if the VAE has more than 3 latents.
    """
    x, log_normaliser = examples_for(vae, x), np.asarray(log_normaliser, "float64")
    # E_q[log q(z|x) - log p(x, z)] + log p(x)
    return log_normaliser - _expectation(vae, x, _log_weight, shift=0.5)


def _log_likelihood(vae: VAE, x: Any, z: tf.Tensor, posterior: tfd.Distribution) -> tf.Tensor:
    return vae.conditional_log_prob(x, z)


def _log_weight(vae: VAE, x: Any, z: tf.Tensor, posterior: tfd.Distribution) -> tf.Tensor:
    return log_joint(vae, x, z) - posterior.log_prob(z)


def _latents(vae: VAE) -> int:
    if vae.latent_dim not in SPACING:
        raise ValueError(
            f"the VAE has {vae.latent_dim} latents: quadrature is for 1 to {max(SPACING)}; use "
            "evaluate, which draws z"
        )
    return vae.latent_dim


def _expectation(vae: VAE, x: Any, function: Function, shift: float) -> np.ndarray:
    """E_q(z|x)[function(vae, x, z, q(z|x))] of each x on a lattice, shifted by `shift` nodes.

    E_q[f(z)] = sum_j w_j f(z(u_j)), w_j proportional to exp(-|u_j|^2 / 2), z(u) the draw of q(z|x)
    that noise u makes
    """
    spacing = SPACING[_latents(vae)]
    line = np.arange(-RADIUS, RADIUS, spacing) + shift * spacing
    nodes = np.array(list(product(line, repeat=vae.latent_dim)))
    nodes = nodes[np.linalg.norm(nodes, axis=1) <= RADIUS]  # corners have no weight
    weights = np.exp(-np.sum(nodes**2, axis=1) / 2)
    weights /= weights.sum()
    u = nodes.astype("float32")
    pairs = pairs_at_once(vae.event_shape, PAIRS)
    signature = [specs_of(x), specs_of_posterior(vae, x), specs_of(u)]
    values = traced_of(vae, _at_nodes, function, signature=signature)
    expectations = []
    for batch in in_batches(x, max(pairs // len(nodes), 1)):
        parameters = vae.posterior_parameters(batch)
        parts = [values(batch, parameters, few) for few in in_batches(u, pairs)]
        expectations.append(np.concatenate(parts, axis=1).astype("float64") @ weights)
    return np.concatenate(expectations)


def _at_nodes(vae: VAE, function: Function, x: Any, parameters: Any, u: tf.Tensor) -> tf.Tensor:
    """function(x, z(u), q(z|x)) of each x with the z that each noise u makes, (batch, nodes)."""
    nodes, family = tf.shape(u)[0], vae.posterior_family
    z = tf.transpose(family.transform(parameters, u[:, None]), [1, 0, 2])
    z = tf.reshape(z, [-1, vae.latent_dim])
    x, parameters = repeated((x, parameters), nodes)
    of_pairs = function(vae, x, z, family.distribution(parameters))
    return tf.reshape(of_pairs, [-1, nodes])
