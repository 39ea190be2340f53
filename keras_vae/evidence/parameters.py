"""The parameters of q(z|x), whatever family it is of, as arguments of compiled functions."""

from typing import Any

import tensorflow as tf

from keras_vae.vae import VAE

__all__ = ["repeated", "specs_of"]


def specs_of(vae: VAE, event_shape: tuple[int, ...]) -> Any:
    """What `vae.posterior_parameters` returns, as `tf.TensorSpec`s for any number of examples."""
    parameters = vae.posterior_parameters(tf.zeros((1, *event_shape)))
    return tf.nest.map_structure(
        lambda value: tf.TensorSpec((None, *value.shape[1:]), value.dtype), parameters
    )


def repeated(values: Any, times: int | tf.Tensor) -> Any:
    """Tensors (batch, ...) -> (batch * times, ...), those of one example in a row."""
    return tf.nest.map_structure(lambda value: tf.repeat(value, times, axis=0), values)
