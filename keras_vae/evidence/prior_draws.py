"""Draws of a prior, as pictures of it take them."""

import numpy as np

from keras_vae.distributions import StandardNormal
from keras_vae.vae import VAE

__all__ = ["prior_draws"]

DRAWS = 20_000


def prior_draws(vae: VAE) -> np.ndarray | None:
    """z ~ p(z), float32 (20,000, d), always the same; None of N(0, I), which needs none."""
    if isinstance(vae.prior, StandardNormal):
        return None
    draws = vae.prior.distribution(vae.latent_dim).sample(DRAWS, seed=(0, 0))
    return np.asarray(draws, "float32")
