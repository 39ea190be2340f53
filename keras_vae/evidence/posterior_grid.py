"""The true posterior p(z|x) of one example on a grid, for a picture of it: 2 latents."""

from itertools import product
from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.evidence.examples import examples_for
from keras_vae.evidence.log_joint import log_joint_of_pairs
from keras_vae.evidence.prior_range import prior_range
from keras_vae.pairs import pairs_at_once
from keras_vae.traced import call_traced
from keras_vae.vae import VAE, in_batches

__all__ = ["posterior_grid"]

SIDE = 120  # nodes along each latent
ZOOMS = 7  # at most
FILLED = 0.8  # of each side of the rectangle: it need not become smaller
LOG_IN_SIGHT = -14.0  # densities below exp(-14) of the highest stay out of sight
Q_IN_SIGHT = 2.5  # standard deviations of q(z|x)


def posterior_grid(vae: VAE, x: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """log p(z|x) of one example on the rectangle that holds p(z|x) and q(z|x).

    Args:
        vae: `VAE` with 2 latents.
        x: (*event_shape), one example as the likelihood sees it, or a dictionary of its parts.

    Returns:
        (nodes_1, nodes_2, log_posterior): float64 arrays (n,), (n,) and (n, n), the first latent
        on the first axis; normalised over the grid.
    """
    one = {name: np.asarray(x[name]) for name in x} if isinstance(x, dict) else np.asarray(x)
    x = tf.nest.map_structure(lambda part: part[None], one)
    x = tf.nest.map_structure(tf.constant, examples_for(vae, x))
    z_mean, z_log_var = (values[0] for values in vae.encode(x))
    reach = Q_IN_SIGHT * np.exp(z_log_var / 2)
    low, high = prior_range(vae)
    low, high = np.minimum(low, z_mean - reach), np.maximum(high, z_mean + reach)
    for _ in range(ZOOMS):
        lines = np.linspace(low, high, SIDE).T
        log_joint = _log_joint(vae, x, lines)
        rows, columns = np.nonzero(log_joint > log_joint.max() + LOG_IN_SIGHT)
        step, size = (high - low) / (SIDE - 1), high - low
        corners = np.stack([lines[0][rows], lines[1][columns]])
        low = np.minimum(corners.min(axis=1) - step, z_mean - reach)
        high = np.maximum(corners.max(axis=1) + step, z_mean + reach)
        if np.all(high - low > FILLED * size):
            break
    step = lines[:, 1] - lines[:, 0]
    return *lines, log_joint - np.logaddexp.reduce(log_joint, axis=None) - np.log(np.prod(step))


def _log_joint(vae: VAE, x: Any, lines: np.ndarray) -> np.ndarray:
    """log p(x, z) at every node, (n, n)."""
    nodes = np.array(list(product(*lines)), "float32")
    parts = [
        call_traced(vae, log_joint_of_pairs, x, tf.constant(z))
        for z in in_batches(nodes, pairs_at_once(vae.event_shape, len(nodes)))
    ]
    return np.concatenate(parts, axis=1).astype("float64").reshape(SIDE, SIDE)
