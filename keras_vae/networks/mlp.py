"""Dense networks for examples of any event shape."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from keras_vae.networks.ends import likelihood_parameters, posterior_heads

__all__ = ["mlp_decoder", "mlp_encoder"]

WIDTHS = (512, 256)


def mlp_encoder(
    event_shape: tuple[int, ...], latent_dim: int, hidden: Sequence[int] = WIDTHS
) -> keras.Model:
    """x -> (z_mean, z_log_var) through dense ReLU layers.

    Args:
        event_shape: shape of one example.
        latent_dim: number of latents d.
        hidden: units of each hidden layer, from x to z.

    Returns:
        Keras model from (batch, *event_shape) to two float32 tensors (batch, d).
    """
    x = keras.Input(event_shape, name="x")
    h = layers.Flatten()(x)
    for units in hidden:
        h = layers.Dense(units, activation="relu")(h)
    return keras.Model(x, posterior_heads(h, latent_dim), name="encoder")


def mlp_decoder(
    event_shape: tuple[int, ...],
    latent_dim: int,
    hidden: Sequence[int] = WIDTHS,
    output_bias: Any = None,
) -> keras.Model:
    """z -> the likelihood's parameters through the encoder's layers, mirrored.

    Args:
        event_shape: shape of one example.
        latent_dim: number of latents d.
        hidden: units of each hidden layer, in the ENCODER's order.
        output_bias: array of `event_shape` where the output bias starts; zeros if None.

    Returns:
        Keras model from (batch, d) to float32 (batch, *event_shape).
    """
    z = keras.Input((latent_dim,), name="z")
    h = z
    for units in reversed(hidden):
        h = layers.Dense(units, activation="relu")(h)
    h = layers.Dense(math.prod(event_shape), use_bias=False, dtype="float32")(h)
    return keras.Model(z, likelihood_parameters(h, event_shape, output_bias), name="decoder")
