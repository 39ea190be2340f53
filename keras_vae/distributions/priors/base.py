"""The contract of a prior: p(z)."""

from typing import Any

import keras
from tensorflow_probability import distributions as tfd

__all__ = ["Prior"]


class Prior(keras.layers.Layer):
    """Base of the priors. A Keras layer, because a prior may own weights. Always float32."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def distribution(self, latent_dim: int) -> tfd.Distribution:
        """p(z), a `tfd.Distribution` without batch shape and with event shape (latent_dim,), that
        knows its mean and variance."""
        raise NotImplementedError(f"{type(self).__name__} must define distribution")
