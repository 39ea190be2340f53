"""p(x|z): one family a file, and their names."""

from keras_vae.distributions.likelihoods.base import Likelihood, with_mask
from keras_vae.distributions.likelihoods.bernoulli import Bernoulli
from keras_vae.distributions.likelihoods.columns import Columns
from keras_vae.distributions.likelihoods.continuous_bernoulli import ContinuousBernoulli
from keras_vae.distributions.likelihoods.gaussian import Gaussian

__all__ = [
    "LIKELIHOODS",
    "Bernoulli",
    "Columns",
    "ContinuousBernoulli",
    "Gaussian",
    "Likelihood",
    "with_mask",
]

LIKELIHOODS: dict[str, type[Likelihood]] = {
    "bernoulli": Bernoulli,
    "gaussian": Gaussian,
    "continuous_bernoulli": ContinuousBernoulli,
}
