"""Pareto k-hat: whether an average of importance weights can be trusted.

Vehtari, Simpson, Gelman, Yao & Gabry 2024, "Pareto smoothed importance sampling", JMLR 25(72),
arXiv:1507.02646.
"""

import math

import numpy as np
from scipy.special import logsumexp

__all__ = ["pareto_k", "pareto_k_threshold", "tail_size"]

# Nats: largest weights that differ by less are one weight, whose spread is rounding of float32.
EQUAL = 1e-3
# A shape fitted to fewer exceedances says nothing.
FEWEST_EXCEEDANCES = 5


def tail_size(samples: int) -> int:
    """M = min(K / 5, 3 sqrt(K)), rounded up: how many of K weights are their tail."""
    return math.ceil(min(samples / 5, 3 * math.sqrt(samples)))


def pareto_k_threshold(samples: int) -> float:
    """min(1 - 1 / log10(K), 0.7): above it K samples are too few for k-hat; -inf for K = 1."""
    return min(1 - 1 / math.log10(samples), 0.7) if samples > 1 else -math.inf


def pareto_k(largest_log_weights: np.ndarray) -> np.ndarray:
    """Shape k of the generalized Pareto distribution of the largest weights, for each example.

    Weights with shape k have finite moments of orders below 1 / k only: from k = 0.5 on the
    variance of their mean is infinite, from k = 1 on the mean itself. The exceedances over the
    threshold (the smallest weight given) are fitted by the estimator of Zhang & Stephens 2009,
    Technometrics 51(3), on the grid of Vehtari et al. 2024, whose weakly informative prior then
    draws k-hat towards 0.5 with the weight of 10 observations.

    Args:
        largest_log_weights: (M + 1, N), nats: the M + 1 largest log weights of each example, in
            any order and up to any constant; M = `tail_size` of the number of samples.

    Returns:
        float64 (N,): k-hat. -inf where no weight exceeds the threshold by more than `EQUAL`
        nats: the largest weights are all one, as constant weights are, and there is no tail. NaN
        where fewer than 5 weights exceed it, too few to tell, and where a log weight is NaN or
        +inf.

    Raises:
        ValueError: if the array is not 2-d.
    """
    log_w = np.asarray(largest_log_weights, "float64")
    if log_w.ndim != 2:
        raise ValueError(
            f"log weights of shape {log_w.shape}: expected (M + 1, N), "
            "the M + 1 largest of each of N examples"
        )
    k = np.full(log_w.shape[1], np.nan)
    if len(log_w) - 1 < FEWEST_EXCEEDANCES:
        return k
    log_w = np.sort(log_w, axis=0)
    threshold, highest = log_w[0], log_w[-1]
    is_constant = highest - EQUAL <= threshold
    k[is_constant & np.isfinite(highest)] = -np.inf
    # Weights tied with the threshold do not exceed it; continuous ones have no ties.
    exceedances = np.sum(log_w > threshold, axis=0)
    is_fitted = ~is_constant & np.isfinite(highest) & (exceedances >= FEWEST_EXCEEDANCES)
    exceedances = exceedances[is_fitted]
    shape = _zhang_stephens(_log_exceedances(log_w[:, is_fitted]), exceedances)
    # k = (M k + 10 * 0.5) / (M + 10)
    k[is_fitted] = (exceedances * shape + 5) / (exceedances + 10)
    return k


def _log_exceedances(log_w: np.ndarray) -> np.ndarray:
    """log y, (M, N) ascending, of y = w - u over their largest; -inf where w = u, the first row."""
    with np.errstate(divide="ignore", invalid="ignore"):
        # w - u = w (1 - u / w)
        log_y = log_w[1:] + np.log(-np.expm1(log_w[0] - log_w[1:]))
    log_y[log_w[1:] == log_w[0]] = -np.inf  # also where w = u = 0
    return log_y - log_y[-1]


def _zhang_stephens(log_y: np.ndarray, exceedances: np.ndarray) -> np.ndarray:
    """Shape k of the generalized Pareto distribution of the y > 0 of each example, (N,).

    theta = -k / sigma is integrated out; it is held as t = log(1 - theta), so that weights
    thousands of nats apart neither overflow nor vanish. (Their k is the negative of this one.)

    Args:
        log_y: (M, N), ascending, the largest 0; -inf for y = 0, which adds nothing.
        exceedances: int (N,): how many y are above 0.
    """
    with np.errstate(divide="ignore"):
        log_rest = np.log1p(-np.exp(log_y))  # log(1 - y)

    def shape(t: np.ndarray) -> np.ndarray:
        # k(theta) = mean_i log(1 - theta y_i), where 1 - theta y = (1 - y) + (1 - theta) y
        return np.sum(np.logaddexp(log_rest, t + log_y), axis=0) / exceedances

    # y*, the first quartile: number floor(M / 4 + 1/2) of the y > 0
    row = len(log_y) - exceedances + (exceedances + 2) // 4 - 1
    log_quartile = np.take_along_axis(log_y, row[np.newaxis], axis=0)
    # theta_j = 1 + (1 - sqrt(m / (j - 1/2))) / (3 y*), j = 1 .. m = 30 + floor(sqrt(M))
    points = 30 + math.isqrt(len(log_y))
    t = np.log((np.sqrt(points / (np.arange(points) + 0.5)) - 1) / 3)[:, np.newaxis] - log_quartile
    t[np.abs(t) < 1e-9] = 1e-9  # theta = 0 would be 0 / 0 below
    k = np.stack([shape(row) for row in t])
    # l(theta) = M (log(-theta / k) - k - 1), where -theta = exp(t) - 1
    log_theta = np.maximum(t, 0) + np.log(-np.expm1(-np.abs(t)))
    log_likelihood = exceedances * (log_theta - np.log(np.abs(k)) - k - 1)
    # theta-hat = sum_j theta_j exp(l_j) / sum_j exp(l_j)
    return shape(logsumexp(log_likelihood + t, axis=0) - logsumexp(log_likelihood, axis=0))
