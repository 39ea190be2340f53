"""How every network ends: two posterior heads, or outputs with a bias for each entry."""

import math
from collections.abc import Callable
from typing import Any

import keras
from keras import layers, ops

__all__ = ["OutputBias", "likelihood_parameters", "posterior_heads", "shared_out"]


def posterior_heads(
    h: keras.KerasTensor, latent_dim: int, heads: dict[str, int] | None = None
) -> tuple[keras.KerasTensor, ...]:
    """Dense heads: z_mean and z_log_var, each float32 (batch, latent_dim), or those of `heads`,
    name -> size.

    float32 whatever the precision of the layers before: exp(z_log_var) overflows in float16.
    """
    heads = heads or {"z_mean": latent_dim, "z_log_var": latent_dim}

    def head(name: str, size: int) -> keras.KerasTensor:
        # what is beyond mean and variance starts at 0: q(z|x) as a diagonal normal
        start = "glorot_uniform" if name in ("z_mean", "z_log_var") else "zeros"
        return layers.Dense(size, kernel_initializer=start, dtype="float32", name=name)(h)

    return tuple(head(name, size) for name, size in heads.items())


def likelihood_parameters(
    project: Callable[[tuple[int, ...]], keras.KerasTensor],
    shapes: tuple[int, ...] | dict[str, tuple[int, ...]],
    bias: Any = None,
) -> Any:
    """The decoder's output: what the likelihood takes, with a learned bias an entry.

    Args:
        project: shape -> tensor of batch * prod(shape) entries, of weights of its own.
        shapes: of one output without the axis of the batch, or of several by their names, as
            `Likelihood.parameter_shapes` has them.
        bias: array, or dictionary of arrays, of these shapes, where the bias starts; zeros if None.
            Started at what fits the data without z, the first epochs need not learn the mean of
            the data.

    Returns:
        float32 (batch, *shape), or a dictionary of such.
    """
    if not isinstance(shapes, dict):
        return _with_bias(project(shapes), shapes, bias, "parameters")
    return {
        name: _with_bias(project(shape), shape, bias and bias[name], f"parameters_{name}")
        for name, shape in shapes.items()
    }


def shared_out(
    parameters: Any, inputs: dict[str, keras.KerasTensor], shares: keras.Layer | None
) -> Any:
    """The parameters with the log of the means through a layer that knows the condition, where
    there is one: of several parameters `log_mean`."""
    if shares is None:
        return parameters
    if not isinstance(parameters, dict):
        return shares([parameters, inputs["condition"]])
    return {**parameters, "log_mean": shares([parameters["log_mean"], inputs["condition"]])}


def _with_bias(
    h: keras.KerasTensor, shape: tuple[int, ...], bias: Any, name: str
) -> keras.KerasTensor:
    output_bias = OutputBias(name=name)
    parameters = output_bias(layers.Reshape(shape, dtype="float32")(h))
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
