"""What a logged curve says: has it ended, and did it jump?"""

from collections.abc import Sequence

import numpy as np

__all__ = ["gain_per_doubling", "jump_by_noise", "jump_noise", "largest_jump"]

FEWEST_FOR_NOISE = 10


def gain_per_doubling(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """How much a curve still rises each time that the number of epochs doubles.

    Least squares on log2(epoch) over the second half, and at least the last 3.

    Args:
        values: one for each epoch, at least 3, higher is better.

    Returns:
        (gain, its standard error).

    Raises:
        ValueError: if there are fewer than 3 values.
    """
    if len(values) < 3:
        raise ValueError(f"{len(values)} epochs: expected at least 3")
    first = min(len(values) // 2, len(values) - 3)
    y = np.asarray(values[first:], "float64")
    x = np.log2(np.arange(first, len(values)) + 1)
    centred = x - x.mean()
    slope = np.sum(centred * y) / np.sum(centred**2)
    residual = y - y.mean() - slope * centred
    error = np.sqrt(np.sum(residual**2) / (len(y) - 2) / np.sum(centred**2))
    return float(slope), float(error)


def largest_jump(losses: Sequence[float] | np.ndarray) -> tuple[float, int]:
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


def jump_noise(losses: Sequence[float] | np.ndarray) -> float:
    """The standard error of `largest_jump`: of the difference of two epochs by noise alone.

    Args:
        losses: one for each epoch.

    Returns:
        1.48 * median |change from epoch to epoch| of the second half, where a training has
        settled: the standard deviation of the changes if they are normal; 0 with fewer than 10
        epochs, which cannot tell noise from a jump.
    """
    losses = np.asarray(losses, "float64")
    if len(losses) < FEWEST_FOR_NOISE:
        return 0.0
    return float(1.4826 * np.median(np.abs(np.diff(losses[len(losses) // 2 :]))))


def jump_by_noise(losses: Sequence[float] | np.ndarray) -> float:
    """About the largest rise that noise alone makes among so many epochs.

    Of n normal values of standard deviation s the extremes lie about s sqrt(2 log n) from their
    mean; the rise is from the lowest to the highest, and `jump_noise` is s sqrt(2).

    Args:
        losses: one for each epoch.
    """
    return 2 * jump_noise(losses) * float(np.sqrt(np.log(max(len(losses), 1))))
