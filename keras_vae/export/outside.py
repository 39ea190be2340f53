"""Rows that have no answer: a signature never answers them with a plausible number.

A server puts the rows of many clients into one batch, so an error about one row would fail all of
them. Instead that row is marked, and the other rows are answered.
"""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

__all__ = ["OUTSIDE", "mark_rows"]

# Of x outside the support: p(x|z) = 0 for every z, so log p(x) = -inf and so is every bound of it.
OUTSIDE = {"distortion": np.inf, "elbo": -np.inf, "importance_weighted_bound": -np.inf}


def mark_rows(
    outputs: dict[str, tf.Tensor],
    given: tf.Tensor,
    support: tuple[float, float],
    outside: Mapping[str, float] = OUTSIDE,
) -> dict[str, tf.Tensor]:
    """Replaces the answers to invalid rows.

    Args:
        outputs: dict of float32 tensors (batch, ...).
        given: the input that they answer, float32 tensor (batch, ...).
        support: (lowest, highest) value of its entries; infinities are outside of any.
        outside: name of an output -> its answer to a row that is outside the support.

    Returns:
        The dict, where rows with an entry that is NaN or outside the support are NaN; and what
        `outside` says for outputs that it names, if the row holds no NaN.
    """
    largest = np.finfo("float32").max
    low, high = np.clip(support, -largest, largest)
    entries = list(range(1, given.shape.rank))
    # Comparisons with NaN are false. They are all that this needs, so that other runtimes know it.
    is_inside = tf.reduce_all((given >= low) & (given <= high), entries)

    def mark(name: str, rows: tf.Tensor) -> tf.Tensor:
        instead = tf.constant(np.nan, tf.float32)
        if name in outside:
            is_nan = tf.reduce_any(tf.math.is_nan(given), entries)
            instead = tf.where(is_nan, instead, outside[name])
        is_answered = tf.reshape(is_inside, [-1] + [1] * (rows.shape.rank - 1))
        return tf.where(is_answered, rows, instead)  # one axis each, where `instead` has one

    return {name: mark(name, rows) for name, rows in outputs.items()}
