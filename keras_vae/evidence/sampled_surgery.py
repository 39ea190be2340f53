"""ELBO surgery by draws: the rate taken apart for any prior and any q(z|x) with a cheap log q.

`measures.elbo_surgery` has the closed forms of a diagonal normal q(z|x) and p(z) = N(0, I). Here
nothing is taken for granted but log q(z|x) of any z and log p(z) (Hoffman & Johnson 2016, "ELBO
surgery", workshop on Advances in Approximate Bayesian Inference, NIPS).
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from keras_vae.data.given import count, take
from keras_vae.evidence.examples import examples_for
from keras_vae.evidence.parameters import specs_of_posterior
from keras_vae.measures.control_variate import mean_beside
from keras_vae.measures.elbo_surgery import RateInParts, spread_evenly
from keras_vae.preconditions import needs_cheap_log_prob
from keras_vae.progress import tracked
from keras_vae.terms import rate
from keras_vae.traced import specs_of, traced_of
from keras_vae.vae import VAE, in_batches

__all__ = ["SampledSurgery", "sampled_surgery"]

BATCH_SIZE = 500
# Entries of z and of the parameters of q(z|x) that meet at once, of all pairs: 32 MiB of float32.
PAIRS = 2**23

Estimate: TypeAlias = tuple[float, float]  # mean and standard error


@dataclass(frozen=True)
class SampledSurgery(RateInParts):
    """Mean rate = mutual information + marginal KL, nats, and the moments of q(z) and p(z).

    A rate of each latent is not defined here: latents may depend on each other under q(z|x) and
    p(z), and rates of their own would not add up to the rate.

    Attributes:
        rate: mean KL(q(z|x) || p(z)).
        rate_standard_error: 0 where the KL is known in closed form.
        mutual_information: I(x; z), estimated: the information of z about which example it came
            from.
        mutual_information_standard_error: its Monte Carlo error, as of independent draws; draws
            that return to each example several times err less.
        marginal_kl: KL(q(z) || p(z)), estimated: what a prior equal to q(z) would gain.
        marginal_kl_standard_error: its Monte Carlo error.
        aggregated_mean, aggregated_variance: float64 (d,): of q(z), from the moments of each
            q(z|x).
        prior_mean, prior_variance: float64 (d,): of p(z).
        examples: N.
        samples: draws of z.
    """

    rate: float
    rate_standard_error: float
    mutual_information: float
    mutual_information_standard_error: float
    marginal_kl: float
    marginal_kl_standard_error: float
    aggregated_mean: np.ndarray
    aggregated_variance: np.ndarray
    prior_mean: np.ndarray
    prior_variance: np.ndarray
    examples: int
    samples: int


def sampled_surgery(vae: VAE, x: Any, samples: int = 2000, seed: int = 0) -> SampledSurgery:
    """Splits the mean rate by q(z) = 1/N sum_n q(z|x_n), over all N examples.

    mean KL(q(z|x) || p(z)) = E[log q(z|x) - log q(z)] + E[log q(z) - log p(z)]
                              mutual information         marginal KL

    with x uniform over the examples, and z ~ q(z|x). Where the KL is known in closed form it is the
    rate, and a control variate of the mutual information, as in `measures.elbo_surgery`, which
    says of the ceiling log N what holds here too. Elsewhere all three are means over the draws.

    Args:
        vae: `VAE`.
        x: (N, *event_shape), as the likelihood sees them; N at least 2.
        samples: draws of z, spread evenly over the examples; at least 3. The time grows as
            samples * N.
        seed: of the draws; the noise of the model's own sampling layer is left alone.

    Returns:
        `SampledSurgery`. An estimate may lie outside [0, log N] by its standard error.

    Raises:
        DoesNotApply: if log q(z|x) of a z that another x made takes many passes.
        ValueError: if there are fewer than 2 examples or 3 samples, or log q(z|x) or log p(z) of a
            draw is not finite.
    """
    needs_cheap_log_prob(vae)
    x = examples_for(vae, x)
    if count(x) < 2 or samples < 3:
        raise ValueError(
            f"{count(x)} examples and samples={samples!r}: expected at least 2 examples, and 3 "
            "samples to estimate an error"
        )
    z, log_posterior, log_prior = _drawn(vae, x, samples, seed)
    total = log_posterior - log_prior
    if not np.isfinite(total).all():
        raise ValueError(
            f"log q(z|x) - log p(z) is NaN or infinite for {np.sum(~np.isfinite(total))} of "
            f"{samples} draws: look for the examples or the weights that they come from"
        )
    log_aggregated, rates, moments = _aggregated(vae, x, z)
    information, marginal = log_posterior - log_aggregated, log_aggregated - log_prior
    if rates is None:
        of_rate, of_information, of_marginal = map(_mean, (total, information, marginal))
    else:
        of_rate = float(np.mean(rates)), 0.0
        of_information = mean_beside(information, total, of_rate[0])
        of_marginal = of_rate[0] - of_information[0], of_information[1]
    prior = vae.prior.distribution(vae.latent_dim)  # p(z)
    z_mean, variance = moments
    return SampledSurgery(
        *of_rate,
        *of_information,
        *of_marginal,
        aggregated_mean=z_mean.mean(axis=0),
        # variance of q(z) = mean of the variances + variance of the means
        aggregated_variance=variance.mean(axis=0) + z_mean.var(axis=0),
        prior_mean=np.asarray(prior.mean(), "float64"),
        prior_variance=np.asarray(prior.variance(), "float64"),
        examples=count(x),
        samples=samples,
    )


def _mean(values: np.ndarray) -> Estimate:
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def _drawn(vae: VAE, x: Any, samples: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(z float32 (samples, d), log q(z|x), log p(z)) of draws z ~ q(z|x), float64 (samples,)."""
    rng = np.random.default_rng(seed)
    drawn = spread_evenly(samples, count(x), rng)
    noise = rng.standard_normal((samples, vae.latent_dim)).astype("float32")
    draws = traced_of(vae, _draws, signature=[specs_of(x), specs_of(noise)])
    parts = []
    for rows in np.split(drawn, range(BATCH_SIZE, samples, BATCH_SIZE)):
        parts.append(draws(take(x, rows), noise[: len(rows)]))
        noise = noise[len(rows) :]
    z, log_posterior, log_prior = (np.concatenate(part) for part in zip(*parts, strict=True))
    return z, log_posterior.astype("float64"), log_prior.astype("float64")


def _draws(vae: VAE, x: Any, noise: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """(z, log q(z|x), log p(z)) of one draw for each x."""
    z, log_posterior = vae.posterior_family.draw(vae.posterior_parameters(x), noise)
    return z, log_posterior, vae.prior.distribution(vae.latent_dim).log_prob(z)


def _aggregated(
    vae: VAE, x: Any, z: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None, tuple[np.ndarray, np.ndarray]]:
    """(log q(z) = log 1/N sum_n q(z|x_n) of each z; KL(q(z|x) || p(z)) of each x, None where it is
    not known; mean and variance of each latent under each q(z|x)), float64."""
    family, prior = vae.posterior_family, vae.prior.distribution(vae.latent_dim)
    log_sums = traced_of(vae, _log_sums, signature=[specs_of_posterior(vae, x), specs_of(z)])
    log_sum, has_exact_rate = np.full(len(z), -np.inf), vae.has_exact_rate
    rates, moments = [], []
    for batch in tracked([*in_batches(x, BATCH_SIZE)]):
        parameters = vae.posterior_parameters(batch)
        rows = max(1, PAIRS // (count(batch) * _entries(parameters)))
        of_batch = [log_sums(parameters, z[i : i + rows]) for i in range(0, len(z), rows)]
        log_sum = np.logaddexp(log_sum, np.concatenate(of_batch))
        if has_exact_rate:
            rates.append(rate(family.distribution(parameters), prior))
        moments.append(family.moments(parameters))
    z_mean, z_log_var = (
        np.concatenate(part).astype("float64") for part in zip(*moments, strict=True)
    )
    of_rates = np.concatenate(rates).astype("float64") if rates else None
    return log_sum - np.log(count(x)), of_rates, (z_mean, np.exp(z_log_var))


def _log_sums(vae: VAE, parameters: Any, z: tf.Tensor) -> tf.Tensor:
    """log sum_n q(z|x_n) of each z over the x of a batch."""
    log_q = vae.posterior_family.distribution(parameters).log_prob(z[:, None])  # (z, batch)
    return tf.reduce_logsumexp(log_q, axis=1)


def _entries(parameters: Any) -> int:
    """How many numbers the parameters of one q(z|x) are."""
    return sum(int(np.prod(part.shape[1:])) for part in tf.nest.flatten(parameters))
