"""Nats an example -> bits a dimension."""

import math

__all__ = ["bits_per_dim"]


def bits_per_dim(elbo: float, event_shape: tuple[int, ...]) -> float:
    """-elbo / (D ln 2) for D entries an example; only discrete data have it.

    Args:
        elbo: nats per example.
        event_shape: shape of one example.
    """
    return -elbo / (math.prod(event_shape) * math.log(2))
