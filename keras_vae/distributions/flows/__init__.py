"""Invertible functions of latents, as Keras layers: one a file."""

from keras_vae.distributions.flows.autoregressive import Autoregressive
from keras_vae.distributions.flows.coupling import Coupling

__all__ = ["Autoregressive", "Coupling"]
