"""Priors and families of q(z|x) with weights that are not those of a start."""

import numpy as np
import tensorflow as tf

from keras_vae.distributions import POSTERIORS, PRIORS, DiagonalNormal

SMALL = {
    "standard": {},
    "mixture": {"components": 5},
    "vamp": {"components": 5},
    "flow": {"steps": 4, "units": 8},
    "diagonal": {},
    "full": {},
    "iaf": {"steps": 2, "units": 12, "context": 4},
}


def moved(layer, scale=0.3, seed=0):
    """The layer, its weights moved at random."""
    rng = np.random.default_rng(seed)
    for weight in layer.weights:
        weight.assign(np.asarray(weight) + scale * rng.standard_normal(weight.shape))
    return layer


def prior_of(name, d, **options):
    """A prior of d latents; of a VampPrior the encoder of 3 entries is affine."""
    prior = PRIORS[name](**{**SMALL[name], **options})
    kernel = np.random.default_rng(1).normal(size=(3, 2 * d)).astype("float32")

    def parameters(x):
        z_mean, z_log_var = tf.split(tf.convert_to_tensor(x) @ kernel, 2, axis=1)
        return z_mean, z_log_var - 1.0

    prior.attach(DiagonalNormal(), parameters, (3,))
    if not prior.built:
        prior.build((None, d))
    return moved(prior, 0.15)


def posterior_of(name, d, batch=3, seed=0):
    """(family, parameters of q(z|x) of a batch)."""
    family = POSTERIORS[name](**SMALL[name])
    rng = np.random.default_rng(seed)
    outputs = [
        0.5 * rng.normal(size=(batch, size)).astype("float32") for size in family.heads(d).values()
    ]
    family(outputs)  # makes its weights
    return moved(family), family(outputs)


REACH, SPACING = 9.0, {1: 0.04, 2: 0.12}


def between_nodes(values, d=2):
    """The values, moved to the middle between two nodes of `grid`."""
    steps = np.floor((np.asarray(values) + REACH) / SPACING[d])
    return -REACH + (steps + 0.5) * SPACING[d]


def grid(d):
    """(nodes (N, d), the volume of each) of a lattice over a box."""
    line = np.arange(-REACH, REACH, SPACING[d])
    nodes = np.stack(np.meshgrid(*[line] * d, indexing="ij"), -1).reshape(-1, d)
    return nodes.astype("float32"), (line[1] - line[0]) ** d
