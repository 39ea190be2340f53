"""Are training and test examples prepared in the same way?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from keras_vae.measures.dealt_by_chance import Chance, dealt_by_chance
from keras_vae.measures.principal_directions import principal_directions
from keras_vae.measures.standard_error import standard_error

__all__ = ["SplitShift", "split_shift", "split_shift_by_chance"]

# Main directions, at most a third of all.
ROUNDING = 1e-12  # of a mean of float64 squares, as a fraction of it
COMPONENTS = 20


@dataclass(frozen=True)
class SplitShift:
    """How two splits differ.

    Attributes:
        mean_distance: rms distance between the two mean examples, over the std of an entry of the
            first, minus what is expected for their sizes.
        scale: std of the second's entries over the first's.
        gray_first, gray_second: fraction of entries strictly between 0 and 1.
        gray_error: standard error of their difference.
        roughness: mean |difference of neighbouring entries| of the second over the first's,
            neighbours in memory; NaN where the first has no differences.
        roughness_error: its relative standard error.
        residual: squared distance from the main directions of the first, of the second over that
            of a half of the first which did not set the directions: the part that examples do not
            share, such as drawn pixels.
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


def split_shift(first: np.ndarray, second: np.ndarray) -> SplitShift:
    """Compares two splits, (N, *event_shape) and (M, *event_shape).

    Returns:
        `SplitShift`.
    """
    first, second = _flat(first), _flat(second)
    spread = first.std()
    square = np.mean((first.mean(axis=0) - second.mean(axis=0)) ** 2)
    expected = np.mean(first.var(axis=0)) / len(first) + np.mean(second.var(axis=0)) / len(second)
    gray, rough = _gray(first, second), _rough(first, second)
    residual = _residual(first, second)
    return SplitShift(
        mean_distance=_ratio(np.sqrt(max(square - expected, 0)), spread),
        scale=_ratio(second.std(), spread),
        gray_first=float(gray[0].mean()),
        gray_second=float(gray[1].mean()),
        gray_error=_error_of_difference(*gray),
        roughness=_ratio(rough[1].mean(), rough[0].mean()),
        roughness_error=_relative_error(*rough),
        residual=_ratio(residual[1].mean(), residual[0].mean()),
        residual_error=_relative_error(*residual),
    )


def split_shift_by_chance(
    first: np.ndarray, second: np.ndarray, what: str, seed: int = 0
) -> Chance:
    """How large one of the differences in a `SplitShift` is by chance alone.

    Args:
        first, second: as for `split_shift`.
        what: `"mean_distance"`, `"scale"`, `"gray"`, `"roughness"` or `"residual"`: of a ratio,
            |log|.
        seed: of the draws.

    Returns:
        `Chance`.
    """
    features, difference = BY_CHANCE[what]
    of_first, of_second = features(_flat(first), _flat(second))
    return dealt_by_chance(difference, of_first, of_second, seed=seed)


def _flat(x: np.ndarray) -> np.ndarray:
    return np.asarray(x, "float64").reshape(len(x), -1)


def _centred(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = np.concatenate([first, second]).mean(axis=0)
    return first - mean, second - mean


def _moments(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, ...]:
    """Mean and mean square of the entries of each example."""
    middle = np.concatenate([first, second]).mean()
    return tuple(
        np.stack([np.mean(x - middle, axis=1), np.mean((x - middle) ** 2, axis=1)], axis=1)
        for x in (first, second)
    )


def _gray(*splits: np.ndarray) -> tuple[np.ndarray, ...]:
    return tuple(np.mean((x > 0) & (x < 1), axis=1) for x in splits)


def _rough(*splits: np.ndarray) -> tuple[np.ndarray, ...]:
    return tuple(np.sum(np.abs(np.diff(x, axis=1)), axis=1) for x in splits)


def _residual(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, ...]:
    """Squared distance of each example from the main directions: of the half of the first that did
    not set them, and of the second."""
    fitted, rest = np.array_split(first, 2)
    mean = fitted.mean(axis=0)
    count = min(COMPONENTS, first.shape[1] // 3, len(fitted))
    _, main = principal_directions(fitted - mean, count)
    return tuple(
        np.sum((x - mean) ** 2, axis=1) - np.sum(((x - mean) @ main) ** 2, axis=1)
        for x in (rest, second)
    )


def _distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.sqrt(np.mean((second - first) ** 2, axis=1))


def _log_scale(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.abs(np.log(_variance(second) / _variance(first))) / 2


def _variance(moments: np.ndarray) -> np.ndarray:
    # std^2 = E[x^2] - E[x]^2; of entries that are all the same it is 0 but for rounding
    variance = moments[:, 1] - moments[:, 0] ** 2
    return np.where(variance <= ROUNDING * moments[:, 1], 0.0, variance)


def _difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.abs(second - first)[:, 0]


def _log_ratio(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.abs(np.log(second / first))[:, 0]


# What -> (features of the examples of both splits, difference of their means).
Features: TypeAlias = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, ...]]
Difference: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]
BY_CHANCE: dict[str, tuple[Features, Difference]] = {
    "mean_distance": (_centred, _distance),
    "scale": (_moments, _log_scale),
    "gray": (_gray, _difference),
    "roughness": (_rough, _log_ratio),
    "residual": (_residual, _log_ratio),
}


def _error_of_difference(*parts: np.ndarray) -> float:
    if min(map(len, parts)) < 2:
        return float("nan")
    first, second = map(standard_error, parts)
    return float(np.hypot(first, second))


def _relative_error(*parts: np.ndarray) -> float:
    """Of the ratio of the means of two samples."""
    if min(map(len, parts)) < 2:
        return float("nan")
    first, second = (_ratio(standard_error(part), part.mean()) for part in parts)
    return float(np.hypot(first, second))


def _ratio(top: float, bottom: float) -> float:
    return float(top / bottom) if bottom else float("nan")
