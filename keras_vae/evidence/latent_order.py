"""The latents in the order of what they tell of x."""

from typing import Any

import numpy as np

from keras_vae.errors import DoesNotApply
from keras_vae.vae import VAE

__all__ = ["latents_by_rate"]


def latents_by_rate(vae: VAE, x: Any, z_mean: np.ndarray) -> tuple[list[int], np.ndarray | None]:
    """The latents, that with the highest mean rate first.

    Args:
        vae: `VAE`.
        x: (N, *event_shape), as the likelihood sees them.
        z_mean: (N, d), of x: where a latent has no rate of its own, that whose mean varies most
            comes first.

    Returns:
        (all d latents in order, their mean rates float32 (d,) in nats; None if they have none).
    """
    try:
        rates = np.mean(vae.latent_rates(x), axis=0)
    except DoesNotApply:
        rates = None
    order = np.argsort(-(z_mean.var(axis=0) if rates is None else rates), kind="stable")
    return order.tolist(), rates
