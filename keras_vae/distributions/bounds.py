"""A smooth bound that keeps a log-variance in a finite range."""

from keras import ops

__all__ = ["soft_bound"]


def soft_bound(value, low, high):
    """Squeezes any finite or infinite value smoothly into [low, high].

    Close to the identity well inside the range, and its gradient never becomes exactly zero
    at once, as that of a hard clip does.

    Args:
        value: float tensor of any shape.
        low, high: the range, `low < high`.

    Returns:
        Tensor of the same shape, in [low, high] up to rounding.
    """
    # high - softplus(high - v) <= high;  low + softplus(v - low) >= low
    value = high - ops.softplus(high - value)
    return low + ops.softplus(value - low)
