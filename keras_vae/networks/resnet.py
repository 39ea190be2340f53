"""Residual convolutional networks for images: the small ones of Kingma et al. 2016.

arXiv:1606.04934, section 5: stages of 3x3 convolutions with ELU, in each a block that halves the
image and one that does not, then a dense layer of 450 units; without their weight normalisation.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from keras_vae.networks.ends import posterior_heads, shared_out
from keras_vae.networks.images import cropped, image_inputs, image_parameters, image_shape
from keras_vae.networks.starts import beside, model_of, network_inputs

__all__ = ["resnet_decoder", "resnet_encoder"]

DENSE_UNITS = 450
FIRST, OTHERS = 16, 32  # channels of the first stage, and of those behind it
SMALLEST = 7  # side of the image after the last stage, at most
SHARE = 0.1  # of a block's convolutions in its output: at the start nearly the identity


def resnet_encoder(
    event_shape: tuple[int, ...],
    latent_dim: int,
    hidden: Sequence[int] | None = None,
    condition_shape: tuple[int, ...] | None = None,
    has_mask: bool = False,
    of_x: keras.Layer | None = None,
    heads: dict[str, int] | None = None,
) -> keras.Model:
    """Image -> (z_mean, z_log_var), or what another posterior takes, through residual blocks.

    Args:
        event_shape: (height, width) or (height, width, channels).
        latent_dim: number of latents d.
        hidden: channels of each stage, which halves height and width; None: 16, then 32 until the
            shorter side is at most 7, and three stages at least: (16, 32, 32) of 28 x 28, (16, 32,
            32, 32) of 64 x 64.
        condition_shape, has_mask, of_x: as for `conv_encoder`.
        heads: as for `mlp_encoder`.

    Returns:
        Keras model, as `conv_encoder`.

    Raises:
        ConfigError: if `event_shape` is not that of an image.
    """
    inputs, h = image_inputs(event_shape, condition_shape, has_mask, of_x)
    stages = _stages(image_shape(event_shape), hidden)
    h = layers.Conv2D(stages[0], 3, padding="same")(h)
    for channels in stages:
        h = _block(h, channels, strides=2)
        h = _block(h, channels)
    h = layers.Flatten()(layers.Activation("elu")(h))
    h = layers.Dense(DENSE_UNITS, activation="elu")(beside(h, inputs.get("condition")))
    return model_of(inputs, posterior_heads(h, latent_dim, heads), "encoder")


def resnet_decoder(
    shapes: tuple[int, ...] | dict[str, tuple[int, ...]],
    latent_dim: int,
    hidden: Sequence[int] | None = None,
    output_bias: Any = None,
    condition_shape: tuple[int, ...] | None = None,
    shares: keras.Layer | None = None,
) -> keras.Model:
    """z -> the likelihood's parameters: the encoder's stages, mirrored.

    Args:
        shapes, latent_dim, output_bias, condition_shape, shares: as for `conv_decoder`.
        hidden: channels of each stage, in the ENCODER's order; None: as for `resnet_encoder`.

    Returns:
        Keras model, as `conv_decoder`.

    Raises:
        ConfigError: if `shapes` are not those of images.
    """
    first = next(iter(shapes.values())) if isinstance(shapes, dict) else shapes
    height, width, _ = image_shape(first)
    stages = _stages((height, width), hidden)
    sides = [(height, width)]
    for _ in stages:  # halves, rounded up
        sides.append((-(-sides[-1][0] // 2), -(-sides[-1][1] // 2)))
    inputs = network_inputs(z=(latent_dim,), condition=condition_shape)
    h = layers.Dense(DENSE_UNITS, activation="elu")(beside(inputs["z"], inputs.get("condition")))
    h = layers.Dense(sides[-1][0] * sides[-1][1] * stages[-1])(h)
    h = layers.Reshape((*sides[-1], stages[-1]))(h)
    for stage in reversed(range(len(stages))):
        h = _block(h, stages[stage])
        h = _block_up(h, stages[max(stage - 1, 0)], sides[stage])
    parameters = image_parameters(layers.Activation("elu")(h), shapes, output_bias)
    return model_of(inputs, shared_out(parameters, inputs, shares), "decoder")


def _stages(shape: Sequence[int], hidden: Sequence[int] | None) -> Sequence[int]:
    if hidden is not None:
        return hidden
    side, count = min(shape[:2]), 0
    while side > SMALLEST or count < 3:
        side, count = -(-side // 2), count + 1
    return (FIRST, *[OTHERS] * (count - 1))


def _block(h: keras.KerasTensor, channels: int, strides: int = 1) -> keras.KerasTensor:
    """h + 0.1 conv(elu(conv(elu(h)))); of another size the first h goes through a convolution."""
    inside = layers.Activation("elu")(h)
    skipped = h
    if strides > 1 or h.shape[-1] != channels:
        skipped = layers.Conv2D(channels, 3, strides, padding="same")(h)
    inside = layers.Conv2D(channels, 3, strides, padding="same", activation="elu")(inside)
    inside = layers.Conv2D(channels, 3, padding="same")(inside)
    return layers.Add()([skipped, layers.Rescaling(SHARE)(inside)])


def _block_up(h: keras.KerasTensor, channels: int, side: tuple[int, int]) -> keras.KerasTensor:
    """As `_block`, to twice the height and width, of which `side` is kept."""
    inside = layers.Activation("elu")(h)
    inside = layers.Conv2DTranspose(channels, 3, 2, padding="same", activation="elu")(inside)
    inside = layers.Conv2D(channels, 3, padding="same")(inside)
    skipped = layers.Conv2DTranspose(channels, 3, 2, padding="same")(h)
    return cropped(layers.Add()([skipped, layers.Rescaling(SHARE)(inside)]), side)
