"""q(z|x), p(z) and p(x|z): TensorFlow Probability distributions of what networks put out."""

from keras_vae.backend import check_backend
from keras_vae.distributions.bounds import inverse_soft_bound, soft_bound
from keras_vae.distributions.check import check_rate
from keras_vae.distributions.likelihoods import (
    LIKELIHOODS,
    Bernoulli,
    Categorical,
    Columns,
    ContinuousBernoulli,
    Counts,
    DiagonalGaussian,
    DiscretizedLogistic,
    Gaussian,
    Likelihood,
    LogNormal,
    NegativeBinomial,
    Ordinal,
    Poisson,
    ZeroInflatedNegativeBinomial,
    entries_of,
    with_mask,
)
from keras_vae.distributions.posteriors import (
    POSTERIORS,
    Z_LOG_VAR_RANGE,
    DiagonalNormal,
    FullNormal,
    InverseAutoregressiveFlow,
    Posterior,
    normal_posterior,
)
from keras_vae.distributions.priors import (
    PRIORS,
    FlowPrior,
    MixturePrior,
    Prior,
    StandardNormal,
    VampPrior,
)

__all__ = [
    "LIKELIHOODS",
    "POSTERIORS",
    "PRIORS",
    "Z_LOG_VAR_RANGE",
    "Bernoulli",
    "Categorical",
    "Columns",
    "ContinuousBernoulli",
    "Counts",
    "DiagonalGaussian",
    "DiagonalNormal",
    "DiscretizedLogistic",
    "FlowPrior",
    "FullNormal",
    "Gaussian",
    "InverseAutoregressiveFlow",
    "Likelihood",
    "LogNormal",
    "MixturePrior",
    "NegativeBinomial",
    "Ordinal",
    "Poisson",
    "Posterior",
    "Prior",
    "StandardNormal",
    "VampPrior",
    "ZeroInflatedNegativeBinomial",
    "check_rate",
    "entries_of",
    "inverse_soft_bound",
    "normal_posterior",
    "soft_bound",
    "with_mask",
]

check_backend()
