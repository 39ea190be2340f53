"""What networks of images have in common: their shape, how they start and how they end."""

from typing import Any

import keras
from keras import layers

from keras_vae.errors import ConfigError
from keras_vae.networks.ends import likelihood_parameters
from keras_vae.networks.starts import network_inputs

__all__ = ["cropped", "image_inputs", "image_parameters", "image_shape"]


def image_shape(event_shape: tuple[int, ...]) -> tuple[int, ...]:
    """(height, width, channels) of an image with or without its channel axis."""
    if len(event_shape) == 2:
        return (*event_shape, 1)
    if len(event_shape) == 3:
        return tuple(event_shape)
    raise ConfigError(
        f"conv networks need images (height, width) or (height, width, channels), got examples "
        f"of shape {tuple(event_shape)}; use the mlp network, which takes any shape"
    )


def image_inputs(
    event_shape: tuple[int, ...],
    condition_shape: tuple[int, ...] | None,
    has_mask: bool,
    of_x: keras.Layer | None,
) -> tuple[dict[str, keras.KerasTensor], keras.KerasTensor]:
    """(the inputs by name, x as (batch, height, width, channels)); which entries were observed are
    further channels. Arguments as of `conv_encoder`."""
    mask_shape = event_shape if has_mask else None
    inputs = network_inputs(x=event_shape, mask=mask_shape, condition=condition_shape)
    x = inputs["x"] if of_x is None else of_x(inputs["x"])
    h = layers.Reshape(image_shape(event_shape))(x)
    if has_mask:
        mask = layers.Reshape(image_shape(event_shape))(inputs["mask"])
        h = layers.Concatenate()([h, mask])
    return inputs, h


def cropped(h: keras.KerasTensor, side: tuple[int, int]) -> keras.KerasTensor:
    """The first rows and columns of h (batch, height, width, channels), as many as `side` says."""
    beyond = h.shape[1] - side[0], h.shape[2] - side[1]
    if not any(beyond):  # a layer that cuts nothing would copy all
        return h
    return layers.Cropping2D(((0, beyond[0]), (0, beyond[1])))(h)


def image_parameters(h: keras.KerasTensor, shapes: Any, bias: Any) -> Any:
    """What the likelihood takes, each a 3x3 convolution of h with a bias for each entry; arguments
    as of `likelihood_parameters`."""

    def project(shape: tuple[int, ...]) -> keras.KerasTensor:
        channels = image_shape(shape)[2]
        return layers.Conv2D(channels, 3, padding="same", use_bias=False, dtype="float32")(h)

    return likelihood_parameters(project, shapes, bias)
