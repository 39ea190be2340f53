"""p(x|z): one family a file, and their names."""

from keras_vae.distributions.likelihoods.base import Likelihood, entries_of, with_mask
from keras_vae.distributions.likelihoods.bernoulli import Bernoulli
from keras_vae.distributions.likelihoods.categorical import Categorical
from keras_vae.distributions.likelihoods.columns import Columns
from keras_vae.distributions.likelihoods.continuous_bernoulli import ContinuousBernoulli
from keras_vae.distributions.likelihoods.counts import Counts
from keras_vae.distributions.likelihoods.diagonal_gaussian import DiagonalGaussian
from keras_vae.distributions.likelihoods.discretized_logistic import DiscretizedLogistic
from keras_vae.distributions.likelihoods.gaussian import Gaussian
from keras_vae.distributions.likelihoods.log_normal import LogNormal
from keras_vae.distributions.likelihoods.negative_binomial import NegativeBinomial
from keras_vae.distributions.likelihoods.ordinal import Ordinal
from keras_vae.distributions.likelihoods.poisson import Poisson
from keras_vae.distributions.likelihoods.zero_inflated_negative_binomial import (
    ZeroInflatedNegativeBinomial,
)

__all__ = [
    "LIKELIHOODS",
    "Bernoulli",
    "Categorical",
    "Columns",
    "ContinuousBernoulli",
    "Counts",
    "DiagonalGaussian",
    "DiscretizedLogistic",
    "Gaussian",
    "Likelihood",
    "LogNormal",
    "NegativeBinomial",
    "Ordinal",
    "Poisson",
    "ZeroInflatedNegativeBinomial",
    "entries_of",
    "with_mask",
]

LIKELIHOODS: dict[str, type[Likelihood]] = {
    "bernoulli": Bernoulli,
    "gaussian": Gaussian,
    "continuous_bernoulli": ContinuousBernoulli,
    "discretized_logistic": DiscretizedLogistic,
    "diagonal_gaussian": DiagonalGaussian,
    "log_normal": LogNormal,
    "poisson": Poisson,
    "negative_binomial": NegativeBinomial,
    "zero_inflated_negative_binomial": ZeroInflatedNegativeBinomial,
    "categorical": Categorical,
    "ordinal": Ordinal,
}
