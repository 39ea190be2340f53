"""Where the prior has its mass: what a lattice over the latent space must cover."""

import numpy as np

from keras_vae.vae import VAE

__all__ = ["prior_range"]

# Standard deviations of the prior, on either side of its mean.
RADIUS = 6.5


def prior_range(vae: VAE) -> np.ndarray:
    """(lowest, highest) value of each latent, float64 (2, d)."""
    prior = vae.prior.distribution(vae.latent_dim)  # p(z)
    if hasattr(prior, "bounds"):  # of a mixture: those of its components, however little they weigh
        return np.stack([np.asarray(bound, "float64") for bound in prior.bounds(RADIUS)])
    mean, std = (np.asarray(value, "float64") for value in (prior.mean(), prior.stddev()))
    return np.stack([mean - RADIUS * std, mean + RADIUS * std])
