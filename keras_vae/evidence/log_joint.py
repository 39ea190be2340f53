"""log p(x, z) = log p(x|z) + log p(z): what every estimate of log p(x) integrates over z."""

__all__ = ["log_joint"]


def log_joint(vae, x, z):
    """log p(x, z) of each x with the z in its own row.

    Args:
        vae: `VAE`.
        x: float32 tensor (batch, *event_shape).
        z: float32 tensor (batch, d).

    Returns:
        float32 tensor (batch,), nats.
    """
    likelihood = vae.likelihood.distribution(vae.decoder(z, training=False))  # p(x|z)
    prior = vae.prior.distribution(vae.latent_dim)  # p(z)
    return likelihood.log_prob(x) + prior.log_prob(z)
