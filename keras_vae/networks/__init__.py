"""Encoders x -> (z_mean, z_log_var) and decoders z -> the likelihood's parameters."""

from collections.abc import Callable

import keras

from keras_vae.networks.column_features import ColumnFeatures
from keras_vae.networks.conv import conv_decoder, conv_encoder
from keras_vae.networks.counts import LibraryShares, LogCounts
from keras_vae.networks.gated_dense import GatedDense
from keras_vae.networks.gated_mlp import gated_mlp_decoder, gated_mlp_encoder
from keras_vae.networks.mlp import mlp_decoder, mlp_encoder
from keras_vae.networks.resnet import resnet_decoder, resnet_encoder

__all__ = [
    "DECODERS",
    "ENCODERS",
    "ColumnFeatures",
    "GatedDense",
    "LibraryShares",
    "LogCounts",
    "conv_decoder",
    "conv_encoder",
    "gated_mlp_decoder",
    "gated_mlp_encoder",
    "mlp_decoder",
    "mlp_encoder",
    "resnet_decoder",
    "resnet_encoder",
]

ENCODERS: dict[str, Callable[..., keras.Model]] = {
    "mlp": mlp_encoder,
    "gated_mlp": gated_mlp_encoder,
    "conv": conv_encoder,
    "resnet": resnet_encoder,
}
DECODERS: dict[str, Callable[..., keras.Model]] = {
    "mlp": mlp_decoder,
    "gated_mlp": gated_mlp_decoder,
    "conv": conv_decoder,
    "resnet": resnet_decoder,
}
