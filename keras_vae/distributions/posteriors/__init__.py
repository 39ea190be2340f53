"""q(z|x): one family a file, and their names."""

from keras_vae.distributions.posteriors.base import Posterior
from keras_vae.distributions.posteriors.diagonal_normal import (
    Z_LOG_VAR_RANGE,
    DiagonalNormal,
    normal_posterior,
)
from keras_vae.distributions.posteriors.full_normal import FullNormal
from keras_vae.distributions.posteriors.iaf import InverseAutoregressiveFlow

__all__ = [
    "POSTERIORS",
    "Z_LOG_VAR_RANGE",
    "DiagonalNormal",
    "FullNormal",
    "InverseAutoregressiveFlow",
    "Posterior",
    "normal_posterior",
]

POSTERIORS: dict[str, type[Posterior]] = {
    "diagonal": DiagonalNormal,
    "full": FullNormal,
    "iaf": InverseAutoregressiveFlow,
}
