"""How every network starts: its inputs by name, and a condition beside x or z."""

from typing import Any

import keras
from keras import layers

__all__ = ["beside", "model_of", "network_inputs"]


def network_inputs(**shapes: tuple[int, ...] | None) -> dict[str, keras.KerasTensor]:
    """The inputs that have a shape, by their names."""
    return {
        name: keras.Input(shape, name=name) for name, shape in shapes.items() if shape is not None
    }


def model_of(inputs: dict[str, keras.KerasTensor], outputs: Any, name: str) -> keras.Model:
    """A network of one input on that input, of several on a dictionary of them; `outputs` is one
    tensor or a tuple."""
    return keras.Model(
        inputs if len(inputs) > 1 else next(iter(inputs.values())), outputs, name=name
    )


def beside(h: keras.KerasTensor, condition: keras.KerasTensor | None) -> keras.KerasTensor:
    """h (batch, features) with the condition, flat, behind it where there is one."""
    if condition is None:
        return h
    return layers.Concatenate()([h, layers.Flatten()(condition)])
