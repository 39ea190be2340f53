"""Checks of the arrays that a plot is given: refuse early, and say how to fix it."""

import operator

import numpy as np
from numpy.typing import ArrayLike


def finite_array(name: str, values: ArrayLike, ndim: int | None = None) -> np.ndarray:
    """`values` as a float64 array that is not empty, has no NaN or infinity and `ndim` axes."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} cannot be drawn: expected an array of numbers, got {type(values).__name__} "
            f"({error}). Pass one array of equal-shaped examples."
        ) from error
    if ndim is not None and array.ndim != ndim:
        raise ValueError(
            f"{name} has the wrong shape: expected {ndim} axes, got {array.ndim} "
            f"with shape {array.shape}. Reshape it."
        )
    if array.size == 0:
        raise ValueError(
            f"{name} is empty: expected at least one value, got shape {array.shape}. "
            "Check the selection that made it."
        )
    bad = array.size - np.count_nonzero(np.isfinite(array))
    if bad:
        raise ValueError(
            f"{name} holds NaN or infinity: expected finite numbers, got {bad} of {array.size} "
            "that are not. Look for the cause where the array was computed, often a training "
            "that diverged."
        )
    return array


def finite_examples(name: str, values: ArrayLike, count: int | None = None) -> np.ndarray:
    """`values` as a finite float64 array (N, *event) of examples, where N is `count` if given."""
    array = finite_array(name, values)
    if array.ndim < 1:
        raise ValueError(
            f"{name} has the wrong shape: expected (N, *event), got one number. "
            "Put the examples along a first axis."
        )
    if count is not None and len(array) != count:
        raise ValueError(
            f"{name} has the wrong length: expected {count} along the first axis, "
            f"got {len(array)} with shape {array.shape}. Pass one entry for each."
        )
    return array


def whole_number(name: str, value: int, least: int) -> int:
    """`value` as an int that is at least `least`."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least:
        raise ValueError(
            f"{name} is out of range: expected a whole number of at least {least}, "
            f"got {value!r}. Pass such a number."
        )
    return number


def not_negative(name: str, values: ArrayLike, ndim: int | None = None) -> np.ndarray:
    """`values` as `finite_array` gives them, all at least 0."""
    array = finite_array(name, values, ndim)
    if array.min() < 0:
        raise ValueError(
            f"{name} is out of range: expected numbers of at least 0, got {array.min():g}. "
            "Check the sign where it was computed."
        )
    return array
