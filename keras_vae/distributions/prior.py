"""The prior p(z)."""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from keras_vae.distributions.posterior import normal_posterior
from keras_vae.errors import ConfigError

__all__ = ["PRIORS", "StandardNormal", "check_prior"]

tfd = tfp.distributions

DRAWS = 500  # of z, for each posterior that a prior is tried on


@keras.saving.register_keras_serializable(package="keras_vae")
class StandardNormal(keras.layers.Layer):
    """p(z) = N(0, I): what the rate compares every q(z|x) with. It has no weights."""

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def distribution(self, latent_dim):
        """p(z) over `latent_dim` latents, as a `tfd.Independent` with event shape (d,)."""
        zeros = tf.zeros([latent_dim])
        return tfd.Independent(tfd.Normal(zeros, tf.ones_like(zeros)), 1)


PRIORS = {"standard_normal": StandardNormal}


def check_prior(prior, latent_dim):
    """Holds KL(q(z|x) || p(z)), which the rate is, against draws of z.

    Args:
        prior: layer with `distribution(latent_dim)`, p(z) over (d,).
        latent_dim: d.

    Raises:
        ConfigError: if the KL is not known in closed form, or is not E_q[log q(z|x) - log p(z)].
    """
    if type(prior) is StandardNormal:
        return
    name = type(prior).__name__
    if not callable(getattr(prior, "distribution", None)):
        raise ConfigError(f"prior {name}: expected a layer that defines distribution(latent_dim)")
    # three posteriors, of means -1, 0, 1 and standard deviations 0.6, 1, 1.6
    steps = tf.range(-1.0, 2.0)[:, None] * tf.ones([latent_dim])
    q, p = normal_posterior(steps, steps), prior.distribution(latent_dim)
    try:
        rate = tfd.kl_divergence(q, p)
    except (NotImplementedError, ValueError) as error:
        raise ConfigError(
            f"prior {name}: KL(q(z|x) || p(z)) is not known in closed form, which the rate is, for "
            f"p(z) = {type(p).__name__}; use prior='standard_normal', or give p(z) as a "
            f"tfd.Independent of tfd.Normal over ({latent_dim},)"
        ) from error
    if p.batch_shape != () or p.event_shape != (latent_dim,):
        raise ConfigError(
            f"prior {name}: p(z) must be one distribution over ({latent_dim},), got batch shape "
            f"{p.batch_shape} and event shape {p.event_shape}"
        )
    z = q.sample(DRAWS, seed=(0, 0))
    # KL = E_q[log q(z|x) - log p(z)]
    log_ratios = q.log_prob(z) - p.log_prob(z)
    mean, std = tf.math.reduce_mean(log_ratios, 0), tf.math.reduce_std(log_ratios, 0)
    allowed = 6 * std / DRAWS**0.5 + 1e-3 * (1 + tf.abs(mean))
    if tf.reduce_any(tf.abs(rate - mean) > allowed):
        raise ConfigError(
            f"prior {name}: the KL(q(z|x) || p(z)) of {rate.numpy()} nats that is registered for "
            f"it contradicts draws of z, {mean.numpy()}; fix its kl_divergence or log_prob"
        )
