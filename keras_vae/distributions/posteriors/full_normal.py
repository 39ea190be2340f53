"""The family q(z|x) = N(z_mean, L L^T), L lower triangular."""

from typing import Any, TypeAlias

import keras
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd
from tensorflow_probability import math as tfp_math

from keras_vae.distributions.bounds import soft_bound
from keras_vae.distributions.posteriors.base import Posterior
from keras_vae.distributions.posteriors.diagonal_normal import Z_LOG_VAR_RANGE
from keras_vae.errors import ConfigError

__all__ = ["FullNormal"]

Pair: TypeAlias = tuple[tf.Tensor, tf.Tensor]  # z_mean (batch, d), L (batch, d, d)


@keras.saving.register_keras_serializable(package="keras_vae")
class FullNormal(Posterior):
    """Latents that are normal given x, with any covariance.

    The encoder outputs z_mean (batch, d), log_diagonal (batch, d), from which L_jj =
    exp(log_diagonal_j / 2) as of `DiagonalNormal`, and, of two latents or more, the entries of L
    below its diagonal, row by row, (batch, d (d - 1) / 2), each in units of its row's L_jj. KL from
    N(0, I), and any other diagonal normal, is exact.
    """

    def heads(self, latent_dim: int) -> dict[str, int]:
        below = latent_dim * (latent_dim - 1) // 2
        heads = {"z_mean": latent_dim, "z_log_var": latent_dim}
        return {**heads, "z_below": below} if below else heads

    def check(self, outputs: Any) -> None:
        is_sequence = isinstance(outputs, (tuple, list))
        shapes = [tuple(output.shape) for output in outputs] if is_sequence else []
        d = shapes[0][-1] if shapes else 0
        if [shape[1:] for shape in shapes] != [(size,) for size in self.heads(d or 0).values()]:
            raise ConfigError(
                f"of posterior full the encoder must output (z_mean, log_diagonal, below), of "
                f"(batch, d), (batch, d) and, for d above 1, (batch, d (d - 1) / 2), got "
                f"{shapes or type(outputs).__name__}"
            )

    def call(self, outputs: Any) -> Pair:
        z_mean, log_diagonal, *below = (ops.cast(output, "float32") for output in outputs)
        diagonal = ops.exp(soft_bound(log_diagonal, *Z_LOG_VAR_RANGE) / 2)
        lower = tf.linalg.diag(tf.ones_like(diagonal))
        if below:  # a triangle of d - 1 rows, one row lower and one column short
            lower += tf.pad(tfp_math.fill_triangular(below[0]), [[0, 0], [1, 0], [0, 1]])
        return z_mean, diagonal[:, :, None] * lower

    def compute_output_spec(self, outputs: Any) -> Any:
        z_mean = outputs[0]
        batch, d = z_mean.shape
        return keras.KerasTensor((batch, d)), keras.KerasTensor((batch, d, d))

    def latent_dim(self, parameters: Pair) -> int:
        return parameters[0].shape[-1]

    def distribution(self, parameters: Pair) -> tfd.Distribution:
        return tfd.MultivariateNormalTriL(*parameters)

    def transform(self, parameters: Pair, noise: tf.Tensor) -> tf.Tensor:
        z_mean, lower = parameters
        # z = z_mean + L epsilon
        return z_mean + tf.linalg.matvec(lower, noise)

    def inverse(self, parameters: Pair, z: tf.Tensor) -> tf.Tensor:
        z_mean, lower = parameters
        centred = (z - z_mean)[..., None]
        shape = tf.concat([tf.shape(centred)[:-2], tf.shape(lower)[-2:]], 0)
        return tf.linalg.triangular_solve(tf.broadcast_to(lower, shape), centred)[..., 0]

    def moments(self, parameters: Pair) -> Pair:
        z_mean, lower = parameters
        # diag(L L^T)
        return z_mean, ops.log(ops.sum(lower**2, axis=-1))


@tfd.RegisterKL(tfd.MultivariateNormalTriL, tfd.Independent)
def _kl_from_diagonal(
    q: tfd.MultivariateNormalTriL, p: tfd.Independent, name: str | None = None
) -> tf.Tensor:
    """KL(N(m, L L^T) || N(n, diag(s^2))), which TensorFlow Probability has for other types of p."""
    of_p = p.distribution
    if not isinstance(of_p, tfd.Normal) or p.event_shape.rank != 1:
        raise NotImplementedError("known of Independent(Normal) alone")
    lower = q.scale.to_dense()
    scaled = lower / of_p.scale[..., None]
    shift = (q.mean() - of_p.loc) / of_p.scale
    d = tf.cast(tf.shape(shift)[-1], lower.dtype)
    log_det = tf.reduce_sum(tf.math.log(tf.linalg.diag_part(scaled)), axis=-1)
    # 1/2 (||S^-1 L||^2 + |S^-1 (m - n)|^2 - d) - sum_j log(L_jj / s_j)
    squares = tf.reduce_sum(scaled**2, axis=[-2, -1]) + tf.reduce_sum(shift**2, axis=-1)
    return (squares - d) / 2 - log_det
