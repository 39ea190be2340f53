"""Rows of a source on disk -> their examples, read and decoded."""

import re
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from keras_vae.data.examples import LARGEST_VALUE
from keras_vae.data.sources.source import RowSource
from keras_vae.errors import DataError

__all__ = ["FAILURES", "decoded", "raise_what_was_said", "refuse", "values_of"]

# What `values_of` reads at once.
CHUNK_EXAMPLES = 500
CHUNK_BYTES = 2**20
# TensorFlow quotes the bytes of what is not an image, and Python may fail to read the quotation.
FAILURES = (tf.errors.OpError, UnicodeDecodeError)


def decoded(
    source: RowSource,
    windows: tf.data.Dataset,
    window_rows: Callable[..., np.ndarray],
    batch_size: int,
    *arguments: int | tf.Tensor,
) -> tf.data.Dataset:
    """`tf.data.Dataset` of window numbers -> batches (rows, values), read and decoded.

    Args:
        window_rows: (window, *arguments) -> int64 (steps, batch_size), run as Python.
    """

    def read(*numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = window_rows(*numbers)
        return rows, source.read(rows.reshape(-1))

    @tf.autograph.experimental.do_not_convert
    def batches_of(window: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        rows, raw = tf.numpy_function(read, [window, *arguments], [tf.int64, source.stored.dtype])
        rows = tf.reshape(rows, (-1, batch_size))
        return rows, tf.reshape(raw, (-1, batch_size, *source.stored.shape))

    # a window is read while the one before it is used
    batches = (
        windows.map(batches_of)
        .prefetch(1)
        .flat_map(lambda rows, raw: tf.data.Dataset.from_tensor_slices((rows, raw)))
    )
    options = tf.data.Options()
    options.deterministic = True
    return source.decode(batches).with_options(options)


def values_of(source: RowSource, rows: np.ndarray) -> np.ndarray:
    """The examples of the given rows in memory, of `source.dtype`: (len(rows), *event_shape).

    Raises:
        DataError: if one cannot be read or decoded, or is not finite.
    """
    size = max(1, min(CHUNK_EXAMPLES, CHUNK_BYTES // source.row_bytes, len(rows)))
    # neighbours together, and the last again until the last chunk is full
    places = np.argsort(rows)
    places = np.pad(places, (0, -len(rows) % size), mode="edge").reshape(-1, size)
    x = np.empty((len(rows), *source.event_shape), source.dtype)
    chunks = tf.data.Dataset.range(len(places))
    batches = decoded(source, chunks, lambda chunk: rows[places[chunk]][None], size)
    try:
        for chunk, (_, values) in zip(places, batches.as_numpy_iterator(), strict=True):
            if source.dtype.kind == "f":
                # NaN is on no side
                refuse(
                    source, rows[chunk], ~(np.abs(values) <= LARGEST_VALUE), f"holds NaN, infinite "
                    f"values or values beyond {LARGEST_VALUE:.0e}; remove such examples, or fill "
                    f"the gaps, before training"
                )  # fmt: skip
            x[chunk] = values
    except FAILURES as error:
        raise_what_was_said(error)
        source.diagnose(rows)
        raise
    return x


def refuse(source: RowSource, rows: np.ndarray, is_wrong: np.ndarray, reason: str) -> None:
    """Raises a DataError for the first of the rows that has a wrong entry."""
    wrong = is_wrong.reshape(len(rows), -1).any(axis=1)
    if wrong.any():
        raise DataError(f"{source.describe(rows[wrong].min())} {reason}")


def raise_what_was_said(error: Exception) -> None:
    """A DataError that was raised inside tf.data comes out as text inside another error."""
    said = re.search(r"\bDataError: (.*)", str(error))
    if said:
        raise DataError(said.group(1)) from error
