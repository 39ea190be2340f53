"""Convolutional networks for images of any size and number of channels."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from keras_vae.errors import ConfigError
from keras_vae.networks.ends import likelihood_parameters, posterior_heads

__all__ = ["conv_decoder", "conv_encoder"]

CHANNELS = (32, 64)
DENSE_UNITS = 256


def conv_encoder(
    event_shape: tuple[int, ...], latent_dim: int, hidden: Sequence[int] = CHANNELS
) -> keras.Model:
    """Image -> (z_mean, z_log_var): stride-2 convolutions, one dense layer, two heads.

    Args:
        event_shape: (height, width) or (height, width, channels).
        latent_dim: number of latents d.
        hidden: channels of each stride-2 convolution; each halves height and width.

    Returns:
        Keras model from (batch, *event_shape) to two float32 tensors (batch, d).

    Raises:
        ConfigError: if `event_shape` is not that of an image.
    """
    x = keras.Input(event_shape, name="x")
    h = layers.Reshape(_image_shape(event_shape))(x)
    for channels in hidden:
        h = layers.Conv2D(channels, 3, strides=2, padding="same", activation="relu")(h)
    h = layers.Dense(DENSE_UNITS, activation="relu")(layers.Flatten()(h))
    return keras.Model(x, posterior_heads(h, latent_dim), name="encoder")


def conv_decoder(
    event_shape: tuple[int, ...],
    latent_dim: int,
    hidden: Sequence[int] = CHANNELS,
    output_bias: Any = None,
) -> keras.Model:
    """z -> the likelihood's parameters: the encoder's stages, mirrored and transposed.

    Args:
        event_shape: (height, width) or (height, width, channels).
        latent_dim: number of latents d.
        hidden: channels of each stage, in the ENCODER's order.
        output_bias: array of `event_shape` where the output bias starts; zeros if None.

    Returns:
        Keras model from (batch, d) to float32 (batch, *event_shape).

    Raises:
        ConfigError: if `event_shape` is not that of an image.
    """
    height, width, image_channels = _image_shape(event_shape)
    stride = 2 ** len(hidden)
    # Rounded up, so that the transposed convolutions reach the image's size or pass it.
    rows, columns = -(-height // stride), -(-width // stride)
    z = keras.Input((latent_dim,), name="z")
    h = layers.Dense(DENSE_UNITS, activation="relu")(z)
    h = layers.Dense(rows * columns * hidden[-1], activation="relu")(h)
    h = layers.Reshape((rows, columns, hidden[-1]))(h)
    for channels in reversed(hidden):
        h = layers.Conv2DTranspose(channels, 3, strides=2, padding="same", activation="relu")(h)
    beyond = rows * stride - height, columns * stride - width
    if any(beyond):  # where there is nothing to cut, a layer that does would copy all
        h = layers.Cropping2D(((0, beyond[0]), (0, beyond[1])))(h)
    h = layers.Conv2D(image_channels, 3, padding="same", use_bias=False, dtype="float32")(h)
    return keras.Model(z, likelihood_parameters(h, event_shape, output_bias), name="decoder")


def _image_shape(event_shape: tuple[int, ...]) -> tuple[int, ...]:
    """(height, width, channels) of an image with or without its channel axis."""
    if len(event_shape) == 2:
        return (*event_shape, 1)
    if len(event_shape) == 3:
        return tuple(event_shape)
    raise ConfigError(
        f"conv networks need images (height, width) or (height, width, channels), got examples "
        f"of shape {tuple(event_shape)}; use the mlp network, which takes any shape"
    )
