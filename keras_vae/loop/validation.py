"""Validation examples in memory, as Keras asks for them at the end of each epoch."""

from typing import Any

import keras
import tensorflow as tf

__all__ = ["in_order"]

DEFAULT_BATCH_SIZE = 32  # of Keras


def in_order(validation: Any, batch_size: int | None) -> Any:
    """Batches of `validation_data`, in their order.

    Keras makes an iterator over arrays anew for each epoch, twice, from a data set of several
    functions: 40 ms, which is most of an epoch of a small model.

    Args:
        validation: what `fit` is given.
        batch_size: examples in a batch; None for Keras's default.

    Returns:
        `tf.data.Dataset`; `validation` itself where it is None or a stream, and where it has
        labels or weights, which Keras checks.
    """
    x, *besides = keras.utils.unpack_x_y_sample_weight(validation)
    is_in_memory = isinstance(validation, (tuple, list))
    if not is_in_memory or any(part is not None for part in besides):
        return validation
    return tf.data.Dataset.from_tensor_slices(x).batch(batch_size or DEFAULT_BATCH_SIZE)
