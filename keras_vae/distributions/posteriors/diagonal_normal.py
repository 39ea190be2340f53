"""The family q(z|x) = N(z_mean, diag(exp(z_log_var)))."""

from typing import Any, TypeAlias

import keras
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.bounds import soft_bound
from keras_vae.distributions.posteriors.base import Posterior
from keras_vae.errors import ConfigError

__all__ = ["Z_LOG_VAR_RANGE", "DiagonalNormal", "normal_posterior"]

Pair: TypeAlias = tuple[tf.Tensor, tf.Tensor]  # (z_mean, z_log_var), each (batch, d)

# exp(-14 / 2) < 0.001 and exp(6 / 2) > 20 standard deviations of the prior: wider than any
# useful posterior, and far from where exp overflows, in float16 too.
Z_LOG_VAR_RANGE = (-14.0, 6.0)


@keras.saving.register_keras_serializable(package="keras_vae")
class DiagonalNormal(Posterior):
    """Latents that are independent given x. The encoder outputs (z_mean, z_log_var), each
    (batch, d); z_log_var, the natural log of the VARIANCE, is kept in `Z_LOG_VAR_RANGE` smoothly.
    """

    def check(self, outputs: Any) -> None:
        is_sequence = isinstance(outputs, (tuple, list))
        if not is_sequence or len(outputs) != 2:
            received = f"{len(outputs)} outputs" if is_sequence else type(outputs).__name__
            raise ConfigError(
                f"the encoder must output the pair (z_mean, z_log_var), got {received}; the VAE "
                f"draws z itself"
            )
        z_mean, z_log_var = (tuple(output.shape) for output in outputs)
        if len(z_mean) != 2 or z_mean != z_log_var:
            raise ConfigError(
                f"z_mean and z_log_var must both be (batch, d), got {z_mean} and {z_log_var}; "
                f"flatten them"
            )

    def call(self, outputs: Any) -> Pair:
        z_mean, z_log_var = (ops.cast(output, "float32") for output in outputs)
        return z_mean, soft_bound(z_log_var, *Z_LOG_VAR_RANGE)

    def latent_dim(self, parameters: Pair) -> int:
        return parameters[0].shape[-1]

    def distribution(self, parameters: Pair) -> tfd.Distribution:
        return normal_posterior(*parameters)

    def transform(self, parameters: Pair, noise: tf.Tensor) -> tf.Tensor:
        z_mean, z_log_var = parameters
        # z = z_mean + std * epsilon
        return z_mean + ops.exp(z_log_var / 2) * noise

    def inverse(self, parameters: Pair, z: tf.Tensor) -> tf.Tensor:
        z_mean, z_log_var = parameters
        return (z - z_mean) / ops.exp(z_log_var / 2)

    def moments(self, parameters: Pair) -> Pair:
        return parameters


def normal_posterior(z_mean: tf.Tensor, z_log_var: tf.Tensor) -> tfd.Distribution:
    """q(z|x), one event of d latents for each example.

    Args:
        z_mean: float32 (batch, d).
        z_log_var: float32 (batch, d), natural log of the variance.

    Returns:
        `tfd.Independent` of batch shape (batch,) and event shape (d,).
    """
    # std = exp(z_log_var / 2)
    return tfd.Independent(tfd.Normal(z_mean, tf.exp(z_log_var / 2)), 1)
