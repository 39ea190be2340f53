"""Annealed importance sampling: log p(x) for any number of latents, and how far to trust it.

Chains of z follow a path of distributions from q(z|x) to p(z|x), and each collects a weight w:

log f_t = (1 - b_t) log q(z|x) + b_t log p(x, z),   0 = b_0 < b_1 < ... < b_T = 1
log w = sum_t log f_{t+1}(z_t) - log f_t(z_t),   E[w] = p(x)

z_0 ~ q(z|x); z_t is z_{t-1} after a step of Hamiltonian Monte Carlo under which f_t is invariant.
Neal 2001, Statistics and Computing 11; "AIS + encoder" of Wu, Burda, Salakhutdinov & Grosse 2017,
arXiv:1611.04273. The chains run in the noise u that z is made of, in which q(z|x) is N(0, I), so
that one step size fits all latents of an example, whatever the family of q(z|x).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.data.given import count
from keras_vae.evidence.annealing import annealing_function
from keras_vae.evidence.examples import examples_for
from keras_vae.evidence.simulated import simulate
from keras_vae.measures import standard_error
from keras_vae.pairs import pairs_at_once
from keras_vae.preconditions import needs_inverse
from keras_vae.progress import tracked
from keras_vae.vae import VAE, in_batches

__all__ = ["AnnealedEvidence", "BidirectionalGap", "annealed_evidence", "bidirectional_gap"]

ROWS = 2000  # chains that run at once, at most
FIRST_STEP = 0.5
# Change of log(step size) from b_t to b_{t+1} for each unit of acceptance above the target.
ADAPTATION = 0.3


@dataclass(frozen=True)
class AnnealedEvidence:
    """Estimates of log p(x), each a stochastic lower bound: its mean over seeds is below log p(x).

    Attributes:
        log_evidence: float64 (N,), nats: log of the mean weight over chains.
        standard_error: float64 (N,), nats: of each estimate, sd(w) / (mean(w) sqrt(chains)).
            It knows only the modes of p(z|x) that chains have found.
        acceptance: mean acceptance probability of the steps; NaN if `steps` is 1.
        chains, steps: as asked for.
    """

    log_evidence: np.ndarray
    standard_error: np.ndarray
    acceptance: float
    chains: int
    steps: int


@dataclass(frozen=True)
class BidirectionalGap:
    """log p(x) from both sides, for examples that the model itself has drawn.

    Attributes:
        x: float32 (N, *event_shape): the examples; of a conditional model a dictionary.
        lower, upper: float64 (N,), nats: stochastic bounds of log p(x) of each.
        gap: mean of upper - lower, nats: how far at most either is off, on average.
        standard_error: of `gap` over examples, nats.
        chains, steps: as asked for.
    """

    x: Any
    lower: np.ndarray
    upper: np.ndarray
    gap: float
    standard_error: float
    chains: int
    steps: int


def annealed_evidence(
    vae: VAE, x: Any, chains: int = 16, steps: int = 500, leapfrog_steps: int = 10, seed: int = 0
) -> AnnealedEvidence:
    """log p(x) of each example by annealed importance sampling; a stochastic lower bound.

    A run of its own tunes the step sizes, one for each example and b_t, to an acceptance of 0.65;
    then they stay as they are, since otherwise E[w] would not be p(x). With `steps` 1 no chain
    moves, and the estimate is the importance-weighted bound with K = `chains`.

    Args:
        vae: `VAE`.
        x: (N, *event_shape), as the likelihood sees them (binarised if need be).
        chains: independent chains of each example, at least 2.
        steps: T, at least 1. The cost is 2 T (leapfrog_steps + 1) passes through the decoder and
            back, for each chain.
        leapfrog_steps: of each Hamiltonian step, at least 1.
        seed: integer; the noise of the model's own sampling layer is left alone.

    Returns:
        `AnnealedEvidence`.

    Raises:
        ValueError: if chains, steps or leapfrog_steps is too small.
    """
    x = examples_for(vae, x)
    log_w, _, acceptance = _log_weights(vae, x, None, chains, steps, leapfrog_steps, seed)
    w = np.exp(log_w - log_w.max(axis=0))
    # sd(w) / (mean(w) sqrt(K))
    error = w.std(axis=0, ddof=1) / (w.mean(axis=0) * np.sqrt(chains))
    return AnnealedEvidence(_log_mean_exp(log_w), error, acceptance, chains, steps)


def bidirectional_gap(
    vae: VAE,
    count: int,
    chains: int = 16,
    steps: int = 500,
    leapfrog_steps: int = 10,
    seed: int = 0,
    conditions: np.ndarray | None = None,
) -> BidirectionalGap:
    """log p(x) from both sides on simulated examples: are `chains` and `steps` enough?

    Bidirectional Monte Carlo, Grosse, Ghahramani & Adams 2015, arXiv:1511.02543. Of an example
    drawn as z* ~ p(z), x* ~ p(x|z*), one sample of p(z|x*) is known: z*. Chains that walk the
    path from there back to q(z|x*), with the same step sizes, have E[1/w] = 1 / p(x*), so that
    -log(mean 1/w) is a stochastic upper bound. All start at the same z*: that makes them depend
    on each other, but leaves the mean of their 1/w without bias.

    A large gap also shows modes of p(z|x) that q(z|x) misses. It says nothing about data that the
    model would not draw.

    Args:
        vae: `VAE`.
        count: N, examples to draw, at least 2.
        chains, steps, leapfrog_steps, seed: as in `annealed_evidence`.
        conditions: of a conditional model: (M, *condition_shape), taken in turn.

    Returns:
        `BidirectionalGap`.

    Raises:
        ValueError: if count, chains, steps or leapfrog_steps is too small.
        DoesNotApply: if the family of q(z|x) does not give back the noise that z* is made of.
    """
    needs_inverse(vae)
    _check("count", count, 2)
    x, z = simulate(vae, count, seed, conditions)
    log_w, log_inverse_w, _ = _log_weights(vae, x, z, chains, steps, leapfrog_steps, seed)
    # E[log mean w] <= log p(x) <= E[-log mean 1/w]
    lower, upper = _log_mean_exp(log_w), -_log_mean_exp(log_inverse_w)
    gap = upper - lower
    mean, error = float(np.mean(gap)), standard_error(gap)
    return BidirectionalGap(x, lower, upper, mean, error, chains, steps)


def _log_weights(
    vae: VAE,
    x: Any,
    z: np.ndarray | None,
    chains: int,
    steps: int,
    leapfrog_steps: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray, float]:
    """(log w, log 1/w, both float64 (chains, N); the mean acceptance).

    log 1/w is of chains that start at z (N, d), one sample of p(z|x) for each x; without columns
    if z is None.
    """
    _check("chains", chains, 2)
    _check("steps", steps, 1)
    _check("leapfrog_steps", leapfrog_steps, 1)
    anneal = annealing_function(vae, x, chains, leapfrog_steps)
    b = _inverse_temperatures(steps)
    size = max(1, pairs_at_once(vae.event_shape, ROWS) // chains)
    forward, backward, acceptances = [], [], []
    for i, batch in enumerate(in_batches(x, size)):
        seeds = tf.random.split((seed, i), 5)
        examples = count(batch)
        shape = (examples * chains, vae.latent_dim)
        log_steps = tf.fill((steps + 1, examples), tf.math.log(FIRST_STEP))
        walks = tracked(("to tune", "forward", "backward")[: 2 if z is None else 3])
        next(walks)
        u = tf.random.stateless_normal(shape, seeds[0])
        _, _, log_steps = anneal(batch, u, b, log_steps, ADAPTATION, seeds[1])
        next(walks)
        u = tf.random.stateless_normal(shape, seeds[2])
        log_w, acceptance, _ = anneal(batch, u, b, log_steps, 0.0, seeds[3])
        forward.append(log_w)
        acceptances.append(acceptance)
        if z is not None:
            next(walks)
            parameters = vae.posterior_parameters(batch)
            u = vae.posterior_family.inverse(parameters, z[i * size :][:size])
            u = tf.repeat(u, chains, axis=0)
            backward.append(anneal(batch, u, b[::-1], log_steps[::-1], 0.0, seeds[4])[0])
        next(walks, None)  # the last one is done
    log_inverse_w = np.concatenate(backward, axis=1) if backward else np.empty((chains, 0))
    acceptance = float(np.mean(np.concatenate(acceptances)))
    return np.concatenate(forward, axis=1), log_inverse_w, acceptance


def _inverse_temperatures(steps: int) -> np.ndarray:
    """b_t from 0 to 1, float64 (steps + 1,): a sigmoid from -4 to 4, so denser at both ends."""
    b = 1 / (1 + np.exp(-np.linspace(-4, 4, steps + 1)))
    return (b - b[0]) / (b[-1] - b[0])


def _log_mean_exp(values: np.ndarray) -> np.ndarray:
    return np.logaddexp.reduce(values, axis=0) - np.log(len(values))


def _check(name: str, value: int, least: int) -> None:
    if value < least:
        raise ValueError(f"{name}={value!r}: expected at least {least}")
