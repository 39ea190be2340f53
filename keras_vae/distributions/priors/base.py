"""The contract of a prior: p(z)."""

from collections.abc import Callable
from typing import Any

import keras
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.posteriors.base import Posterior

__all__ = ["Prior"]


class Prior(keras.layers.Layer):
    """Base of the priors. A Keras layer, because a prior may own weights. Always float32."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def attach(self, family: Posterior, parameters: Callable[[Any], Any], event_shape: Any) -> None:
        """Tells a prior that is made of q(z|x) the model that it is a part of, once, before it is
        built.

        Args:
            family: of q(z|x).
            parameters: x (N, *event_shape) -> the parameters of q(z|x).
            event_shape: of one example.
        """

    def distribution(self, latent_dim: int) -> tfd.Distribution:
        """p(z), a `tfd.Distribution` without batch shape and with event shape (latent_dim,), that
        knows its mean and variance."""
        raise NotImplementedError(f"{type(self).__name__} must define distribution")
