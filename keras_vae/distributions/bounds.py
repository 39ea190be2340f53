"""A smooth bound that keeps a log-variance in a finite range."""

from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

__all__ = ["inverse_soft_bound", "soft_bound"]


def soft_bound(value: tf.Tensor, low: float, high: float) -> tf.Tensor:
    """Squeezes any finite or infinite value smoothly into [low, high].

    Close to the identity well inside the range. Outside it the gradient fades, where that of a
    hard clip is zero at once, so that a value a little too far out still finds back.

    Args:
        value: float tensor of any shape.
        low, high: the range, `low < high`.

    Returns:
        Tensor of the same shape, in [low, high] up to rounding.
    """
    # high - softplus(high - v) <= high;  low + softplus(v - low) >= low
    value = high - ops.softplus(high - value)
    return low + ops.softplus(value - low)


def inverse_soft_bound(value: Any, low: float, high: float) -> Any:
    """The float, or array, whose `soft_bound` is `value`.

    Values outside (low, high) are moved just inside. In NumPy and float64: for
    setting a weight, not for training.
    """
    # v = softplus(u) + c  <=>  u = log(exp(v - c) - 1)
    value = np.clip(value, low + 1e-3, high - 1e-3, dtype="float64")
    value = low + np.log(np.expm1(value - low))
    return high - np.log(np.expm1(high - value))
