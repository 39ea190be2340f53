"""Networks of several inputs: which they take, by their names, and how they are called."""

from typing import Any

import keras
from keras import ops

from keras_vae.errors import ConfigError

__all__ = ["DECODER_INPUTS", "ENCODER_INPUTS", "call_network", "condition_shape", "named_inputs"]

ENCODER_INPUTS = ("x", "mask", "condition")
DECODER_INPUTS = ("z", "condition")


def named_inputs(network: keras.Layer) -> dict[str, tuple[int | None, ...]] | None:
    """{name: shape} of a network that is built on a dictionary of inputs; None of any other, which
    takes x, or z, alone."""
    inputs = getattr(network, "input", None)  # `input_shape` is a list, also of a dictionary
    if not isinstance(inputs, dict):
        return None
    return {name: tuple(tensor.shape) for name, tensor in inputs.items()}


def condition_shape(*networks: keras.Layer) -> tuple[int, ...] | None:
    """The shape of one condition, where a network takes one.

    Raises:
        ConfigError: if they take conditions of different shapes, or of any size.
    """
    found = {
        inputs["condition"][1:]
        for inputs in map(named_inputs, networks)
        if inputs is not None and "condition" in inputs
    }
    if len(found) > 1:
        raise ConfigError(
            f"encoder and decoder take conditions of different shapes, {sorted(found, key=str)}; "
            f"give both the same input 'condition'"
        )
    if not found:
        return None
    shape = found.pop()
    known = tuple(size for size in shape if size is not None)
    if len(known) < len(shape):
        raise ConfigError(
            f"the input 'condition' has shape {shape}: give it known sizes, as in "
            f"keras.Input((3,), name='condition')"
        )
    return known


def call_network(network: keras.Layer, values: dict[str, Any], training: bool) -> Any:
    """The network's output for those of the values that it takes.

    Args:
        network: encoder or decoder.
        values: tensors by name, the main one first; a mask that is None is of ones.
        training: passed on.
    """
    inputs = named_inputs(network)
    main = next(iter(values.values()))
    if inputs is None:
        return network(main, training=training)
    if "mask" in inputs and values["mask"] is None:
        values = {**values, "mask": ops.ones_like(main)}
    # Keras does not take tensors and arrays together
    given = {name: ops.convert_to_tensor(values[name]) for name in inputs}
    return network(given, training=training)
