"""p(z): one prior a file, and their names."""

from keras_vae.distributions.priors.base import Prior
from keras_vae.distributions.priors.standard_normal import StandardNormal

__all__ = ["PRIORS", "Prior", "StandardNormal"]

PRIORS: dict[str, type[Prior]] = {"standard_normal": StandardNormal}
