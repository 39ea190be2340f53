"""Dense networks of gated layers, as those of Tomczak & Welling 2018, arXiv:1705.07120."""

from typing import Any

import keras

from keras_vae.networks.gated_dense import GatedDense
from keras_vae.networks.mlp import mlp_decoder, mlp_encoder

__all__ = ["gated_mlp_decoder", "gated_mlp_encoder"]

WIDTHS = (300, 300)


def gated_mlp_encoder(
    event_shape: tuple[int, ...], latent_dim: int, hidden: Any = WIDTHS, **options: Any
) -> keras.Model:
    """As `mlp_encoder`, of `GatedDense` layers."""
    return mlp_encoder(event_shape, latent_dim, hidden, layer=GatedDense, **options)


def gated_mlp_decoder(
    shapes: Any, latent_dim: int, hidden: Any = WIDTHS, **options: Any
) -> keras.Model:
    """As `mlp_decoder`, of `GatedDense` layers."""
    return mlp_decoder(shapes, latent_dim, hidden, layer=GatedDense, **options)
