"""An array or tensor -> examples (N, *event_shape) that the likelihood can describe."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from keras_vae.data import as_array
from keras_vae.distributions import Likelihood
from keras_vae.errors import DataError

__all__ = ["examples", "fitted", "is_inside", "same_axes"]

LARGEST = float(np.finfo("float32").max)


def examples(x: Any, event_shape: tuple[int, ...] | None, likelihood: Likelihood) -> Any:
    """`x` as a model takes it.

    Args:
        x: see `as_array`; of shape (N, *event_shape) apart from axes of size 1.
        event_shape: of the model; None if it takes any.
        likelihood: what must be able to describe the values. A symbolic tensor has no values yet,
            so they are not checked.

    Returns:
        (N, *event_shape): a tensor for a tensor, else a NumPy array.

    Raises:
        DataError: if the shape is any other, or values are NaN, infinite, outside the
            likelihood's support, or 8-bit counts.
    """
    x = fitted(as_array(x), event_shape)
    if isinstance(x, np.ndarray):
        _check_values(x, likelihood)
    elif hasattr(x, "numpy") and not is_inside(x, likelihood):  # an eager tensor
        _check_values(x.numpy(), likelihood)
    return x


def fitted(x: Any, event_shape: tuple[int, ...] | None, what: str = "x") -> Any:
    """(N, *event_shape) from an array or tensor whose shape differs in axes of size 1 alone.

    Unknown axes of a tensor are checked against `event_shape` when it is computed.

    Raises:
        DataError: if the shape is any other.
    """
    if event_shape is None or None in event_shape:
        return x
    if x.shape is None or getattr(x.shape, "rank", 1) is None:
        return tf.ensure_shape(x, (None, *event_shape))
    shape = tuple(x.shape)
    if shape and shape[1:] == event_shape:
        return x
    if None in shape[1:] and len(shape) == len(event_shape) + 1:
        return tf.ensure_shape(x, (None, *event_shape)) if isinstance(x, tf.Tensor) else x
    if shape and same_axes(shape[1:], event_shape):
        count = -1 if shape[0] is None else shape[0]
        reshape = np.reshape if isinstance(x, np.ndarray) else ops.reshape
        return reshape(x, (count, *event_shape))
    expected = ", ".join(map(str, ("N", *event_shape)))
    raise DataError(
        f"{what} has shape {shape}, the model takes ({expected}): "
        f"{_way_out(shape, event_shape, what)}"
    )


def same_axes(shape: Iterable[int | None], other: Iterable[int | None]) -> bool:
    """Whether two shapes are equal apart from axes of size 1."""
    return [n for n in shape if n != 1] == [n for n in other if n != 1]


def is_inside(x: tf.Tensor, likelihood: Likelihood) -> tf.Tensor:
    """Whether `likelihood` can describe every value of a tensor: a bool tensor, in any graph."""
    if x.dtype == tf.bool:
        return tf.constant(True)
    low, high = likelihood.support
    low, high = max(low, -LARGEST), min(high, 1 if x.dtype == tf.uint8 else LARGEST)
    x = tf.cast(x, tf.float32)
    return tf.reduce_all((x >= low) & (x <= high))  # false for NaN


def _check_values(x: np.ndarray, likelihood: Likelihood) -> None:
    """The same in NumPy, in words."""
    if x.dtype == "uint8" and x.size and x.max() > 1:
        takes_counts = likelihood.support[1] >= x.max()
        kept = ", or x.astype('float32') to keep the counts" if takes_counts else ""
        raise DataError(
            f"x holds 8-bit counts up to {x.max()}, and a VAE takes numbers as they are: give "
            f"x / 255, as kv.load_data does{kept}"
        )
    likelihood.check(x)


def _way_out(shape: tuple[Any, ...], event_shape: tuple[int, ...], what: str) -> str:
    example = shape[1:]
    if shape == event_shape:
        return f"this is one example without a batch axis; give {what}[None], or dataset.batch(n)"
    if len(example) > 1 and (*example[1:], example[0]) == event_shape:
        return "its channels come first; give np.moveaxis(x, 1, -1)"
    if len(example) > 1 and (example[-1], *example[:-1]) == event_shape:
        return "its channels come last; give np.moveaxis(x, -1, 1)"
    if None not in example and np.prod(example, dtype=int) == np.prod(event_shape, dtype=int):
        sizes = ", ".join(map(str, event_shape))
        return f"if each row holds these entries in this order, give x.reshape(-1, {sizes})"
    return "give examples of that shape, or build the networks for this one"
