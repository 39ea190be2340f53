"""Weights of examples: what they may be, and how Keras gets them."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_vae.aliases import Logs
from keras_vae.errors import DataError
from keras_vae.loop.means import Means

__all__ = ["CheckWeights", "of_arrays", "of_batch", "refuse_invalid"]

ALLOWED = "expected a finite number of at least 0 for each example"


def of_arrays(x: Any, y: Any = None, sample_weight: Any = None) -> tuple[Any, Any]:
    """Labels and weights as Keras passes them on: it drops the weights where there are no labels.

    Args:
        x: (N, *event_shape), or a dictionary of such; of what has no shape, such as a data set,
            nothing is known here.
        y: labels, or None.
        sample_weight: (N,) or (N, 1), or None.

    Returns:
        (y, sample_weight): y is zeros where there are weights and no labels.

    Raises:
        DataError: if the weights have another shape, or one of them is negative or not finite.
    """
    first = _first(x)
    if sample_weight is None or not hasattr(first, "shape"):
        return y, sample_weight
    weights = np.asarray(sample_weight)
    _check_shape(weights.shape, first.shape[0])
    if weights.dtype.kind not in "biuf" or not np.all((weights >= 0) & (weights < np.inf)):
        found = f"[{weights.min()}, {weights.max()}]" if weights.dtype.kind in "biuf" else "others"
        raise DataError(f"sample_weight: {ALLOWED}, got {found}; leave such examples out")
    return np.zeros(len(weights), "float32") if y is None else y, weights.reshape(-1)


def of_batch(sample_weight: Any, x: Any) -> tf.Tensor:
    """The weights of a batch as a float32 tensor (batch,).

    All are NaN if one is negative or not finite, which `refuse_invalid` finds in the means.

    Raises:
        DataError: if their shape is neither (batch,) nor (batch, 1).
    """
    weights, x = tf.cast(sample_weight, tf.float32), _first(x)
    if weights.shape.rank is not None:
        _check_shape(tuple(weights.shape), x.shape[0])
    weights = tf.reshape(weights, tf.shape(x)[:1])
    is_valid = tf.reduce_all((weights >= 0) & (weights < np.inf))
    return tf.where(is_valid, weights, np.nan)


def _first(x: Any) -> Any:
    """x itself, or the first part of a dictionary: all have as many examples."""
    return next(iter(x.values())) if isinstance(x, dict) and x else x


def refuse_invalid(means: Means) -> None:
    """Refuses what `means` were made of if a weight was negative or not finite.

    Raises:
        DataError: in that case.
    """
    if np.isnan(means.count.numpy()):
        raise DataError(f"sample_weight: {ALLOWED}, got negative ones or NaN; look at the data set")


class CheckWeights(keras.callbacks.Callback):
    """`refuse_invalid` at the end of each epoch, whose steps with such weights were left out."""

    def __init__(self, means: Means) -> None:
        super().__init__()
        self.means = means

    def on_test_begin(self, logs: Logs = None) -> None:
        refuse_invalid(self.means)  # of training still; validation resets them

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        refuse_invalid(self.means)


def _check_shape(shape: tuple[int | None, ...], count: int | None) -> None:
    """Refuses a shape that is neither (count,) nor (count, 1); None fits everything."""
    is_flat = len(shape) == 1 or (len(shape) == 2 and shape[1] in (1, None))
    if not is_flat or (None not in (shape[0], count) and shape[0] != count):
        raise DataError(
            f"sample_weight of shape {shape}: expected one weight for each of the examples, "
            f"({count},); average them over what an example consists of"
        )
