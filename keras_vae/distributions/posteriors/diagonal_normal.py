"""The approximate posterior q(z|x) = N(z_mean, diag(exp(z_log_var)))."""

import tensorflow as tf
import tensorflow_probability as tfp

__all__ = ["Z_LOG_VAR_RANGE", "normal_posterior"]

tfd = tfp.distributions

# exp(-14 / 2) < 0.001 and exp(6 / 2) > 20 standard deviations of the prior: wider than any
# useful posterior, and far from where exp overflows, in float16 too.
Z_LOG_VAR_RANGE = (-14.0, 6.0)


def normal_posterior(z_mean, z_log_var):
    """q(z|x), one event of d latents for each example.

    Args:
        z_mean: float32 (batch, d).
        z_log_var: float32 (batch, d), natural log of the variance.

    Returns:
        `tfd.Independent` of batch shape (batch,) and event shape (d,).
    """
    # std = exp(z_log_var / 2)
    return tfd.Independent(tfd.Normal(z_mean, tf.exp(z_log_var / 2)), 1)
