"""The terms of the evidence lower bound at z ~ q(z|x), and what is made of them.

log p(x) >= ELBO = E_q(z|x)[log p(x|z)] - KL(q(z|x) || p(z)) = -(distortion + rate)

All values are float32 nats; shape (batch,) where nothing else is said.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import tensorflow as tf
import tensorflow_probability as tfp

from keras_vae.errors import DoesNotApply
from keras_vae.path import Path

__all__ = ["Terms", "elbo", "has_exact_rate", "latent_rates", "rate"]

tfd = tfp.distributions
Distribution: TypeAlias = tfp.distributions.Distribution


@dataclass(frozen=True)
class Terms:
    """What one batch of x gives at K draws z_k ~ q(z|x) an example.

    Attributes:
        log_likelihood: (K, batch): log p(x|z_k).
        rate: (batch,): KL(q(z|x) || p(z)), see `rate`.
        z: (K, batch, d).
        log_posterior: (K, batch): log q(z_k|x).
        posterior: q(z|x), a distribution with batch shape (batch,) and event shape (d,).
        prior: p(z), with event shape (d,).
        path: of the gradient through z.
        again: of an objective that follows the gradient of some draws alone: weights (K, batch) ->
            (`Terms` at S draws, whose place that of K takes, and which they are, (S, batch)).
    """

    log_likelihood: tf.Tensor
    rate: tf.Tensor
    z: tf.Tensor
    log_posterior: tf.Tensor
    posterior: Distribution
    prior: Distribution
    path: Path = field(default_factory=Path)
    again: "Callable[[tf.Tensor], tuple[Terms, tf.Tensor]] | None" = None

    @property
    def rate_is_exact(self) -> bool:
        """Whether the rate is analytic; else it is estimated from the same z_k, and may be
        negative."""
        return has_exact_rate(self.posterior, self.prior)

    @property
    def distortion(self) -> tf.Tensor:
        """D = -E_q[log p(x|z)], estimated without bias by the mean over the z_k; may be negative
        where the likelihood is a density."""
        return -tf.reduce_mean(self.log_likelihood, axis=0)

    @property
    def elbo(self) -> tf.Tensor:
        """-(D + R): maximised, whatever the training loss is."""
        return elbo(self.distortion, self.rate)

    @property
    def log_prior(self) -> tf.Tensor:
        """log p(z_k), (K, batch)."""
        return self.prior.log_prob(self.z)

    @property
    def log_weights(self) -> tf.Tensor:
        """log w_k = log p(x|z_k) + log p(z_k) - log q(z_k|x), (K, batch)."""
        return self.log_likelihood + self.log_prior - self.log_posterior


def rate(
    posterior: Distribution,
    prior: Distribution,
    z: tf.Tensor | None = None,
    log_posterior: tf.Tensor | None = None,
) -> tf.Tensor:
    """R = KL(q(z|x) || p(z)): nats that the code z spends on each example.

    Analytic, and at least 0, where TensorFlow Probability has the KL of the two; otherwise the
    mean of log q(z_k|x) - log p(z_k), which is without bias and may be negative.

    Args:
        posterior: q(z|x), batch shape (batch,).
        prior: p(z).
        z: (K, batch, d): draws of q(z|x); needed where the KL is not known.
        log_posterior: (K, batch): log q(z|x) of them, where it is at hand.

    Raises:
        NotImplementedError: if the KL is not known and there is no z.
    """
    try:
        return tfd.kl_divergence(posterior, prior)
    except NotImplementedError:
        if z is None:
            raise
    log_q = posterior.log_prob(z) if log_posterior is None else log_posterior
    return tf.reduce_mean(log_q - prior.log_prob(z), axis=0)


def has_exact_rate(posterior: Distribution, prior: Distribution) -> bool:
    """Whether TensorFlow Probability has the KL of the two in closed form."""
    try:
        tfd.kl_divergence(posterior, prior)
    except NotImplementedError:
        return False
    return True


def latent_rates(posterior: Distribution, prior: Distribution) -> tf.Tensor:
    """R_j = KL(q(z_j|x) || p(z_j)) of each latent, (batch, d); their sum is the rate.

    Raises:
        DoesNotApply: if either is not independent over latents, as `tfd.Independent` says, or the
            KL is not known.
    """
    for name, distribution in (("q(z|x)", posterior), ("p(z)", prior)):
        if not isinstance(distribution, tfd.Independent):
            raise DoesNotApply(
                f"does not apply: a rate of each latent is defined where latents are independent "
                f"under q(z|x) and p(z); {name} is a {type(distribution).__name__}"
            )
    if not has_exact_rate(posterior, prior):
        raise DoesNotApply("does not apply: KL(q(z|x) || p(z)) is not known in closed form")
    return tfd.kl_divergence(posterior.distribution, prior.distribution)


def elbo(distortion: Any, rate: Any) -> Any:
    """ELBO = -(D + R): maximised, whatever beta the training loss uses."""
    return -(distortion + rate)
