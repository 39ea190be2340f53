"""The distribution of z = f(u), u ~ N(0, I), of an invertible f."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

__all__ = ["TransformedNormal", "fixed_noise", "log_normal"]

Pair: TypeAlias = tuple[tf.Tensor, tf.Tensor]


def log_normal(u: tf.Tensor) -> tf.Tensor:
    """log N(u; 0, I), (..., d) -> (...)."""
    d = u.shape[-1]
    return -tf.reduce_sum(u**2, axis=-1) / 2 - d * float(np.log(2 * np.pi)) / 2


def fixed_noise(draws: int, latent_dim: int) -> tf.Tensor:
    """The same draws of N(0, I) at each call, half of them the others' negatives: (draws, d)."""
    half = np.random.default_rng(0).standard_normal((draws // 2, latent_dim))
    return tf.constant(np.concatenate([half, -half]), "float32")


class TransformedNormal(tfd.Distribution):
    """p(z) = N(f^-1(z); 0, I) |d f^-1 / dz|, events of d latents, by the functions that know it.

    Args:
        transform: u (n, *batch, d) -> f(u), of the same shape.
        log_density: z (..., *batch, d) -> log p(z), (..., *batch).
        moments: () -> mean and variance of each latent, each (*batch, d): of draws, because they
            have no closed form.
        like: float32 (*batch, d), whose shape is that of one draw.
    """

    def __init__(
        self,
        transform: Callable[[tf.Tensor], tf.Tensor],
        log_density: Callable[[tf.Tensor], tf.Tensor],
        moments: Callable[[], Pair],
        like: tf.Tensor,
    ) -> None:
        self._transform, self._log_density = transform, log_density
        self._moments, self._like = moments, like
        super().__init__(
            dtype=tf.float32,
            reparameterization_type=tfd.FULLY_REPARAMETERIZED,
            validate_args=False,
            allow_nan_stats=True,
            parameters={"like": like},
        )

    @classmethod
    def _parameter_properties(cls, dtype: Any, num_classes: int | None = None) -> dict[str, Any]:
        return {}

    def _batch_shape(self) -> tf.TensorShape:
        return tf.TensorShape(self._like.shape[:-1])

    def _batch_shape_tensor(self) -> tf.Tensor:
        return tf.shape(self._like)[:-1]

    def _event_shape(self) -> tf.TensorShape:
        return tf.TensorShape(self._like.shape[-1:])

    def _event_shape_tensor(self) -> tf.Tensor:
        return tf.shape(self._like)[-1:]

    def _sample_n(self, n: Any, seed: Any = None) -> tf.Tensor:
        shape = tf.concat([[n], tf.shape(self._like)], 0)
        return self._transform(tfd.Normal(0.0, 1.0).sample(shape, seed=seed))

    def _log_prob(self, z: tf.Tensor) -> tf.Tensor:
        shape = tf.broadcast_dynamic_shape(tf.shape(z), tf.shape(self._like))
        return self._log_density(tf.broadcast_to(z, shape))

    def _mean(self) -> tf.Tensor:
        return self._moments()[0]

    def _variance(self) -> tf.Tensor:
        return self._moments()[1]

    def _stddev(self) -> tf.Tensor:
        return tf.sqrt(self._moments()[1])
