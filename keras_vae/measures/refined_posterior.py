"""Is there a better q(z|x) for an example than the encoder's?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from scipy.special import logsumexp

__all__ = ["RefinedElbo", "RefinedPosterior", "refined_elbo", "refined_posterior"]

# So that it differs from the noise of data that were made with the same seed.
SALT = 4023
# How far each round goes towards the weighted moments, and how wide it tries to be.
STEPS = (0.25, 0.5, 1.0)
WIDTHS = (0.7, 0.85, 1.2, 1.5)

LogJoint: TypeAlias = Callable[[np.ndarray], np.ndarray]
# z_mean and z_log_var of a Gaussian for each example, each (N, d)
Codes: TypeAlias = tuple[np.ndarray, np.ndarray]


class Effort(NamedTuple):
    """How a search is made.

    Attributes:
        rounds: of it.
        moment_draws: by which a round looks for the moments of p(z|x).
        comparison_draws: by which the ELBOs of candidates are compared, an even number.
        clear: standard errors by which a candidate must be better than what there is, so that of
            many no noise is chosen.
    """

    rounds: int
    moment_draws: int
    comparison_draws: int
    clear: float


FROM_ENCODER = Effort(3, 100, 20, 0.0)
# Where it begins at a posterior that fits already.
FROM_START = Effort(1, 60, 16, 1.0)


@dataclass(frozen=True)
class RefinedElbo:
    """The encoder's q(z|x) and a better one of the same family; nats.

    Attributes:
        elbo: float64 (N,): of the encoder's q(z|x).
        refined_elbo: float64 (N,): of the best diagonal Gaussian that was found.
        gain: float64 (N,): what the search gained, a lower bound on the amortization gap; of the
            same noise for both.
    """

    elbo: np.ndarray
    refined_elbo: np.ndarray
    gain: np.ndarray


@dataclass(frozen=True)
class RefinedPosterior(RefinedElbo):
    """The same, and bounds above both; nats.

    Attributes:
        bound: float64 (N,): the importance-weighted bound with half of the samples from each;
            at most log p(x) in expectation.
        encoder_bound: float64 (N,): the same with all samples from the encoder's.
        encoder_weighted: float64 (N,): mean of those samples' log w weighted by w, which some take
            for the bound and which is larger.
        effective_samples: float64 (N,): of `bound`.
        correlation: float64 (N,): largest |correlation| between two latents under p(z|x).
    """

    bound: np.ndarray
    encoder_bound: np.ndarray
    encoder_weighted: np.ndarray
    effective_samples: np.ndarray
    correlation: np.ndarray


def refined_elbo(
    log_joint: LogJoint,
    z_mean: np.ndarray,
    z_log_var: np.ndarray,
    samples: int = 50,
    seed: int = 0,
    start: Codes | None = None,
) -> RefinedElbo:
    """Searches a better diagonal Gaussian q(z|x) for each example, without gradients.

    Each round draws from q, weighs the draws by p(x, z) / q(z), and tries Gaussians on the way
    to the weighted mean and variance, with several widths; the one of the highest ELBO is kept
    (adaptive importance sampling, after Cappe et al. 2008, arXiv:0710.4242). What it gains is a
    lower bound on the amortization gap (Cremer, Li & Duvenaud 2018, arXiv:1801.03558).

    Args:
        log_joint: function of z (M, N, d), M for each example in its place, to log p(x, z),
            (M, N), nats.
        z_mean, z_log_var: (N, d); z_log_var is the natural log of the VARIANCE.
        samples: draws for each example and ELBO, an even number: in pairs z_mean +- std * epsilon,
            so that most of the noise cancels.
        seed: of the draws.
        start: (z_mean, z_log_var) of other Gaussians, such as `mode_posterior`: where one is
            better than the encoder's, the search begins there, and is short.

    Returns:
        `RefinedElbo`. The draws that it is evaluated with are not those of the search.
    """
    rng, encoder = np.random.default_rng((seed, SALT)), _float64(z_mean, z_log_var)
    found = _search(log_joint, encoder, rng, start)
    noise = _in_pairs(rng, samples, encoder[0].shape)
    elbo, refined = (_log_weights(log_joint, *q, noise)[0].mean(axis=0) for q in (encoder, found))
    return RefinedElbo(elbo, refined, refined - elbo)


def refined_posterior(
    log_joint: LogJoint,
    z_mean: np.ndarray,
    z_log_var: np.ndarray,
    samples: int = 100,
    seed: int = 0,
    start: Codes | None = None,
) -> RefinedPosterior:
    """The same search, and bounds on log p(x) by draws of the encoder's q(z|x) and of the best.

    Args:
        log_joint, z_mean, z_log_var, seed, start: as for `refined_elbo`.
        samples: K of the bounds, at least 2; the ELBO of the best, and what is gained, are of half
            of these draws.

    Returns:
        `RefinedPosterior`. The draws that it is evaluated with are not those of the search.
    """
    rng, encoder = np.random.default_rng((seed, SALT)), _float64(z_mean, z_log_var)
    found = _search(log_joint, encoder, rng, start)
    noise = rng.standard_normal((samples, *encoder[0].shape))
    half = samples // 2
    encoder_w, encoder_z = _log_weights(log_joint, *encoder, noise)
    refined_w, refined_z = _log_weights(log_joint, *found, noise[half:])
    # Half of the draws from each, weighed as draws of the mixture: unbiased whichever is better,
    # where the larger of two estimates would lie above log p(x).
    z = np.concatenate([encoder_z[:half], refined_z])
    log_p = np.concatenate(
        [
            encoder_w[:half] + _log_normal(encoder_z[:half], *encoder),
            refined_w + _log_normal(refined_z, *found),
        ]
    )
    share = half / samples
    # q(z) = share * q of the encoder + (1 - share) * the one that was found
    log_q = np.logaddexp(
        _log_normal(z, *encoder) + np.log(share), _log_normal(z, *found) + np.log(1 - share)
    )
    log_w = log_p - log_q
    bound, encoder_bound = (logsumexp(w, axis=0) - np.log(samples) for w in (log_w, encoder_w))
    effective = np.exp(2 * logsumexp(log_w, axis=0) - logsumexp(2 * log_w, axis=0))
    return RefinedPosterior(
        encoder_w.mean(axis=0),
        refined_w.mean(axis=0),
        (refined_w - encoder_w[half:]).mean(axis=0),
        bound,
        encoder_bound,
        np.sum(np.exp(encoder_w - logsumexp(encoder_w, axis=0)) * encoder_w, axis=0),
        effective,
        _largest_correlation(log_w, z),
    )


def _search(
    log_joint: LogJoint, encoder: Codes, rng: np.random.Generator, start: Codes | None
) -> Codes:
    """The best of the Gaussians that are tried for each example."""
    shape, effort = encoder[0].shape, FROM_ENCODER if start is None else FROM_START

    def best_of(tried: list[Codes], clear: float = 0.0) -> Codes:
        """For each example the one of the highest ELBO: the first, unless another is better by
        `clear` standard errors."""
        noise = _in_pairs(rng, effort.comparison_draws, shape)
        log_w = np.stack([_log_weights(log_joint, *q, noise)[0] for q in tried])
        pairs = log_w.reshape(len(tried), 2, -1, log_w.shape[-1]).mean(axis=1)
        with np.errstate(invalid="ignore"):  # of a Gaussian that has diverged
            error = (pairs - pairs[0]).std(axis=1, ddof=1) / np.sqrt(pairs.shape[1])
        scores = pairs.mean(axis=1) - clear * np.nan_to_num(error)
        # a start that has diverged is never the best
        best = np.argmax(np.where(np.isnan(scores), -np.inf, scores), axis=0)
        mean, log_var = (
            np.stack(part)[best, np.arange(len(best))] for part in zip(*tried, strict=True)
        )
        return mean, log_var

    mean, log_var = encoder if start is None else best_of([encoder, start])
    for _ in range(effort.rounds):
        noise = rng.standard_normal((effort.moment_draws, *shape))
        log_w, z = _log_weights(log_joint, mean, log_var, noise)
        to_mean, to_var = _moments(log_w, z)
        tried = [(mean, log_var)]
        for step in STEPS:
            moved = mean + step * (to_mean - mean)
            shrunk = (1 - step) * np.exp(log_var) + step * to_var
            tried += [(moved, log_var), (moved, np.log(shrunk))]
        tried += [(mean, log_var + 2 * np.log(width)) for width in WIDTHS]
        mean, log_var = best_of(tried, effort.clear)
    return mean, log_var


def _float64(*parts: np.ndarray) -> Codes:
    mean, log_var = (np.asarray(part, "float64") for part in parts)
    return mean, log_var


def _in_pairs(rng: np.random.Generator, samples: int, shape: tuple[int, ...]) -> np.ndarray:
    """Noise epsilon and -epsilon, (samples, *shape)."""
    noise = rng.standard_normal((samples // 2, *shape))
    return np.concatenate([noise, -noise])


def _log_weights(
    log_joint: LogJoint,
    mean: np.ndarray,
    log_var: np.ndarray,
    noise: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """log p(x, z) - log q(z) at z = mean + std * noise, (M, N), and z."""
    z = mean + np.exp(log_var / 2) * noise
    return log_joint(z) - _log_normal(z, mean, log_var), z


def _log_normal(z: np.ndarray, mean: np.ndarray, log_var: np.ndarray) -> np.ndarray:
    """log N(z; mean, diag(exp(log_var))) of z (M, N, d), (M, N)."""
    with np.errstate(over="ignore"):  # of a z that is so far away its density is 0
        squares = ((z - mean) * np.exp(-log_var / 2)) ** 2
    return -0.5 * np.sum(squares + log_var + np.log(2 * np.pi), axis=-1)


def _moments(log_w: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean and variance of z (M, N, d)."""
    w = np.exp(log_w - logsumexp(log_w, axis=0))[..., None]
    mean = np.sum(w * z, axis=0)
    return mean, np.maximum(np.sum(w * (z - mean) ** 2, axis=0), 1e-8)


def _largest_correlation(log_w: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Of any two latents under the weights, (N,); 0 with one latent."""
    w = np.exp(log_w - logsumexp(log_w, axis=0))[..., None]
    mean, variance = _moments(log_w, z)
    scaled = (z - mean) / np.sqrt(variance)
    correlation = np.abs(np.einsum("mni,mnj->nij", w * scaled, scaled))
    return np.max(correlation * (1 - np.eye(z.shape[-1])), axis=(1, 2))
