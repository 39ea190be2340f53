"""The prior z = f(u), u ~ N(0, I), f a RealNVP that is learned with the model."""

from typing import Any

import keras
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.flows import Coupling
from keras_vae.distributions.priors.base import Prior
from keras_vae.distributions.transformed_normal import (
    TransformedNormal,
    fixed_noise,
    log_normal,
)
from keras_vae.errors import check_count

__all__ = ["FlowPrior"]

MOMENT_DRAWS = 4096  # of u, by which mean and variance are estimated


@keras.saving.register_keras_serializable(package="keras_vae")
class FlowPrior(Prior):
    """p(z) = N(f^-1(z); 0, I) |d f^-1 / dz|, f a chain of couplings.

    RealNVP (Dinh, Sohl-Dickstein & Bengio 2017, arXiv:1605.08803) as a prior: Xu et al. 2019,
    arXiv:1905.13452. The even and the odd latents change in turn. It starts at N(0, I); of one
    latent alone it stays normal, of a mean and a scale that are learned.

    Args:
        steps: couplings, at least 1.
        units: of each of the two hidden layers of a coupling.
        seed: integer, of the weights.
    """

    def __init__(self, steps: int = 8, units: int = 128, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.steps, self.units = check_count("steps", steps), check_count("units", units)
        self.seed = seed
        self.couplings = [Coupling(units, i % 2, seed + 2 * i) for i in range(steps)]

    def build(self, input_shape: Any) -> None:
        for coupling in self.couplings:
            coupling.build(input_shape)
        self.built = True

    def transform(self, u: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(z, log |dz / du|) of u (N, d)."""
        log_det = tf.zeros_like(u[:, 0])
        for coupling in self.couplings:
            u, more = coupling(u)
            log_det += more
        return u, log_det

    def inverse(self, z: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(u, log |du / dz|) of z (N, d)."""
        log_det = tf.zeros_like(z[:, 0])
        for coupling in reversed(self.couplings):
            z, more = coupling.inverse(z)
            log_det += more
        return z, log_det

    def distribution(self, latent_dim: int) -> tfd.Distribution:
        """p(z) over `latent_dim` latents, a `TransformedNormal`; its mean and variance are those of
        4,096 fixed draws."""

        def log_density(z: tf.Tensor) -> tf.Tensor:
            u, log_det = self.inverse(tf.reshape(z, [-1, latent_dim]))
            # log p(z) = log N(f^-1(z); 0, I) + log |d f^-1 / dz|
            return tf.reshape(log_normal(u) + log_det, tf.shape(z)[:-1])

        def moments() -> tuple[tf.Tensor, tf.Tensor]:
            z, _ = self.transform(fixed_noise(MOMENT_DRAWS, latent_dim))
            return tf.nn.moments(z, axes=[0])

        return TransformedNormal(
            lambda u: self.transform(u)[0], log_density, moments, like=tf.zeros(latent_dim)
        )

    def get_config(self) -> dict[str, Any]:
        own = {"steps": self.steps, "units": self.units, "seed": self.seed}
        return {**super().get_config(), **own}
