"""Why the ELBO lies below log p(x): is q(z|x) of too simple a kind, or the encoder too weak?

log p(x) - ELBO[q] = (log p(x) - ELBO[q*]) + (ELBO[q*] - ELBO[q])
   inference gap   =   approximation gap   +   amortization gap

q is what the encoder says, q* the best of the same family for one x by itself (Cremer, Li &
Duvenaud 2018, arXiv:1801.03558), looked for from q on. What no x has for itself stays as it was
trained: of an inverse autoregressive flow its networks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.data.given import count
from keras_vae.errors import OptimizationDiverged
from keras_vae.evidence.examples import examples_for
from keras_vae.evidence.local_posterior import search_function, terms_function
from keras_vae.pairs import pairs_at_once
from keras_vae.preconditions import needs_searchable_posterior
from keras_vae.terms import elbo
from keras_vae.vae import VAE, in_batches

__all__ = ["InferenceGaps", "inference_gaps"]

ROWS = 3200  # pairs of x and z that are decoded at once, at most

# A difference that ought not to be negative is an error if it is so by more nats than the noise of
# the last steps may cost, and by more standard errors than draws of z may.
TOLERANCE, MOST_ERRORS = 0.1, 4  # of one example
MEAN_TOLERANCE, MOST_ERRORS_OF_MEAN = 0.05, 3


@dataclass(frozen=True)
class InferenceGaps:
    """The inference gap of each example and its two parts; float64, nats.

    Attributes:
        elbo: (N,): of the encoder's q(z|x).
        optimized_elbo: (N,): of q*(z|x), with the same noise.
        amortization_gap: (N,): optimized_elbo - elbo, what a better encoder would gain.
        amortization_standard_error: (N,): of this difference; most of the noise cancels in it.
        approximation_gap: (N,): log p(x) - optimized_elbo, what is left for a richer family of
            posteriors to gain.
        approximation_standard_error: (N,): of optimized_elbo; the error of log p(x) adds to it.
        z_mean, z_log_var: float32 (N, d): mean, and natural log of the variance, of each latent
            under q*. Of a diagonal normal they are all of it.
        family: the class of q and q*, by name.
    """

    elbo: np.ndarray
    optimized_elbo: np.ndarray
    amortization_gap: np.ndarray
    amortization_standard_error: np.ndarray
    approximation_gap: np.ndarray
    approximation_standard_error: np.ndarray
    z_mean: np.ndarray
    z_log_var: np.ndarray
    family: str

    @property
    def inference_gap(self) -> np.ndarray:
        """log p(x) - elbo = KL(q(z|x) || p(z|x)), (N,)."""
        return self.approximation_gap + self.amortization_gap

    @property
    def doubts(self) -> list[str]:
        """Why the approximation gap should not be believed: sentences, or none."""
        gap = self.approximation_gap
        is_below = _is_below_0(gap, self.approximation_standard_error)
        if not is_below.any():
            return []
        worst = int(np.argmin(gap))
        return [
            "the given log p(x) lies below the ELBO of q*, which is itself a lower bound, for "
            f"{is_below.sum()} of {len(gap)} examples (example {worst} by {-gap[worst]:.2f} nats): "
            "it is too low, and so is the approximation gap"
        ]


def inference_gaps(
    vae: VAE,
    x: Any,
    log_evidence: np.ndarray,
    steps: int = 500,
    samples: int = 16,
    learning_rate: float = 0.1,
    evaluation_samples: int = 1000,
    seed: int = 0,
) -> InferenceGaps:
    """How much of log p(x) - ELBO is due to the family of q(z|x), and how much to the encoder.

    q* is a local optimum, near the encoder's q. If `steps` end before it, the amortization gap
    comes out too small and the approximation gap too large by as much: see whether twice as many
    steps still change them. Where KL(q(z|x) || p(z)) has no closed form it is estimated from the
    draws of z that the distortion is estimated from.

    Args:
        vae: `VAE`.
        x: (N, *event_shape), as the likelihood sees them (binarised if need be).
        log_evidence: (N,), log p(x) in nats: of `exact_evidence` for up to 3 latents, otherwise of
            `annealed_evidence`; `importance_weighted_bound` draws from the encoder's q, and is
            too low where the amortization gap is large.
        steps: of the search, at least 1.
        samples: draws of z for each example and step: even, at least 2, because they come in
            pairs z_mean +- std * epsilon.
        learning_rate: of the first step, in standard deviations of q (of a flow: of its normal
            draw, and in units of its context); it falls to 0 along a cosine.
        evaluation_samples: fresh draws of z for the two ELBOs of each example: even, at least 4.
        seed: integer; the noise of the model's own sampling layer is left alone.

    Returns:
        `InferenceGaps`.

    Raises:
        DoesNotApply: if q(z|x) is not of a family of this package.
        ValueError: if an argument is out of its range, or `log_evidence` does not fit `x`.
        OptimizationDiverged: if a q* is worse than the q from which its search started.
    """
    needs_searchable_posterior(vae)
    x, log_evidence = examples_for(vae, x), np.asarray(log_evidence, "float64")
    _check(x, log_evidence, steps, samples, learning_rate, evaluation_samples)
    terms = terms_function(vae, x)
    search = search_function(vae, x, steps, samples, learning_rate)
    rows = pairs_at_once(vae.event_shape, ROWS)
    parts = []
    for i, batch in enumerate(in_batches(x, max(1, rows // samples))):
        seeds = tf.random.split((seed, i), 2)
        start = vae.posterior_parameters(batch)  # q
        best = search(batch, start, seeds[0])  # q*
        of_start, of_best = _elbo_draws(
            vae, batch, [start, best], terms, evaluation_samples // 2, seeds[1]
        )
        statistics = (_mean_and_error(draws) for draws in (of_start, of_best, of_best - of_start))
        moments = vae.posterior_family.moments(best)
        parts.append((*(value for pair in statistics for value in pair), *moments))
    start_elbo, _, best_elbo, best_error, gap, gap_error, z_mean, z_log_var = (
        np.concatenate(values) for values in zip(*parts, strict=True)
    )
    _check_improvement(gap, gap_error, steps, samples, learning_rate)
    return InferenceGaps(
        elbo=start_elbo,
        optimized_elbo=best_elbo,
        amortization_gap=gap,
        amortization_standard_error=gap_error,
        approximation_gap=log_evidence - best_elbo,
        approximation_standard_error=best_error,
        z_mean=z_mean,
        z_log_var=z_log_var,
        family=type(vae.posterior_family).__name__,
    )


def _elbo_draws(
    vae: VAE,
    x: Any,
    posteriors: Sequence[Any],
    terms: Callable[..., tuple[tf.Tensor, tf.Tensor]],
    pairs: int,
    seed: tf.Tensor,
) -> list[np.ndarray]:
    """The ELBO of each posterior, by its parameters, all with the same noise: for each float64
    (batch, pairs), whose mean over pairs has no bias."""
    chunk = max(1, pairs_at_once(vae.event_shape, ROWS) // (2 * count(x)))
    draws: list[list[np.ndarray]] = [[] for _ in posteriors]
    for done in range(0, pairs, chunk):
        shape = (count(x), min(chunk, pairs - done), vae.latent_dim)
        epsilon = tf.random.stateless_normal(shape, tf.random.fold_in(seed, done))
        for parameters, of_posterior in zip(posteriors, draws, strict=True):
            distortion, rate = terms(x, parameters, epsilon)
            of_posterior.append(elbo(distortion.numpy().astype("float64"), rate.numpy()))
    return [np.concatenate(of_posterior, axis=1) for of_posterior in draws]


def _mean_and_error(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error of the values in each row."""
    return draws.mean(axis=1), draws.std(axis=1, ddof=1) / np.sqrt(draws.shape[1])


def _is_below_0(gap: np.ndarray, error: np.ndarray) -> np.ndarray:
    """bool (N,): whether the gap of an example is negative beyond noise, or NaN."""
    return ~(gap >= -np.maximum(MOST_ERRORS * error, TOLERANCE))


def _check_improvement(
    gap: np.ndarray, error: np.ndarray, steps: int, samples: int, learning_rate: float
) -> None:
    """Refuses q* that are worse than the q from which they were looked for."""
    found = "the search for the best q(z|x) starts from the encoder's and can only improve it"
    advice = (
        f"try learning_rate={learning_rate / 3:.2g}, more steps than {steps} or more samples "
        f"than {samples}"
    )
    is_worse = _is_below_0(gap, error)
    if is_worse.any():
        worst = int(np.argmin(np.where(np.isnan(gap), -np.inf, gap)))
        raise OptimizationDiverged(
            f"{found}, but it lost ELBO for {is_worse.sum()} of {len(gap)} examples, most for "
            f"example {worst}: {-gap[worst]:.3g} nats with a standard error of {error[worst]:.2g}; "
            f"{advice}"
        )
    mean, mean_error = np.mean(gap), np.sqrt(np.sum(error**2)) / len(gap)
    if mean < -max(MOST_ERRORS_OF_MEAN * mean_error, MEAN_TOLERANCE):
        raise OptimizationDiverged(
            f"{found}, but over {len(gap)} examples it lost {-mean:.3g} nats of ELBO on average, "
            f"with a standard error of {mean_error:.2g}; {advice}"
        )


def _check(
    x: Any,
    log_evidence: np.ndarray,
    steps: int,
    samples: int,
    learning_rate: float,
    evaluation_samples: int,
) -> None:
    """Refuses arguments that cannot work."""
    if log_evidence.shape != (count(x),) or not np.isfinite(log_evidence).all():
        raise ValueError(
            f"log_evidence has shape {log_evidence.shape} and "
            f"{np.count_nonzero(~np.isfinite(log_evidence))} values that are not finite: expected "
            f"one finite number of nats for each of {count(x)} examples"
        )
    if steps < 1:
        raise ValueError(f"steps={steps!r}: expected at least 1")
    if not 0 < learning_rate < float("inf"):
        raise ValueError(f"learning_rate={learning_rate!r}: expected a finite number above 0")
    for name, value, least in (
        ("samples", samples, 2),
        ("evaluation_samples", evaluation_samples, 4),
    ):
        if value < least or value % 2:
            raise ValueError(f"{name}={value!r}: expected an even number of at least {least}")
