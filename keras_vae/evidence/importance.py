"""The importance-weighted bound L_K: between the ELBO (K = 1) and log p(x) (K to infinity)."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.data.given import count
from keras_vae.evidence.examples import examples_for
from keras_vae.evidence.parameters import specs_of_posterior
from keras_vae.measures import pareto_k, pareto_k_threshold, tail_size
from keras_vae.pairs import pairs_at_once
from keras_vae.progress import tracked
from keras_vae.traced import specs_of
from keras_vae.vae import VAE, in_batches

__all__ = ["ImportanceWeighted", "importance_weighted_bound"]

BATCH_SIZE = 100
PAIRS = 10_000  # of x and z that are decoded at once, at most

# When the largest K is too small to trust.
MOST_STILL_RISING = 0.2  # nats that L_K gained over the last tenfold of K
FEWEST_EFFECTIVE_SAMPLES = 10
MOST_UNTRUSTED = 0.2  # of the examples, by Pareto k-hat


@dataclass(frozen=True)
class ImportanceWeighted:
    """L_K for several K, from one stream of samples an example.

    Attributes:
        ks: the numbers of samples K, ascending.
        bounds: float64 (len(ks), N), nats: L_K of each example, one unbiased draw whose mean
            rises with K towards log p(x).
        standard_error: float64 (N,), nats: of L_K at the largest K, from the variance of the
            weights (delta method); it knows nothing of weights that were not seen, so believe
            it only where `is_trusted`.
        effective_samples: float64 (N,): (sum w)^2 / sum w^2 over the largest K, between 1 and K;
            few of them mean that K is too small to trust.
        pareto_k: float64 (N,): shape of the tail of the weights at the largest K (`pareto_k` of
            `keras_vae.measures`); NaN where K is too small to tell.
    """

    ks: tuple[int, ...]
    bounds: np.ndarray
    standard_error: np.ndarray
    effective_samples: np.ndarray
    pareto_k: np.ndarray

    @property
    def is_trusted(self) -> np.ndarray:
        """bool (N,): whether k-hat lets the largest K stand for log p(x) of an example."""
        return self.pareto_k <= pareto_k_threshold(self.ks[-1])

    @property
    def doubts(self) -> list[str]:
        """Why L_K at the largest K should be read as a lower bound only: sentences, or none."""
        k, doubts = self.ks[-1], []
        smaller = [i for i, other in enumerate(self.ks) if other <= k / 10]
        if smaller:
            rise = float(np.mean(self.bounds[-1] - self.bounds[smaller[-1]]))
            if rise > MOST_STILL_RISING:
                doubts.append(
                    f"L_{k} lies {rise:.2f} nats above L_{self.ks[smaller[-1]]}: still rising"
                )
        effective = float(np.median(self.effective_samples))
        if effective < FEWEST_EFFECTIVE_SAMPLES:
            doubts.append(f"only {effective:.1f} of {k} samples are effective (median)")
        untrusted = 1 - float(np.mean(self.is_trusted))
        if untrusted > MOST_UNTRUSTED:
            doubts.append(
                f"{untrusted:.0%} of the examples have a Pareto k-hat above "
                f"{pareto_k_threshold(k):.2f}, or too few samples to tell"
            )
        return doubts


def importance_weighted_bound(
    vae: VAE, x: Any, ks: int | Sequence[int] = (1, 10, 100, 1000, 5000), seed: int = 0
) -> ImportanceWeighted:
    """L_K = E[log 1/K sum_k w_k], w_k = p(x, z_k) / q(z_k|x), z_k ~ q(z|x).

    Burda, Grosse & Salakhutdinov 2016, arXiv:1509.00519, section 3. log w is float32, its sums
    are float64; each K uses the first K samples of the same stream.

    Args:
        vae: `VAE`.
        x: (N, *event_shape), as the likelihood sees them (binarised if need be).
        ks: numbers of samples, each at least 1; or one number.
        seed: of the samples; the noise of the model's own sampling layer is left alone.

    Returns:
        `ImportanceWeighted`.

    Raises:
        ValueError: if `ks` is empty or holds a number below 1.
    """
    x = examples_for(vae, x)
    ks = tuple(sorted(set(np.atleast_1d(ks).tolist())))
    if not ks or ks[0] < 1:
        raise ValueError(f"ks={ks}: expected numbers of samples of at least 1")
    log_weights = vae.log_weights_graph(specs_of(x), specs_of_posterior(vae, x))
    seeds = ((seed, call) for call in itertools.count())
    pairs = pairs_at_once(vae.event_shape, PAIRS)
    batches = [
        _stream(log_weights, batch, vae.posterior_parameters(batch), ks, seeds, pairs)
        for batch in in_batches(x, BATCH_SIZE)
    ]
    bounds, effective_samples, k_hat = (
        np.concatenate(parts, axis=-1) for parts in zip(*batches, strict=True)
    )
    # var(log mean w) = var(w) / (K E[w]^2) = 1 / effective samples - 1 / K
    variance = 1 / effective_samples - 1 / ks[-1]
    return ImportanceWeighted(
        ks, bounds, np.sqrt(np.maximum(variance, 0)), effective_samples, k_hat
    )


def _steps(ks: tuple[int, ...], most: int) -> list[tuple[int, int]]:
    """(samples drawn before, samples drawn) of each step: at most so many, and up to each K."""
    return [
        (done, min(most, k - done))
        for before, k in itertools.pairwise((0, *ks))
        for done in range(before, k, most)
    ]


def _stream(
    log_weights: Callable[..., tf.Tensor],
    x: Any,
    parameters: Any,
    ks: tuple[int, ...],
    seeds: Iterator[tuple[int, int]],
    pairs: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(L_K for each K, effective samples and k-hat at the largest K) of one batch."""
    examples = count(x)
    log_sum = np.full(examples, -np.inf)  # log sum_k w_k
    log_sum_of_squares = np.full(examples, -np.inf)  # log sum_k w_k^2
    largest = np.full((tail_size(ks[-1]) + 1, examples), -np.inf)  # the tail, and its threshold
    bounds = []
    for done, more in tracked(_steps(ks, max(pairs // examples, 1))):
        log_w = log_weights(x, parameters, more, next(seeds)).numpy().astype("float64")
        log_sum = np.logaddexp(log_sum, np.logaddexp.reduce(log_w))
        squares = np.logaddexp.reduce(2 * log_w)
        log_sum_of_squares = np.logaddexp(log_sum_of_squares, squares)
        seen = np.concatenate([largest, log_w])
        largest = np.partition(seen, len(log_w), axis=0)[len(log_w) :]
        if done + more in ks:
            # L_K = log sum_k w_k - log K
            bounds.append(log_sum - np.log(done + more))
    return np.stack(bounds), np.exp(2 * log_sum - log_sum_of_squares), pareto_k(largest)
