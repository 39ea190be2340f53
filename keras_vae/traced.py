"""TensorFlow graphs of functions: without AutoGraph, and those of a model traced once.

Tracing a function of a model takes longer than most calls of it. A trace reads the values of
weights when it is called; all else of a model is fixed in it. So it is kept beside what the model
was made of, and made again where that has changed.
"""

import types
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

__all__ = ["SEED", "call_traced", "specs_of", "traced", "traced_of"]

SEED = tf.TensorSpec((2,), "int64")  # of the noise, as `Sampling` takes it

# Under this name a model holds its graphs: they refer to it, and so die with it.
NAME = "_traced"
VALUES = (bool, int, float, complex, str, bytes, type(None))
# What every Keras model notes of itself (nodes, losses, compiled steps), but what it computes by.
NOTES = {*vars(keras.Model()), NAME} - {"_dtype_policy", "autocast", "_layers", "_trainable"}
# Libraries whose objects are told apart by which they are, not by what is in them.
LIBRARIES = ("keras", "tensorflow", "tensorflow_probability", "numpy", "builtins")


def traced(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """The function as a `tf.function` with such options, traced by what it calls.

    AutoGraph, which would turn `if` and `for` of Python into graphs, is off: it reads the source of
    all that is called, for seconds. Loops over tensors are `tf.while_loop`.
    """
    return tf.function(function, autograph=False, **options)


def traced_of(
    model: keras.Layer, function: Callable[..., Any], *options: Hashable, signature: Any
) -> Callable[..., Any]:
    """`arguments -> function(model, *options, *arguments)`, traced once for each such model.

    It is traced again where the model is made of something else: another part, layer, method,
    policy, or value of an attribute; not where weights have other values. What a function finds
    outside of the model, such as a global variable, is fixed at the first call.

    Args:
        model: a VAE, or another layer.
        function: of the model, the options and tensors; of a module, not made in a call.
        *options: numbers, names or functions of a module.
        signature: `tf.TensorSpec`s of the other arguments, nested as they are.

    Raises:
        TypeError: if `function` was made in a call: what it closes over would be fixed too.
    """
    if function.__closure__ or "<locals>" in function.__qualname__:
        raise TypeError(f"{function.__qualname__} was made in a call: expected one of a module")
    kept = model.__dict__.setdefault(NAME, {})
    key, parts = (function, options, repr(signature)), _parts(model)
    if key not in kept or not _are_same(kept[key][0], parts):
        # not a lambda: TensorFlow would count the traces of all models as those of one function
        of_model = partial(function, model, *options)
        kept[key] = parts, traced(of_model, input_signature=signature)
    return kept[key][1]


def call_traced(model: keras.Layer, function: Callable[..., Any], *arguments: Any) -> Any:
    """function(model, *arguments), traced once for any number of such examples: what is called for
    many batches spends most of its time in Python otherwise."""
    return traced_of(model, function, signature=specs_of(arguments))(*arguments)


def specs_of(x: Any) -> Any:
    """`tf.TensorSpec`s of x, an array or a nest of arrays, for any number of examples."""
    return tf.nest.map_structure(lambda part: tf.TensorSpec((None, *part.shape[1:]), part.dtype), x)


def _parts(model: keras.Layer) -> list[Any]:
    """All that a model is made of: values and objects, of layers and containers what is in them."""
    parts: list[Any] = []
    to_do: list[Any] = [model]
    seen: set[int] = set()
    while to_do:
        part = to_do.pop()
        parts.append(part)
        if isinstance(part, VALUES) or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, dict):
            to_do += [*part, *part.values()]
        elif isinstance(part, (list, tuple, set, frozenset)):
            to_do += part
        elif isinstance(part, np.ndarray):
            parts.append(part.tobytes())  # it can be changed in place
        elif isinstance(part, type):
            if not _is_foreign(part):
                to_do += vars(part).values()
        elif isinstance(part, types.FunctionType):
            parts.append(part.__code__)  # notebooks reload it in place
        elif isinstance(part, keras.Layer) or not _is_foreign(type(part)):
            to_do += type(part).__mro__
            of_part = getattr(part, "__dict__", {})
            to_do += [of_part[n] for n in of_part if n not in NOTES and not n.startswith("_self_")]
    return parts


def _is_foreign(kind: type) -> bool:
    """Whether a class is one of the libraries'."""
    return kind.__module__.partition(".")[0] in LIBRARIES


def _are_same(these: list[Any], those: list[Any]) -> bool:
    return len(these) == len(those) and all(
        a is b or (isinstance(a, VALUES) and type(a) is type(b) and a == b)
        for a, b in zip(these, those, strict=True)
    )
