"""ELBO surgery: how much of the rate informs about x, and how much the prior misses.

Hoffman & Johnson 2016, "ELBO surgery: yet another way to carve up the variational evidence lower
bound", workshop on Advances in Approximate Bayesian Inference, NIPS.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from keras_vae.measures.control_variate import mean_beside
from keras_vae.progress import tracked

__all__ = ["ElboSurgery", "RateInParts", "elbo_surgery", "spread_evenly"]

LOG_2_PI = np.log(2 * np.pi)
# Densities held at once: 16 MiB of float64, whatever the number of examples.
CHUNK = 2**21
# Nats: a mutual information this close to its ceiling says no more than the ceiling does.
SATURATED = 0.5


class RateInParts:
    """What holds of a rate taken apart over N examples, however it was.

    Attributes:
        mutual_information: I(x; z), nats.
        examples: N.
    """

    mutual_information: float
    examples: int

    @property
    def ceiling(self) -> float:
        """log N, nats: N examples cannot show more mutual information."""
        return float(np.log(self.examples))

    @property
    def is_saturated(self) -> bool:
        """Whether the mutual information is at its ceiling, and so both terms are uninformative."""
        return self.mutual_information > self.ceiling - SATURATED


@dataclass(frozen=True)
class ElboSurgery(RateInParts):
    """Mean rate = mutual information + marginal KL, nats, and the moments of q(z).

    Attributes:
        rate: mean KL(q(z|x) || p(z)), exact.
        latent_rates: float64 (d,): the rate of each latent; they add up to `rate`.
        mutual_information: I(x; z), estimated: the information of z about which example it came
            from.
        mutual_information_standard_error: its Monte Carlo error, as of independent draws; draws
            that return to each example several times err less.
        marginal_kl: KL(q(z) || p(z)) = rate - mutual information, estimated: what a prior equal
            to q(z) would gain.
        aggregated_mean: float64 (d,): mean of q(z), exact like the next two.
        aggregated_variance: float64 (d,).
        aggregated_correlation: float64 (d, d).
        examples: N.
    """

    rate: float
    latent_rates: np.ndarray
    mutual_information: float
    mutual_information_standard_error: float
    marginal_kl: float
    aggregated_mean: np.ndarray
    aggregated_variance: np.ndarray
    aggregated_correlation: np.ndarray
    examples: int

    @property
    def marginal_kl_standard_error(self) -> float:
        """That of the mutual information: their sum, the rate, has no error."""
        return self.mutual_information_standard_error


def elbo_surgery(
    z_mean: np.ndarray, z_log_var: np.ndarray, samples: int = 2000, seed: int = 0
) -> ElboSurgery:
    """Splits the mean rate by q(z) = 1/N sum_n q(z|x_n), over all N examples.

    mean KL(q(z|x) || p(z)) = E[log q(z|x) - log q(z)] + E[log q(z) - log p(z)]
                              mutual information         marginal KL

    with p(z) = N(0, I), x uniform over the examples, and z ~ q(z|x).

    The ceiling: I(x; z) <= log N. Once the q(z|x_n) no longer overlap, the mutual information is
    log N for any model, and the marginal KL, rate - log N, mostly says that a mixture of N
    narrow bumps is not smooth. See `ElboSurgery.is_saturated`, and use more examples or another
    measure of the mismatch.

    The estimate: the sum of the two terms, c = log q(z|x) - log p(z), varies from draw to draw
    but has a known mean, the rate, and so serves as a control variate (regression estimator; Owen
    2013, "Monte Carlo theory, methods and examples", section 8.9). Of each draw of
    log q(z|x) - log q(z) the part that c explains is replaced by its mean: no error is left where
    q(z) = p(z) or where the ceiling is reached, and the two terms add up to the rate.

    Args:
        z_mean: (N, d), means of q(z|x) over the data.
        z_log_var: (N, d), natural log of the variances.
        samples: draws of z, spread evenly over the examples; at least 3.
        seed: of the draws.

    Returns:
        `ElboSurgery`. An estimate may lie outside [0, log N] by its standard error.

    Raises:
        ValueError: if the arrays are not 2-d, of one shape, finite and of two examples or more,
            or the samples too few.
    """
    z_mean, z_log_var = _checked(z_mean, z_log_var)
    if samples < 3:
        raise ValueError(f"samples={samples}: expected at least 3, to estimate an error")
    # KL(N(m, exp(l)) || N(0, 1)) = 1/2 (exp(l) + m^2 - 1 - l)
    latent_rates = 0.5 * np.mean(np.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=0)
    rate = latent_rates.sum()

    log_posterior, log_aggregated, log_prior = _log_densities(z_mean, z_log_var, samples, seed)
    mutual_information, error = mean_beside(
        log_posterior - log_aggregated, log_posterior - log_prior, rate
    )

    aggregated_mean = z_mean.mean(axis=0)
    centred = z_mean - aggregated_mean
    # covariance of q(z) = mean of the covariances + covariance of the means
    within = np.diag(np.exp(z_log_var).mean(axis=0))
    between = centred.T @ centred / len(z_mean)
    aggregated_variance = np.diag(within + between)
    scale = np.sqrt(aggregated_variance)
    return ElboSurgery(
        rate=float(rate),
        latent_rates=latent_rates,
        mutual_information=mutual_information,
        mutual_information_standard_error=error,
        marginal_kl=float(rate - mutual_information),
        aggregated_mean=aggregated_mean,
        aggregated_variance=aggregated_variance,
        aggregated_correlation=(within + between) / np.outer(scale, scale),
        examples=len(z_mean),
    )


def spread_evenly(samples: int, examples: int, rng: np.random.Generator) -> np.ndarray:
    """Of which example each draw is: each as often as any other, or once more; int (samples,)."""
    rounds, rest = divmod(samples, examples)
    return np.append(np.tile(np.arange(examples), rounds), rng.permutation(examples)[:rest])


def _checked(z_mean: np.ndarray, z_log_var: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    z_mean, z_log_var = np.asarray(z_mean, "float64"), np.asarray(z_log_var, "float64")
    if z_mean.ndim != 2 or z_mean.shape != z_log_var.shape or len(z_mean) < 2:
        raise ValueError(
            f"z_mean of shape {z_mean.shape} and z_log_var of shape {z_log_var.shape}: "
            "expected (N, d) of both, with at least 2 examples"
        )
    for name, values in (("z_mean", z_mean), ("z_log_var", z_log_var)):
        wrong = np.count_nonzero(~np.isfinite(values))
        if wrong:
            raise ValueError(
                f"{name} holds {wrong} values that are NaN or infinite: expected finite codes; "
                "look for the examples or the weights that they come from"
            )
    return z_mean, z_log_var


def _log_densities(
    z_mean: np.ndarray, z_log_var: np.ndarray, samples: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(log q(z|x), log q(z), log p(z)) of draws z ~ q(z|x), each (samples,)."""
    rng = np.random.default_rng(seed)
    drawn = spread_evenly(samples, len(z_mean), rng)
    epsilon = rng.standard_normal((samples, z_mean.shape[1]))
    z = z_mean[drawn] + np.exp(z_log_var[drawn] / 2) * epsilon
    log_posterior = -0.5 * np.sum(LOG_2_PI + z_log_var[drawn] + epsilon**2, axis=1)
    log_prior = -0.5 * np.sum(LOG_2_PI + z**2, axis=1)
    return log_posterior, _log_aggregated(z, z_mean, z_log_var), log_prior


def _log_aggregated(z: np.ndarray, z_mean: np.ndarray, z_log_var: np.ndarray) -> np.ndarray:
    """log q(z) = log 1/N sum_n q(z|x_n) of each z, (samples,)."""
    powers = np.concatenate([z**2, z], axis=1)
    log_sum = np.full(len(z), -np.inf)
    rows = max(1, CHUNK // len(z))
    for start in tracked(range(0, len(z_mean), rows)):
        m, l = z_mean[start : start + rows], z_log_var[start : start + rows]  # noqa: E741
        precision = np.exp(-l)
        # log N(z; m, 1 / P) = -1/2 z^2 P + z m P - 1/2 (m^2 P + l + log 2 pi), a matrix product
        coefficients = np.concatenate([-0.5 * precision, m * precision], axis=1)
        constants = -0.5 * np.sum(m**2 * precision + l + LOG_2_PI, axis=1)
        log_q = powers @ coefficients.T + constants
        log_sum = np.logaddexp(log_sum, logsumexp(log_q, axis=1))
    return log_sum - np.log(len(z_mean))
