"""q(z|x), p(z) and p(x|z) as TensorFlow Probability distributions over plain tensors."""

from keras_vae.distributions.bounds import inverse_soft_bound, soft_bound
from keras_vae.distributions.likelihood import (
    LIKELIHOODS,
    Bernoulli,
    ContinuousBernoulli,
    Gaussian,
    Likelihood,
)
from keras_vae.distributions.posterior import Z_LOG_VAR_RANGE, normal_posterior
from keras_vae.distributions.prior import PRIORS, StandardNormal, check_prior

__all__ = [
    "LIKELIHOODS",
    "PRIORS",
    "Z_LOG_VAR_RANGE",
    "Bernoulli",
    "ContinuousBernoulli",
    "Gaussian",
    "Likelihood",
    "StandardNormal",
    "check_prior",
    "inverse_soft_bound",
    "normal_posterior",
    "soft_bound",
]
