"""Which of several sentences a number allows: each a small function of numbers and their errors."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np

__all__ = ["CLEAR", "NO_RATE", "Side", "change", "holds_no_information", "is_falling", "side"]

# Standard errors by which a difference must be away from 0 to be told.
CLEAR = 2.0
# Nats: with a smaller rate z says nothing about x that is worth a sentence (as the diagnosis has
# it).
NO_RATE = 0.5

Side: TypeAlias = Literal["above", "below", "open"]


def side(value: float, standard_error: float, of: float = 0.0) -> Side:
    """Whether a value lies above or below another, or its error leaves that open."""
    if not np.isfinite(value) or not np.isfinite(standard_error):
        return "open"
    if abs(value - of) <= CLEAR * standard_error or value == of:
        return "open"
    return "above" if value > of else "below"


def holds_no_information(rate: float) -> bool:
    """Whether q(z|x) is nearly the prior for every x: the model has collapsed."""
    return rate < NO_RATE


def change(first: np.ndarray, last: np.ndarray) -> tuple[float, float]:
    """Mean change from `first` to `last`, of the same examples, and its standard error (paired)."""
    difference = np.asarray(last, "float64") - np.asarray(first, "float64")
    return float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference)))


def is_falling(series: Sequence[np.ndarray]) -> bool:
    """Whether no mean lies clearly above the one before it; of the same examples, (N,) each."""
    return all(side(*change(before, after)) != "above" for before, after in pairwise(series))
