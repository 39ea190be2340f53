"""Convolutional networks for images of any size and number of channels."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from keras_vae.networks.ends import posterior_heads, shared_out
from keras_vae.networks.images import cropped, image_inputs, image_parameters, image_shape
from keras_vae.networks.starts import beside, model_of, network_inputs

__all__ = ["conv_decoder", "conv_encoder"]

CHANNELS = (32, 64)
DENSE_UNITS = 256


def conv_encoder(
    event_shape: tuple[int, ...],
    latent_dim: int,
    hidden: Sequence[int] = CHANNELS,
    condition_shape: tuple[int, ...] | None = None,
    has_mask: bool = False,
    of_x: keras.Layer | None = None,
    heads: dict[str, int] | None = None,
) -> keras.Model:
    """Image -> (z_mean, z_log_var): stride-2 convolutions, one dense layer, two heads.

    Args:
        event_shape: (height, width) or (height, width, channels).
        latent_dim: number of latents d.
        hidden: channels of each stride-2 convolution; each halves height and width.
        condition_shape: shape of one condition, which the dense layer sees beside the image; None:
            no condition.
        has_mask: whether the first layer sees as further channels which entries were observed.
        of_x: layer that x goes through first, as `LogCounts` for counts; None: none.
        heads: as for `mlp_encoder`.

    Returns:
        Keras model from (batch, *event_shape), with a condition or a mask from a dictionary of `x`,
        `mask` and `condition`, to two float32 tensors (batch, d).

    Raises:
        ConfigError: if `event_shape` is not that of an image.
    """
    inputs, h = image_inputs(event_shape, condition_shape, has_mask, of_x)
    for channels in hidden:
        h = layers.Conv2D(channels, 3, strides=2, padding="same", activation="relu")(h)
    h = beside(layers.Flatten()(h), inputs.get("condition"))
    h = layers.Dense(DENSE_UNITS, activation="relu")(h)
    return model_of(inputs, posterior_heads(h, latent_dim, heads), "encoder")


def conv_decoder(
    shapes: tuple[int, ...] | dict[str, tuple[int, ...]],
    latent_dim: int,
    hidden: Sequence[int] = CHANNELS,
    output_bias: Any = None,
    condition_shape: tuple[int, ...] | None = None,
    shares: keras.Layer | None = None,
) -> keras.Model:
    """z -> the likelihood's parameters: the encoder's stages, mirrored and transposed.

    Args:
        shapes: what the likelihood takes for one image: (height, width), (height, width, channels)
            or a dictionary of name -> such a shape (`Likelihood.parameter_shapes`).
        latent_dim: number of latents d.
        hidden: channels of each stage, in the ENCODER's order.
        output_bias: array, or dictionary of arrays, of `shapes` where the output bias starts; zeros
            if None.
        condition_shape: shape of one condition, which the first layer sees beside z; None: no
            condition.
        shares: as for `mlp_decoder`.

    Returns:
        Keras model from (batch, d), with a condition from a dictionary of `z` and `condition`, to
        float32 (batch, *shape), or a dictionary of such.

    Raises:
        ConfigError: if `shapes` are not those of images.
    """
    first = next(iter(shapes.values())) if isinstance(shapes, dict) else shapes
    height, width, _ = image_shape(first)
    stride = 2 ** len(hidden)
    # Rounded up, so that the transposed convolutions reach the image's size or pass it.
    rows, columns = -(-height // stride), -(-width // stride)
    inputs = network_inputs(z=(latent_dim,), condition=condition_shape)
    h = beside(inputs["z"], inputs.get("condition"))
    h = layers.Dense(DENSE_UNITS, activation="relu")(h)
    h = layers.Dense(rows * columns * hidden[-1], activation="relu")(h)
    h = layers.Reshape((rows, columns, hidden[-1]))(h)
    for channels in reversed(hidden):
        h = layers.Conv2DTranspose(channels, 3, strides=2, padding="same", activation="relu")(h)
    parameters = image_parameters(cropped(h, (height, width)), shapes, output_bias)
    return model_of(inputs, shared_out(parameters, inputs, shares), "decoder")
