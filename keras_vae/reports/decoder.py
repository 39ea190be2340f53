"""A decoder of dense layers -> the steps by which a page computes it."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras import layers

from keras_vae.errors import DoesNotApply
from keras_vae.networks.counts import LibraryShares
from keras_vae.networks.ends import OutputBias
from keras_vae.reports.means import add_mean
from keras_vae.reports.steps import Steps
from keras_vae.vae import VAE

__all__ = ["decoder_steps"]


def decoder_steps(vae: VAE) -> Steps:
    """z, and the condition of a conditional model -> what `VAE.decode` returns, flat.

    Args:
        vae: `VAE`.

    Raises:
        DoesNotApply: where the decoder has layers, or the likelihood a mean, that a page does not
            compute, with which.
    """
    decoder = vae.decoder
    steps = Steps(inputs=1 if vae.condition_shape is None else 2)
    inputs = {"z": 0, "condition": 1}
    if isinstance(decoder, keras.Sequential):
        outputs = _of_sequence(decoder, steps, inputs)
    else:
        outputs = _of_graph(decoder, steps, inputs)
    last = add_mean(steps, vae.likelihood, outputs)
    if last != steps.inputs + len(steps.steps) - 1:  # `Steps.run` returns the last value
        raise DoesNotApply("the last layer of the decoder is not its output")
    return steps


def _config(decoder: keras.Layer) -> dict[str, Any]:
    """The config of what `keras.Model(inputs, outputs)` makes, which spells its graph."""
    try:
        config: dict[str, Any] = decoder.get_config()
    except NotImplementedError:  # of a subclass without one
        config = {}
    if not isinstance(decoder, keras.Model) or "input_layers" not in config:
        raise DoesNotApply(f"the decoder is a {type(decoder).__name__}, not a graph of layers")
    return config


def _of_sequence(decoder: keras.Sequential, steps: Steps, inputs: dict[str, int]) -> int:
    value = inputs["z"]
    for layer in decoder.layers:
        value = _add_layer(steps, layer, [value])
    return value


def _of_graph(decoder: keras.Model, steps: Steps, inputs: dict[str, int]) -> Any:
    """By the graph that the model's config spells: each layer names those that it comes after."""
    config = _config(decoder)
    values: dict[str, int] = {}
    given = config["input_layers"]
    if isinstance(given, dict):
        values = {places[0]: inputs[name] for name, places in given.items()}
    else:
        values = {np.ravel(given)[0]: inputs["z"]}
    waiting = [each for each in config["layers"] if each["name"] not in values]
    while waiting:
        ready = [each for each in waiting if set(_sources(each)) <= values.keys()]
        if not ready:
            raise DoesNotApply("its layers are not a graph that begins at z")
        for each in ready:
            of = [values[name] for name in _sources(each)]
            values[each["name"]] = _add_layer(steps, decoder.get_layer(each["name"]), of)
            waiting.remove(each)
    ends = config["output_layers"]
    if isinstance(ends, dict):
        return {name: values[places[0]] for name, places in ends.items()}
    return values[np.ravel(ends)[0]]


def _sources(layer: dict[str, Any]) -> list[str]:
    """The names of the layers whose outputs a layer takes, from its entry in a config."""
    nodes = layer["inbound_nodes"]
    if len(nodes) != 1:
        raise DoesNotApply(f"its layer {layer['name']} is used {len(nodes)} times")
    return list(_histories(nodes[0]["args"]))


def _histories(part: Any) -> Iterator[str]:
    if isinstance(part, dict) and part.get("class_name") == "__keras_tensor__":
        yield part["config"]["keras_history"][0]
    elif isinstance(part, (list, tuple)):
        for each in part:
            yield from _histories(each)


def _add_layer(steps: Steps, layer: keras.Layer, of: list[int]) -> int:
    add = LAYERS.get(type(layer))
    if add is None:
        raise DoesNotApply(f"the decoder has a layer {type(layer).__name__}")
    return add(steps, layer, of)


def _dense(steps: Steps, layer: Any, of: list[int]) -> int:
    if len(layer.input.shape) != 2:
        raise DoesNotApply(f"its layer {layer.name} is applied along an axis of several")
    kernel = np.asarray(layer.kernel, "float32")
    bias = np.zeros(kernel.shape[1]) if layer.bias is None else np.asarray(layer.bias)
    value = steps.add("dense", *of, weights=[kernel, bias])
    return steps.activation(keras.activations.serialize(layer.activation), value)


def _concatenate(steps: Steps, layer: Any, of: list[int]) -> int:
    if any(len(each.shape) != 2 for each in layer.input):
        raise DoesNotApply(f"its layer {layer.name} joins along an axis of several")
    return steps.add("joined", *of)


def _output_bias(steps: Steps, layer: Any, of: list[int]) -> int:
    bias = np.asarray(layer.bias).ravel()
    return steps.add("scaled", *of, weights=[np.ones_like(bias), bias])


def _shares(steps: Steps, layer: Any, of: list[int]) -> int:
    return steps.add("shares", *of, center=layer.center, scale=layer.scale)


def _activation(steps: Steps, layer: Any, of: list[int]) -> int:
    return steps.activation(keras.activations.serialize(layer.activation), of[0])


def _relu(steps: Steps, layer: Any, of: list[int]) -> int:
    if layer.negative_slope or layer.threshold or layer.max_value is not None:
        raise DoesNotApply(f"its layer {layer.name} is not a plain ReLU")
    return steps.add("relu", *of)


def _unchanged(steps: Steps, layer: Any, of: list[int]) -> int:
    return of[0]


LAYERS: dict[type[keras.Layer], Callable[[Steps, Any, list[int]], int]] = {
    layers.Dense: _dense,
    layers.Concatenate: _concatenate,
    layers.Activation: _activation,
    layers.ReLU: _relu,
    layers.Reshape: _unchanged,  # values are flat
    layers.Flatten: _unchanged,
    layers.Dropout: _unchanged,  # acts in training only
    layers.InputLayer: _unchanged,
    OutputBias: _output_bias,
    LibraryShares: _shares,
}
