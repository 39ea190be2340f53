"""What a model is given as x: one array, or a dictionary of `x`, `mask` and `condition`."""

from typing import Any

__all__ = ["array_of", "count", "take"]


def array_of(x: Any) -> Any:
    """The values alone: x itself, or `x["x"]`."""
    return x["x"] if isinstance(x, dict) else x


def count(x: Any) -> int:
    """How many examples there are."""
    return len(array_of(x))


def take(x: Any, rows: Any) -> Any:
    """The same structure with these rows.

    Args:
        x: array, or a dictionary of arrays.
        rows: slice, or an index array.
    """
    if isinstance(x, dict):
        return {name: part[rows] for name, part in x.items()}
    return x[rows]
