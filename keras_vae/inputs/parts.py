"""What a model is given, an array or a dictionary -> values, mask and condition of a batch."""

from typing import Any, NamedTuple

import tensorflow as tf
from keras import ops

from keras_vae.inputs.examples import fitted, no_condition

__all__ = ["Parts", "parts_of", "repeated"]


class Parts(NamedTuple):
    """float32 tensors of one batch.

    Attributes:
        x: (batch, *event_shape); 0 where an entry is missing.
        mask: (batch, *event_shape), 1 where an entry was observed, 0 where it is missing; None: all
            were observed.
        condition: (batch, *condition_shape), or None.
    """

    x: tf.Tensor
    mask: tf.Tensor | None = None
    condition: tf.Tensor | None = None


def parts_of(
    x: Any,
    event_shape: tuple[int, ...] | None,
    condition_shape: tuple[int, ...] | None = None,
) -> Parts:
    """The parts of what a model is given.

    Args:
        x: an array (batch, *event_shape), or a dictionary of it as `x`, `mask` and `condition`.
        event_shape: of the model.
        condition_shape: of the model; None if it takes none, or if it is not looked at.

    Raises:
        DataError: if the condition is missing.
    """
    if not isinstance(x, dict):
        x = {"x": x}
    if condition_shape is not None and x.get("condition") is None:
        raise no_condition()
    values = ops.cast(fitted(x["x"], event_shape), "float32")
    mask, condition = (
        None if x.get(name) is None else ops.cast(x[name], "float32")
        for name in ("mask", "condition")
    )
    if mask is not None:
        mask = fitted(mask, event_shape, "mask")
        values = ops.where(mask > 0, values, 0.0)  # NaN, too, may stand for what is missing
    if condition is not None:
        condition = fitted(condition, condition_shape, "condition")
    return Parts(values, mask, condition)


def repeated(values: Any, times: int | tf.Tensor) -> Any:
    """Tensors (batch, ...) -> (batch * times, ...), those of one example in a row: networks know no
    other axes."""
    return tf.nest.map_structure(lambda value: tf.repeat(value, times, axis=0), values)
