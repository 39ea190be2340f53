"""How every network ends: two posterior heads, or an output with a bias for each entry."""

import math
from typing import Any

import keras
from keras import layers, ops

__all__ = ["OutputBias", "likelihood_parameters", "posterior_heads"]


def posterior_heads(
    h: keras.KerasTensor, latent_dim: int
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Two dense heads, z_mean and z_log_var, each float32 (batch, latent_dim).

    float32 whatever the precision of the layers before: exp(z_log_var) overflows in float16.
    """
    z_mean = layers.Dense(latent_dim, dtype="float32", name="z_mean")(h)
    z_log_var = layers.Dense(latent_dim, dtype="float32", name="z_log_var")(h)
    return z_mean, z_log_var


def likelihood_parameters(
    h: keras.KerasTensor, event_shape: tuple[int, ...], bias: Any = None
) -> keras.KerasTensor:
    """The decoder's output: `h` as (batch, *event_shape) plus a learned bias an entry.

    Args:
        h: tensor of batch * prod(event_shape) entries.
        event_shape: shape of one example.
        bias: array of `event_shape` where the bias starts; zeros if None. Started at what fits
            the data without z, the first epochs need not learn the mean of the data.
    """
    output_bias = OutputBias(name="parameters")
    parameters = output_bias(layers.Reshape(event_shape, dtype="float32")(h))
    if bias is not None:
        output_bias.bias.assign(bias)
    return parameters


@keras.saving.register_keras_serializable(package="keras_vae")
class OutputBias(layers.Layer):
    """Adds one learned float32 number to each entry of an example."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.bias = self.add_weight(name="bias", shape=input_shape[1:], initializer="zeros")

    def call(self, inputs: Any) -> Any:
        # as rows: XLA makes vectors of the last axis, and that of an image is short
        rows = ops.reshape(inputs, (-1, math.prod(self.bias.shape)))
        return ops.reshape(rows + ops.reshape(self.bias, (-1,)), (-1, *self.bias.shape))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape
