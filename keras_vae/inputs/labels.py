"""What may be given with x: labels, which no loss uses, but not a second array to learn."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.errors import DataError
from keras_vae.inputs.examples import same_axes

__all__ = ["are_labels", "check_labels", "without_text"]


def check_labels(y: Any, x: Any) -> None:
    """Refuses a `y` that looks like a target to learn.

    Args:
        y: labels, whole numbers or text, (N,) or (N, classes); x once more; or None.
        x: (N, *event_shape).

    Raises:
        DataError: if `y` is anything else, or has another number of rows.
    """
    if y is None or y is x:
        return
    y = np.asarray(y)
    shape, own = y.shape, tuple(x.shape)
    is_whole = y.dtype.kind != "f" or np.array_equal(y, np.rint(y))
    if shape[:1] != own[:1]:
        reason = f"y has {len(y) if shape else 'no'} rows, x has {own[0]}"
    elif len(shape) == 1 and is_whole:
        return
    elif same_axes(shape[1:], own[1:]):
        if np.array_equal(y.reshape(own), x):
            return
        reason = (
            f"y has the shape of x, {shape}, and other values; a VAE learns x from x alone. For a "
            "denoising VAE, start the encoder with a layer such as GaussianNoise"
        )
    elif len(shape) == 2 and is_whole:
        return
    else:
        reason = f"y must be labels, got {y.dtype} of shape {shape}; a VAE learns x from x alone"
    raise DataError(f"{reason}: leave y out")


def without_text(y: Any) -> Any:
    """Labels that are text as zeros: no loss uses labels, and no device takes text."""
    if isinstance(y, tf.Tensor):
        return tf.zeros_like(y, tf.int32) if y.dtype == tf.string else y
    y = None if y is None else np.asarray(y)
    return y if y is None or y.dtype.kind in "biuf" else np.zeros(len(y), "int32")


def are_labels(y: tf.Tensor | None, x: tf.Tensor) -> tf.Tensor:
    """Whether `check_labels` lets a tensor pass: a bool tensor, in any graph.

    Args:
        y: tensor or None.
        x: tensor (N, *event_shape).
    """
    if y is None or y is x or y.dtype == tf.string:
        return tf.constant(True)
    if y.shape.rank is None:
        return tf.constant(False)  # for `check_labels` to look at
    is_whole = tf.reduce_all(y == tf.round(y)) if y.dtype.is_floating else tf.constant(True)
    if y.shape.rank == 1:
        return is_whole
    if same_axes(y.shape[1:], x.shape[1:]):
        same = tf.cast(tf.reshape(y, tf.shape(x)), tf.float64) == tf.cast(x, tf.float64)
        return tf.reduce_all(same)
    return is_whole & (y.shape.rank == 2)
