"""The family of inverse autoregressive flows: q(z|x) of a normal draw and steps that bend it."""

from typing import Any, TypeAlias

import keras
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.bounds import soft_bound
from keras_vae.distributions.flows import Autoregressive
from keras_vae.distributions.posteriors.base import Posterior
from keras_vae.distributions.posteriors.diagonal_normal import Z_LOG_VAR_RANGE
from keras_vae.distributions.transformed_normal import (
    TransformedNormal,
    fixed_noise,
    log_normal,
)
from keras_vae.errors import ConfigError, check_count

__all__ = ["InverseAutoregressiveFlow"]

Triple: TypeAlias = tuple[tf.Tensor, tf.Tensor, tf.Tensor]  # z_mean, z_log_var, context

MOMENT_DRAWS = 64  # of noise, by which mean and variance are estimated


@keras.saving.register_keras_serializable(package="keras_vae")
class InverseAutoregressiveFlow(Posterior):
    """z_0 = z_mean + std * epsilon;  z_t = sigma_t * z_{t-1} + (1 - sigma_t) * m_t.

    (m_t, s_t) is an `Autoregressive` network of z_{t-1} and a context of x, sigma_t =
    sigmoid(s_t), so that log q(z_T|x) = log N(epsilon; 0, I) - sum_j (log std_j + sum_t log
    sigma_tj) (Kingma et al. 2016, arXiv:1606.04934). The order of the latents is reversed between
    steps.

    The encoder outputs z_mean, z_log_var, each (batch, d), and the context (batch, c). Mean and
    variance of q(z|x), which have no closed form, are those of 64 fixed draws of noise. log q of
    a z that was not drawn here takes steps * d passes.

    Args:
        steps: T, at least 1.
        units: of the hidden layer of each.
        context: c, at least 1.
        seed: integer, of the weights.
    """

    has_cheap_log_prob = False

    def __init__(
        self, steps: int = 2, units: int = 256, context: int = 64, seed: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.steps, self.units = check_count("steps", steps), check_count("units", units)
        self.context, self.seed = check_count("context", context), seed
        self.networks = [Autoregressive(units, seed + 3 * t) for t in range(steps)]

    def heads(self, latent_dim: int) -> dict[str, int]:
        return {"z_mean": latent_dim, "z_log_var": latent_dim, "z_context": self.context}

    def check(self, outputs: Any) -> None:
        is_sequence = isinstance(outputs, (tuple, list))
        shapes = [tuple(output.shape) for output in outputs] if is_sequence else []
        are_three = len(shapes) == 3 and all(len(shape) == 2 for shape in shapes)
        if not are_three or shapes[0] != shapes[1]:
            raise ConfigError(
                f"of posterior iaf the encoder must output (z_mean, z_log_var, context), of "
                f"(batch, d), (batch, d) and (batch, c), got {shapes or type(outputs).__name__}"
            )

    def build(self, input_shape: Any) -> None:
        z_mean, _, context = input_shape
        for network in self.networks:
            network.build((z_mean, context))
        self.built = True

    def call(self, outputs: Any) -> Triple:
        z_mean, z_log_var, context = (ops.cast(output, "float32") for output in outputs)
        return z_mean, soft_bound(z_log_var, *Z_LOG_VAR_RANGE), context

    def latent_dim(self, parameters: Triple) -> int:
        return parameters[0].shape[-1]

    def draw(self, parameters: Triple, noise: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        z_mean, z_log_var, context = parameters
        shape = tf.broadcast_dynamic_shape(tf.shape(noise), tf.shape(z_mean))
        noise = tf.broadcast_to(noise, shape)
        context = tf.broadcast_to(context, tf.concat([shape[:-1], tf.shape(context)[-1:]], 0))
        # z_0 = z_mean + std * epsilon
        z = z_mean + ops.exp(z_log_var / 2) * noise
        log_q = log_normal(noise) - tf.reduce_sum(z_log_var, axis=-1) / 2
        for network in self.networks:
            m, s = network((z, context))
            sigma = ops.sigmoid(s)
            # z_t = sigma_t * z_{t-1} + (1 - sigma_t) * m_t
            z = (sigma * z + (1 - sigma) * m)[..., ::-1]
            log_q -= tf.reduce_sum(tf.math.log_sigmoid(s), axis=-1)
        return z, log_q

    def transform(self, parameters: Triple, noise: tf.Tensor) -> tf.Tensor:
        return self.draw(parameters, noise)[0]

    def distribution(self, parameters: Triple) -> tfd.Distribution:
        def moments() -> tuple[tf.Tensor, tf.Tensor]:
            mean, log_variance = self.moments(parameters)
            return mean, tf.exp(log_variance)

        return TransformedNormal(
            lambda noise: self.transform(parameters, noise),
            lambda z: self.noise_of(parameters, z)[1],
            moments,
            like=parameters[0],
        )

    def inverse(self, parameters: Triple, z: tf.Tensor) -> tf.Tensor:
        return self.noise_of(parameters, z)[0]

    def noise_of(self, parameters: Triple, z: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(epsilon, log q(z|x)) of z (..., batch, d), latent by latent."""
        z_mean, z_log_var, context = parameters
        context = tf.broadcast_to(context, tf.concat([tf.shape(z)[:-1], tf.shape(context)[-1:]], 0))
        log_det = tf.zeros_like(z[..., 0])
        for network in reversed(self.networks):
            z = z[..., ::-1]
            before = tf.zeros_like(z)
            for _ in range(z.shape[-1]):  # each pass makes one latent more right, the first first
                m, s = network((before, context))
                sigma = ops.sigmoid(s)
                before = (z - (1 - sigma) * m) / sigma
            log_det += tf.reduce_sum(tf.math.log_sigmoid(s), axis=-1)
            z = before
        noise = (z - z_mean) / ops.exp(z_log_var / 2)
        log_det += tf.reduce_sum(z_log_var, axis=-1) / 2
        return noise, log_normal(noise) - log_det

    def moments(self, parameters: Triple) -> tuple[tf.Tensor, tf.Tensor]:
        noise = fixed_noise(MOMENT_DRAWS, self.latent_dim(parameters))
        batch = tf.shape(parameters[0])[0]
        z = self.transform(parameters, tf.repeat(noise[:, None], batch, axis=1))
        mean, variance = tf.nn.moments(z, axes=[0])
        return mean, tf.math.log(variance)

    def get_config(self) -> dict[str, Any]:
        own = {"steps": self.steps, "units": self.units, "context": self.context}
        return {**super().get_config(), **own, "seed": self.seed}
