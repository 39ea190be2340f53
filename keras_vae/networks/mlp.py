"""Dense networks for examples of any event shape."""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import keras
from keras import layers

from keras_vae.networks.ends import likelihood_parameters, posterior_heads, shared_out
from keras_vae.networks.starts import beside, model_of, network_inputs

__all__ = ["mlp_decoder", "mlp_encoder"]

WIDTHS = (512, 256)

MakeLayer: TypeAlias = Callable[[int], keras.Layer]  # of so many units


def mlp_encoder(
    event_shape: tuple[int, ...],
    latent_dim: int,
    hidden: Sequence[int] = WIDTHS,
    condition_shape: tuple[int, ...] | None = None,
    has_mask: bool = False,
    features: keras.Layer | None = None,
    of_x: keras.Layer | None = None,
    linear_path: bool = False,
    heads: dict[str, int] | None = None,
    layer: MakeLayer | None = None,
    activation: str = "relu",
) -> keras.Model:
    """x -> (z_mean, z_log_var), or what another posterior takes, through dense layers.

    Args:
        event_shape: shape of one example.
        latent_dim: number of latents d.
        hidden: units of each hidden layer, from x to z.
        condition_shape: shape of one condition, which the first layer sees beside x; None: no
            condition.
        has_mask: whether the first layer sees beside x which of its entries were observed.
        features: layer from [x, mask] to (batch, features) that the first dense layer sees in
            place of x, as `ColumnFeatures` for tables; None: x itself, flat.
        of_x: layer that x goes through first, as `LogCounts` for counts; None: none.
        linear_path: whether the heads see what the first layer sees beside the last one: what is
            linear need not be learned through the layers between, of few examples above all.
        heads: name -> size of what the encoder outputs, as `Posterior.heads` has them; None:
            z_mean and z_log_var.
        layer: units -> a hidden layer; None: a dense one with `activation`.
        activation: by Keras's names.

    Returns:
        Keras model from (batch, *event_shape) to two float32 tensors (batch, d); with a condition
        a mask or features from a dictionary of `x`, `mask` and `condition`, as they are needed.
    """
    mask_shape = event_shape if has_mask or features is not None else None
    inputs = network_inputs(x=event_shape, mask=mask_shape, condition=condition_shape)
    x, mask, condition = (inputs.get(name) for name in ("x", "mask", "condition"))
    x = x if of_x is None else of_x(x)
    h = beside(layers.Flatten()(x), mask) if features is None else features([x, mask])
    h = _hidden(beside(h, condition), hidden, linear_path, layer or _dense(activation))
    return model_of(inputs, posterior_heads(h, latent_dim, heads), "encoder")


def mlp_decoder(
    shapes: tuple[int, ...] | dict[str, tuple[int, ...]],
    latent_dim: int,
    hidden: Sequence[int] = WIDTHS,
    output_bias: Any = None,
    condition_shape: tuple[int, ...] | None = None,
    shares: keras.Layer | None = None,
    linear_path: bool = False,
    layer: MakeLayer | None = None,
    activation: str = "relu",
) -> keras.Model:
    """z -> the likelihood's parameters through the encoder's layers, mirrored.

    Args:
        shapes: what the likelihood takes for one example: a shape, for most that of the example,
            or a dictionary of name -> shape (`Likelihood.parameter_shapes`).
        latent_dim: number of latents d.
        hidden: units of each hidden layer, in the ENCODER's order.
        output_bias: array, or dictionary of arrays, of `shapes` where the output bias starts; zeros
            if None.
        condition_shape: shape of one condition, which the first layer sees beside z; None: no
            condition.
        shares: layer from [log means, condition] to log means, as `LibraryShares`; None: none.
        linear_path: as for `mlp_encoder`; with no more than it, factor analysis.
        layer, activation: as for `mlp_encoder`.

    Returns:
        Keras model from (batch, d), with a condition from a dictionary of `z` and `condition`, to
        float32 (batch, *shape), or a dictionary of such.
    """
    inputs = network_inputs(z=(latent_dim,), condition=condition_shape)
    first = beside(inputs["z"], inputs.get("condition"))
    h = _hidden(first, hidden[::-1], linear_path, layer or _dense(activation))

    def project(shape: tuple[int, ...]) -> keras.KerasTensor:
        return layers.Dense(math.prod(shape), use_bias=False, dtype="float32")(h)

    parameters = likelihood_parameters(project, shapes, output_bias)
    return model_of(inputs, shared_out(parameters, inputs, shares), "decoder")


def _dense(activation: str) -> MakeLayer:
    return lambda units: layers.Dense(units, activation=activation)


def _hidden(
    first: keras.KerasTensor, widths: Sequence[int], linear_path: bool, layer: MakeLayer
) -> keras.KerasTensor:
    h = first
    for units in widths:
        h = layer(units)(h)
    return layers.Concatenate()([h, first]) if linear_path else h
