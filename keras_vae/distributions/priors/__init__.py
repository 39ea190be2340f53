"""p(z): one prior a file, and their names."""

from keras_vae.distributions.priors.base import Prior
from keras_vae.distributions.priors.flow import FlowPrior
from keras_vae.distributions.priors.mixture import MixturePrior
from keras_vae.distributions.priors.normal_mixture import NormalMixture
from keras_vae.distributions.priors.standard_normal import StandardNormal
from keras_vae.distributions.priors.vamp import VampPrior

__all__ = [
    "PRIORS",
    "FlowPrior",
    "MixturePrior",
    "NormalMixture",
    "Prior",
    "StandardNormal",
    "VampPrior",
]

PRIORS: dict[str, type[Prior]] = {
    "standard": StandardNormal,
    "mixture": MixturePrior,
    "vamp": VampPrior,
    "flow": FlowPrior,
}
