"""What a model is given: one array, or a dictionary of `x`, `mask` and `condition`."""

from typing import Any

import keras

__all__ = ["PARTS", "array_of", "count", "part_of", "take"]

# x: the values, (N, *event_shape). mask: of the same shape, 1 where a value was observed, 0 where
# it is missing. condition: what encoder and decoder see besides, (N, *condition_shape).
PARTS = ("x", "mask", "condition")


def array_of(x: Any) -> Any:
    """The array of values, (N, *event_shape)."""
    return x["x"] if isinstance(x, dict) else x


def part_of(x: Any, name: str, rows: Any = None) -> Any:
    """The mask, or the condition, where there is one; else None. With rows, a number, a
    slice or an array of numbers, that of these examples alone."""
    part = x.get(name) if isinstance(x, dict) else None
    return part if part is None or rows is None else part[rows]


def count(x: Any) -> int:
    """N, the number of examples."""
    return len(array_of(x))


def take(x: Any, rows: Any) -> Any:
    """Some of the examples, by a slice or an array of their numbers."""
    return keras.tree.map_structure(lambda part: part[rows], x)
