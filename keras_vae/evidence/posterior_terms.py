"""Distortion and rate of each example, averaged over draws of z: what the ELBO is made of."""

import itertools
from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.evidence.examples import examples_for
from keras_vae.progress import tracked
from keras_vae.traced import SEED, specs_of, traced_of
from keras_vae.vae import VAE, in_batches

__all__ = ["posterior_terms"]

BATCH_SIZE = 500


def posterior_terms(vae: VAE, x: Any, samples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Distortion and rate of each example, the distortion averaged over draws of z.

    Args:
        vae: `VAE`.
        x: (N, *event_shape).
        samples: draws of z for each example.
        seed: of these draws; the noise of the model's own sampling layer is left alone.

    Returns:
        (distortion, rate): float64 arrays (N,), nats.
    """
    x = examples_for(vae, x)
    terms = traced_of(vae, _terms, signature=[specs_of(x), SEED])
    calls = itertools.count()
    draws = [
        [terms(batch, (seed, next(calls))) for batch in in_batches(x, BATCH_SIZE)]
        for _ in tracked(range(samples))
    ]
    # (samples, 2, N): distortion and rate of each draw
    values = [np.concatenate([np.stack(pair) for pair in draw], axis=1) for draw in draws]
    distortion, rate = np.mean(values, axis=0, dtype="float64")
    return distortion, rate


def _terms(vae: VAE, x: Any, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Distortion and rate of a batch."""
    found = vae.terms(x, seed=seed)
    return found.distortion, found.rate
