"""x, and the parameters of q(z|x) of whatever family, as arguments of compiled functions."""

from typing import Any

import tensorflow as tf

from keras_vae.data.given import array_of, take
from keras_vae.traced import specs_of
from keras_vae.vae import VAE

__all__ = ["len_of", "specs_of_posterior"]


def specs_of_posterior(vae: VAE, x: Any) -> Any:
    """`specs_of` what `vae.posterior_parameters` returns for such x."""
    return specs_of(vae.posterior_parameters(take(x, slice(1))))


def len_of(x: Any) -> tf.Tensor:
    """How many examples a batch has, in any graph."""
    return tf.shape(array_of(x))[0]
