"""Diagonal Gaussian: real x, mean and variance of each entry from the decoder."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.bounds import inverse_soft_bound, soft_bound
from keras_vae.distributions.by_entry import moments
from keras_vae.distributions.likelihoods.own_weights import WithOwnWeights
from keras_vae.distributions.scalar import Scalar

__all__ = ["DiagonalGaussian", "StandardisedNormal"]


@keras.saving.register_keras_serializable(package="keras_vae")
class DiagonalGaussian(WithOwnWeights):
    """p(x_i|z) = N(center_i + scale_i m_i, (scale_i s_i)^2), m and s from the decoder.

    `center` and `scale` are mean and standard deviation of each entry in the data that
    `fit_without_z` was given; 0 and 1 before, and a scale of 1 for an entry that never changes.
    They are not trained, and saved with the weights. So the decoder works in units of each
    entry's own spread, and log p is of x as it is, whatever its units.

    The decoder outputs `mean`, m, and `log_var`, log(s^2). s is softly kept between 0.01 and 10:
    the density of an entry has an upper limit, 40 / scale_i.
    """

    # Of log(s^2).
    LOG_VAR_RANGE = (2 * float(np.log(0.01)), 2 * float(np.log(10.0)))

    def parameter_shapes(self, event_shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        return {"mean": tuple(event_shape), "log_var": tuple(event_shape)}

    def add_weights(self, event_shape: tuple[int, ...]) -> None:
        for name, initializer in (("center", "zeros"), ("scale", "ones")):
            weight = self.add_weight(
                name=name,
                shape=event_shape,
                initializer=initializer,
                trainable=False,
                autocast=False,
            )
            setattr(self, name, weight)

    def _entries(self, parameters: dict[str, tf.Tensor]) -> tfd.Distribution:
        return StandardisedNormal(
            m=parameters["mean"],
            log_s=soft_bound(parameters["log_var"], *self.LOG_VAR_RANGE) / 2,
            center=ops.convert_to_tensor(self.center),
            scale=ops.convert_to_tensor(self.scale),
        )

    def fit_without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> dict[str, np.ndarray]:
        self.build_for(x.shape[1:])
        count, mean, variance = moments(x, mask)
        # what float32 does not resolve beside the mean is no spread
        resolved = 4 * np.finfo("float32").eps * np.abs(mean)
        changes = np.sqrt(variance) > np.maximum(resolved, np.finfo("float32").tiny)
        scale = np.where(changes, np.sqrt(variance), 1.0)
        self.center.assign(mean)
        self.scale.assign(scale)
        # s^2 = 1 where the entry changes, and as small as it may be where it does not
        log_var = inverse_soft_bound(np.where(changes, 0.0, -np.inf), *self.LOG_VAR_RANGE)
        best = {"mean": np.zeros_like(mean), "log_var": np.where(count > 0, log_var, 0.0)}
        return {name: part.astype("float32") for name, part in best.items()}


class StandardisedNormal(Scalar):
    """N(center + scale m, (scale s)^2): x is centred first, so that a large center costs no
    digits."""

    NAMES = ("m", "log_s", "center", "scale")

    def _log_prob(self, x: tf.Tensor) -> tf.Tensor:
        u = (x - self.center) / self.scale
        squares = ((u - self.m) * tf.exp(-self.log_s)) ** 2
        return -0.5 * squares - self.log_s - tf.math.log(self.scale) - 0.5 * np.log(2 * np.pi)

    def _sample_n(self, n: Any, seed: Any = None) -> tf.Tensor:
        u = tfd.Normal(self.m, tf.exp(self.log_s)).sample(n, seed=seed)
        return self.center + self.scale * u

    def _mean(self) -> tf.Tensor:
        return self.center + self.scale * self.m

    def _variance(self) -> tf.Tensor:
        return (self.scale * tf.exp(self.log_s)) ** 2
