"""Some of the draws of each example, drawn again by their weights."""

from typing import Any

import tensorflow as tf

__all__ = ["chosen_of", "resampled"]


def resampled(weights: tf.Tensor, count: int, offset: tf.Tensor) -> tf.Tensor:
    """Which draws are taken: draw k of an example `count * weight_k` times on average.

    Systematic resampling (Carpenter, Clifford & Fearnhead 1999, doi:10.1049/ip-rsn:19990255): the
    draws at the places (offset + s) / count, s = 0 ... count - 1, of the line that the weights
    divide. Each is taken count * weight_k times, rounded down or up.

    Args:
        weights: float32 (K, batch), which add up to 1 over K.
        count: S, how many of each example.
        offset: float32 (batch,), uniform in [0, 1).

    Returns:
        int32 (S, batch), positions among the K.
    """
    places = (offset + tf.range(count, dtype="float32")[:, None]) / count  # (S, batch)
    ends = tf.cumsum(weights, axis=0)  # (K, batch)
    rows = tf.reduce_sum(tf.cast(ends <= places[:, None], "int32"), axis=1)
    return tf.minimum(rows, weights.shape[0] - 1)  # sums end a little below 1


def chosen_of(values: Any, rows: tf.Tensor) -> tf.Tensor:
    """values (K, batch, ...) at rows (S, batch): (S, batch, ...)."""
    by_example = [1, 0, *range(2, len(values.shape))]
    chosen = tf.gather(tf.transpose(values, by_example), tf.transpose(rows), batch_dims=1)
    return tf.transpose(chosen, by_example)
