"""Probabilities of intervals under a logistic distribution."""

import tensorflow as tf

__all__ = ["log_mass"]


def log_mass(
    low: tf.Tensor,
    high: tf.Tensor,
    width: tf.Tensor,
    has_low: tf.Tensor | bool,
    has_high: tf.Tensor | bool,
) -> tf.Tensor:
    """log P(low < y < high) of a standard logistic y, without loss in either tail.

    Args:
        low, high: where the interval begins and ends.
        width: high - low, above 0, as exact as it is known.
        has_low, has_high: bool; false where the interval has no such end.
    """
    # sigmoid(b) - sigmoid(a) = sigmoid(b) sigmoid(-a) (1 - exp(a - b)): nothing cancels
    log_below = tf.where(has_high, tf.math.log_sigmoid(high), 0.0)
    log_above = tf.where(has_low, tf.math.log_sigmoid(-low), 0.0)
    log_between = tf.math.log(-tf.math.expm1(-width))
    return log_below + log_above + tf.where(tf.logical_and(has_low, has_high), log_between, 0.0)
