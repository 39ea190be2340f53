"""The latents in the order of what they tell of x."""

from typing import Any

import numpy as np

from keras_vae.errors import DoesNotApply
from keras_vae.vae import VAE

__all__ = ["latents_by_rate", "order_words"]


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


def order_words(rates: np.ndarray | None, shown: int, latents: int) -> str:
    """What a picture says of which latents it shows, and of their order; nothing where all are
    shown in the order of rates that stand beside them.

    Args:
        rates: as from `latents_by_rate`.
        shown: how many of the latents are shown, the first ones.
        latents: how many there are.
    """
    few = f"the first {shown} of {latents} " if shown < latents else ""
    if rates is None:
        return f"{few}latents by the variance of their means: none has a rate of its own"
    return f"{few}latents by their rates" if few else ""
