"""Whether a prior and a family of posteriors go together, asked once, when a VAE is built."""

import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.errors import ConfigError

__all__ = ["check_rate"]

DRAWS = 500  # of z, for each posterior that a prior is tried on


def check_rate(posterior: tfd.Distribution, prior: tfd.Distribution, latent_dim: int) -> None:
    """Holds KL(q(z|x) || p(z)), where it is known, against draws of z.

    Args:
        posterior: q(z|x) of a few examples, batch shape (batch,).
        prior: p(z).
        latent_dim: d.

    Raises:
        ConfigError: if either is not a distribution of d latents, or the KL is not
            E_q[log q(z|x) - log p(z)].
    """
    for name, p, batch in (("q(z|x)", posterior, posterior.batch_shape), ("p(z)", prior, ())):
        if p.batch_shape != batch or p.event_shape != (latent_dim,) or len(p.batch_shape) > 1:
            raise ConfigError(
                f"{name} must be one distribution over ({latent_dim},), got batch shape "
                f"{p.batch_shape} and event shape {p.event_shape} of {type(p).__name__}"
            )
    try:
        rate = tfd.kl_divergence(posterior, prior)
    except NotImplementedError:  # then it is E_q[log q(z|x) - log p(z)] itself
        return
    z = posterior.sample(DRAWS, seed=(0, 0))
    # KL = E_q[log q(z|x) - log p(z)]
    log_ratios = posterior.log_prob(z) - prior.log_prob(z)
    mean, std = tf.math.reduce_mean(log_ratios, 0), tf.math.reduce_std(log_ratios, 0)
    allowed = 6 * std / DRAWS**0.5 + 1e-3 * (1 + tf.abs(mean))
    if tf.reduce_any(tf.abs(rate - mean) > allowed):
        raise ConfigError(
            f"p(z) = {type(prior).__name__}: the KL(q(z|x) || p(z)) of {rate.numpy()} nats that is "
            f"registered for it contradicts draws of z, {mean.numpy()}; fix its kl_divergence or "
            f"log_prob"
        )
