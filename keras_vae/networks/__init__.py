"""Encoders x -> (z_mean, z_log_var) and decoders z -> the likelihood's parameters."""

from keras_vae.networks.conv import conv_decoder, conv_encoder
from keras_vae.networks.mlp import mlp_decoder, mlp_encoder

__all__ = [
    "DECODERS",
    "ENCODERS",
    "conv_decoder",
    "conv_encoder",
    "mlp_decoder",
    "mlp_encoder",
]

ENCODERS = {"mlp": mlp_encoder, "conv": conv_encoder}
DECODERS = {"mlp": mlp_decoder, "conv": conv_decoder}
