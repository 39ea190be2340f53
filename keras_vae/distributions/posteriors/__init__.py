"""q(z|x): one family a file, and their names."""

from keras_vae.distributions.posteriors.base import Posterior
from keras_vae.distributions.posteriors.diagonal_normal import (
    Z_LOG_VAR_RANGE,
    DiagonalNormal,
    normal_posterior,
)

__all__ = ["POSTERIORS", "Z_LOG_VAR_RANGE", "DiagonalNormal", "Posterior", "normal_posterior"]

POSTERIORS: dict[str, type[Posterior]] = {"diagonal_normal": DiagonalNormal}
