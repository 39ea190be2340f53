"""The importance-weighted bound L_K: between the ELBO (K = 1) and log p(x) (K to infinity)."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from keras_vae.distributions import normal_posterior
from keras_vae.evidence.log_joint import log_joint
from keras_vae.vae import in_batches

__all__ = ["ImportanceWeighted", "importance_weighted_bound"]

BATCH_SIZE = 500
# Samples of z decoded at once: memory does not grow with K.
CHUNK = 20


@dataclass(frozen=True)
class ImportanceWeighted:
    """L_K for several K, from one stream of samples an example.

    Attributes:
        ks: the numbers of samples K, ascending.
        bounds: float64 (len(ks), N), nats: L_K of each example, one unbiased draw whose mean
            rises with K towards log p(x).
        effective_samples: float64 (N,): (sum w)^2 / sum w^2 over the largest K, between 1 and K;
            few of them mean that K is too small to trust.
    """

    ks: tuple[int, ...]
    bounds: np.ndarray
    effective_samples: np.ndarray


def importance_weighted_bound(vae, x, ks=(1, 10, 100, 1000, 5000), seed=0):
    """L_K = E[log 1/K sum_k w_k], w_k = p(x, z_k) / q(z_k|x), z_k ~ q(z|x).

    Burda, Grosse & Salakhutdinov 2016, arXiv:1509.00519, section 3. log w is float32, its sums
    are float64; each K uses the first K samples of the same stream.

    Args:
        vae: `VAE`.
        x: (N, *event_shape), as the likelihood sees them (binarised if need be).
        ks: numbers of samples, each at least 1.
        seed: of the samples; the noise of the model's own sampling layer is left alone.

    Returns:
        `ImportanceWeighted`.

    Raises:
        ValueError: if `ks` is empty or holds a number below 1.
    """
    ks = tuple(sorted(set(ks)))
    if not ks or ks[0] < 1:
        raise ValueError(f"ks={ks}: expected numbers of samples of at least 1")
    log_weights = _log_weights_function(vae, x.shape[1:], seed)
    batches = [
        _stream(log_weights, batch, *vae.posterior_parameters(batch), ks)
        for batch in in_batches(x, BATCH_SIZE)
    ]
    bounds, effective_samples = (
        np.concatenate(parts, axis=-1) for parts in zip(*batches, strict=True)
    )
    return ImportanceWeighted(ks, bounds, effective_samples)


def _log_weights_function(vae, event_shape, seed):
    """(x, z_mean, z_log_var, samples) -> log w, float32 (samples, batch), new samples each time."""
    generator = keras.random.SeedGenerator(seed)
    latents = tf.TensorSpec((None, vae.latent_dim), "float32")
    examples = tf.TensorSpec((None, *event_shape), "float32")

    @tf.function(input_signature=[examples, latents, latents, tf.TensorSpec((), "int32")])
    def log_weights(x, z_mean, z_log_var, samples):
        # The same example `samples` times in a row of the batch: networks know no other axes.
        z_mean, z_log_var, x = (
            tf.repeat(value, samples, axis=0) for value in (z_mean, z_log_var, x)
        )
        z = vae.sampling([z_mean, z_log_var], seed=generator)
        # log w = log p(x, z) - log q(z|x)
        log_w = log_joint(vae, x, z) - normal_posterior(z_mean, z_log_var).log_prob(z)
        return tf.transpose(tf.reshape(log_w, [-1, samples]))

    return log_weights


def _stream(log_weights, x, z_mean, z_log_var, ks):
    """(L_K for each K, effective samples at the largest K) of one batch."""
    log_sum = np.full(len(x), -np.inf)  # log sum_k w_k
    log_sum_of_squares = np.full(len(x), -np.inf)  # log sum_k w_k^2
    bounds, done = [], 0
    for k in ks:
        while done < k:
            log_w = (
                log_weights(x, z_mean, z_log_var, min(CHUNK, k - done)).numpy().astype("float64")
            )
            done += len(log_w)
            log_sum = np.logaddexp(log_sum, np.logaddexp.reduce(log_w))
            squares = np.logaddexp.reduce(2 * log_w)
            log_sum_of_squares = np.logaddexp(log_sum_of_squares, squares)
        # L_K = log sum_k w_k - log K
        bounds.append(log_sum - np.log(k))
    return np.stack(bounds), np.exp(2 * log_sum - log_sum_of_squares)
