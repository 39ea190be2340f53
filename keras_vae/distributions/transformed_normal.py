"""The distribution of z = f(u), u ~ N(0, I), of an invertible f."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

__all__ = ["TransformedNormal", "fixed_noise", "log_normal"]

# (N, d) -> (N, d) and the log of the determinant, (N,)
Map: TypeAlias = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]

MOMENT_DRAWS = 4096  # of u, by which mean and variance are estimated


def log_normal(u: tf.Tensor) -> tf.Tensor:
    """log N(u; 0, I), (..., d) -> (...)."""
    d = u.shape[-1]
    return -tf.reduce_sum(u**2, axis=-1) / 2 - d * float(np.log(2 * np.pi)) / 2


def fixed_noise(draws: int, latent_dim: int) -> tf.Tensor:
    """The same draws of N(0, I) at each call, half of them the others' negatives: (draws, d)."""
    half = np.random.default_rng(0).standard_normal((draws // 2, latent_dim))
    return tf.constant(np.concatenate([half, -half]), "float32")


class TransformedNormal(tfd.Distribution):
    """p(z) = N(f^-1(z); 0, I) |d f^-1 / dz|, one event of d latents, without batch shape.

    Mean and variance, which have no closed form, are those of f at 4,096 fixed u.

    Args:
        forward: u (N, d) -> (f(u), log |df / du|).
        inverse: z (N, d) -> (f^-1(z), log |d f^-1 / dz|).
        latent_dim: d.
    """

    def __init__(self, forward: Map, inverse: Map, latent_dim: int) -> None:
        self._forward, self._backward, self._latent_dim = forward, inverse, latent_dim
        super().__init__(
            dtype=tf.float32,
            reparameterization_type=tfd.FULLY_REPARAMETERIZED,
            validate_args=False,
            allow_nan_stats=True,
            parameters={"latent_dim": latent_dim},
        )

    @classmethod
    def _parameter_properties(cls, dtype: Any, num_classes: int | None = None) -> dict[str, Any]:
        return {}

    def _batch_shape(self) -> tf.TensorShape:
        return tf.TensorShape([])

    def _event_shape(self) -> tf.TensorShape:
        return tf.TensorShape([self._latent_dim])

    def _event_shape_tensor(self) -> tf.Tensor:
        return tf.constant([self._latent_dim])

    def _batch_shape_tensor(self) -> tf.Tensor:
        return tf.constant([], "int32")

    def _sample_n(self, n: Any, seed: Any = None) -> tf.Tensor:
        u = tfd.Normal(0.0, 1.0).sample([n, self._latent_dim], seed=seed)
        return self._forward(u)[0]

    def _log_prob(self, z: tf.Tensor) -> tf.Tensor:
        rows = tf.reshape(z, [-1, self._latent_dim])
        u, log_det = self._backward(rows)
        # log p(z) = log N(f^-1(z); 0, I) + log |d f^-1 / dz|
        return tf.reshape(log_normal(u) + log_det, tf.shape(z)[:-1])

    def _moments(self) -> tuple[tf.Tensor, tf.Tensor]:
        z, _ = self._forward(fixed_noise(MOMENT_DRAWS, self._latent_dim))
        return tf.nn.moments(z, axes=[0])

    def _mean(self) -> tf.Tensor:
        return self._moments()[0]

    def _variance(self) -> tf.Tensor:
        return self._moments()[1]

    def _stddev(self) -> tf.Tensor:
        return tf.sqrt(self._moments()[1])
