"""A table of figures, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["FigureTable", "with_error"]

MEANING = ("figure", "value", "meaning")


@dataclass(frozen=True)
class FigureTable:
    """Rows of figures.

    Attributes:
        title: what they are of.
        rows: texts, one for each column; an empty row stands between two parts.
        columns: their headers.
        numbers: which columns are set to the right.
        notes: lines below it.
    """

    title: str
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...] = MEANING
    numbers: tuple[int, ...] = (1,)
    notes: tuple[str, ...] = ()


def with_error(figures: Mapping[str, Any], name: str) -> str:
    """'-147.64 ± 2.17'"""
    return f"{figures[name]:.2f} ± {figures[name + '_standard_error']:.2f}"
