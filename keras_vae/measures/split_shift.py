"""Are training and test examples prepared alike?"""

from dataclasses import dataclass

import numpy as np

from keras_vae.measures.principal_directions import principal_directions
from keras_vae.measures.standard_error import standard_error

__all__ = ["SplitShift", "split_shift"]

# Main directions, at most a third of all.
COMPONENTS = 20


@dataclass(frozen=True)
class SplitShift:
    """How two splits differ.

    Attributes:
        mean_distance: rms distance between the two mean examples, over the std of an entry of the
            first, less what their sizes let expect.
        scale: std of the second's entries over the first's.
        gray_first, gray_second: fraction of entries strictly between 0 and 1.
        gray_error: standard error of their difference.
        roughness: mean |difference of neighbouring entries| of the second over the first's,
            neighbours in memory; NaN where the first has no differences.
        roughness_error: its relative standard error.
        residual: squared distance from the main directions of the first, of the second over that
            of a half of the first which did not set the directions: what each example has for
            itself, such as drawn pixels.
        residual_error: its relative standard error.
    """

    mean_distance: float
    scale: float
    gray_first: float
    gray_second: float
    gray_error: float
    roughness: float
    roughness_error: float
    residual: float
    residual_error: float


def split_shift(first, second):
    """Compares two splits, (N, *event_shape) and (M, *event_shape).

    Returns:
        `SplitShift`.
    """
    first, second = (np.asarray(x, "float64").reshape(len(x), -1) for x in (first, second))
    spread = first.std()
    square = np.mean((first.mean(axis=0) - second.mean(axis=0)) ** 2)
    expected = np.mean(first.var(axis=0)) / len(first) + np.mean(second.var(axis=0)) / len(second)
    rough = [np.sum(np.abs(np.diff(x, axis=1)), axis=1) for x in (first, second)]
    gray = [np.mean((x > 0) & (x < 1), axis=1) for x in (first, second)]
    return SplitShift(
        _ratio(np.sqrt(max(square - expected, 0)), spread),
        _ratio(second.std(), spread),
        *(float(part.mean()) for part in gray),
        _error_of_difference(*gray),
        _ratio(rough[1].mean(), rough[0].mean()),
        _relative_error(*rough),
        *_residual(first, second),
    )


def _residual(first, second):
    """(ratio, relative standard error) of what lies outside the main directions."""
    fitted, rest = np.array_split(first, 2)
    mean = fitted.mean(axis=0)
    count = min(COMPONENTS, first.shape[1] // 3, len(fitted))
    _, main = principal_directions(fitted - mean, count)
    rest, second = (
        np.sum((x - mean) ** 2, axis=1) - np.sum(((x - mean) @ main) ** 2, axis=1)
        for x in (rest, second)
    )
    return _ratio(second.mean(), rest.mean()), _relative_error(rest, second)


def _error_of_difference(*parts):
    if min(map(len, parts)) < 2:
        return float("nan")
    return float(np.hypot(*map(standard_error, parts)))


def _relative_error(*parts):
    """Of the ratio of the means of two samples."""
    if min(map(len, parts)) < 2:
        return float("nan")
    return float(np.hypot(*(_ratio(standard_error(part), part.mean()) for part in parts)))


def _ratio(top, bottom):
    return float(top / bottom) if bottom else float("nan")
