"""What a logged curve says: has it ended, and did it jump?"""

import numpy as np

__all__ = ["gain_per_doubling", "largest_jump"]


def gain_per_doubling(values):
    """How much a curve still rises each time that the number of epochs doubles.

    Least squares on log2(epoch) over the second half, and at least the last 3.

    Args:
        values: one for each epoch, at least 4, higher is better.

    Returns:
        (gain, its standard error).

    Raises:
        ValueError: if there are fewer than 4 values.
    """
    if len(values) < 4:
        raise ValueError(f"{len(values)} epochs: expected at least 4")
    first = min(len(values) // 2, len(values) - 3)
    y = np.asarray(values[first:], "float64")
    x = np.log2(np.arange(first, len(values)) + 1)
    centred = x - x.mean()
    slope = np.sum(centred * y) / np.sum(centred**2)
    residual = y - y.mean() - slope * centred
    error = np.sqrt(np.sum(residual**2) / (len(y) - 2) / np.sum(centred**2))
    return float(slope), float(error)


def largest_jump(losses):
    """The largest rise of a loss above its lowest value so far.

    Args:
        losses: one for each epoch, lower is better.

    Returns:
        (jump in the unit of the loss, epoch from 1 where it is largest); (0, 0) with fewer than
        3 epochs, or where the loss never rose.
    """
    losses = np.asarray(losses, "float64")
    if len(losses) < 3:
        return 0.0, 0
    rises = losses - np.minimum.accumulate(losses)
    worst = int(np.argmax(rises))
    return (float(rises[worst]), worst + 1) if rises[worst] > 0 else (0.0, 0)
