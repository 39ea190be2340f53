"""A mixture of diagonal normal distributions whose log density is three matrix products."""

from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

__all__ = ["NormalMixture"]

LOG_2_PI = float(np.log(2 * np.pi))


class NormalMixture(tfd.MixtureSameFamily):
    """p(z) = sum_k pi_k N(z; m_k, diag(s_k^2)).

    `tfd.MixtureSameFamily` has it too, but goes through a tensor (..., K, d). Here

        log N(z; m_k, s_k) = -1/2 sum_j (z_j^2 / s_kj^2 - 2 z_j m_kj / s_kj^2 + m_kj^2 / s_kj^2)
                             - sum_j log s_kj - d/2 log 2 pi

    is products of z and z^2 with matrices (d, K), in float64: the terms cancel, and float32 would
    keep only hundredths of a nat of narrow components.

    Args:
        logits: float32 (K,): log pi_k but for a constant.
        loc, scale: float32 (K, d): m_k, and s_k above 0.
    """

    def __init__(self, logits: tf.Tensor, loc: tf.Tensor, scale: tf.Tensor) -> None:
        self._logits, self._loc, self._scale = logits, loc, scale
        super().__init__(tfd.Categorical(logits=logits), tfd.Independent(tfd.Normal(loc, scale), 1))

    @classmethod
    def _parameter_properties(cls, dtype: Any, num_classes: int | None = None) -> dict[str, Any]:
        return super()._parameter_properties(dtype, num_classes)  # of what the base is made of

    def _log_prob(self, z: tf.Tensor) -> tf.Tensor:
        z, loc, scale = (tf.cast(each, "float64") for each in (z, self._loc, self._scale))
        precision = scale**-2
        of_components = (
            tf.tensordot(z**2, precision, [[-1], [-1]])
            - 2 * tf.tensordot(z, loc * precision, [[-1], [-1]])
            + tf.reduce_sum(loc**2 * precision, axis=-1)
        )
        log_scales = tf.reduce_sum(tf.math.log(scale), axis=-1)
        constant = loc.shape[-1] * LOG_2_PI / 2
        log_prob = tf.cast(-of_components / 2 - log_scales - constant, "float32")
        # log p(z) = log sum_k pi_k N(z; m_k, s_k)
        return tf.reduce_logsumexp(log_prob + tf.nn.log_softmax(self._logits), axis=-1)

    def bounds(self, radius: float) -> tuple[tf.Tensor, tf.Tensor]:
        """(lowest, highest) of each latent within `radius` standard deviations of a component."""
        low = tf.reduce_min(self._loc - radius * self._scale, axis=0)
        return low, tf.reduce_max(self._loc + radius * self._scale, axis=0)
