"""The evidence lower bound and its two terms, as functions of distributions.

log p(x) >= ELBO = E_q(z|x)[log p(x|z)] - KL(q(z|x) || p(z)) = -(distortion + rate)

All values are float32 nats; shape (batch,) where nothing else is said.
"""

import tensorflow_probability as tfp

__all__ = ["distortion", "elbo", "latent_rates", "rate"]


def rate(posterior, prior):
    """R = KL(q(z|x) || p(z)), analytic: nats that the code z spends on each example; >= 0."""
    return tfp.distributions.kl_divergence(posterior, prior)


def latent_rates(posterior, prior):
    """R_j = KL(q(z_j|x) || p(z_j)) of each latent, (batch, d); their sum is the rate.

    Holds where both are independent over latents, as `tfd.Independent` says they are.
    """
    return tfp.distributions.kl_divergence(posterior.distribution, prior.distribution)


def distortion(likelihood, x):
    """D = -log p(x|z) at one z ~ q(z|x): an unbiased estimate of -E_q[log p(x|z)].

    May be negative where the likelihood is a density.
    """
    return -likelihood.log_prob(x)


def elbo(distortion, rate):
    """ELBO = -(D + R): maximised, whatever beta the training loss uses."""
    return -(distortion + rate)
