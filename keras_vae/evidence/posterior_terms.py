"""Distortion and rate of each example, averaged over draws of z: what the ELBO is made of."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_vae.evidence.examples import examples_for
from keras_vae.evidence.parameters import specs_of
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
    generator = keras.random.SeedGenerator(seed)

    @tf.function(input_signature=[specs_of(x)], autograph=False)
    def terms(batch: Any) -> tuple[tf.Tensor, tf.Tensor]:
        found = vae.terms(batch, seed=generator)
        return found.distortion, found.rate

    batches = in_batches(x, BATCH_SIZE)
    draws = [[terms(batch) for batch in batches] for _ in range(samples)]
    # (samples, 2, N): distortion and rate of each draw
    values = [np.concatenate([np.stack(pair) for pair in draw], axis=1) for draw in draws]
    distortion, rate = np.mean(values, axis=0, dtype="float64")
    return distortion, rate
