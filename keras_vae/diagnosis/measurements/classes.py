"""The categories of columns, the classes of conditions and labels, and what tells them."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from keras_vae import measures
from keras_vae.data.given import array_of, count, part_of, take
from keras_vae.data.tables import LEVELS
from keras_vae.diagnosis.measurements.calls import mask_of
from keras_vae.diagnosis.measurements.examined import Examined

__all__ = ["Occurrence", "OfClasses"]


class Occurrence(NamedTuple):
    """How often one category, or class, occurs.

    Attributes:
        name: of the column, or of the condition.
        value: the category as the table has it, or the name of the class.
        others: how many other categories there are.
        is_told: whether it is the class of a condition, and not a value of x.
        train, test: examples that have it, of all training and all test examples.
    """

    name: str
    value: Any
    others: int
    is_told: bool
    train: int
    test: int


class OfClasses(Examined):
    """What is one of several, in x and besides it."""

    @cached_property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """Those of each category of a column, and of each class of a condition that is told."""
        found = []
        for name, values, is_told, train, test in self._counts():
            pairs = zip(values, train, test, strict=True)
            found += [Occurrence(name, value, len(values) - 1, is_told, *n) for value, *n in pairs]
        return tuple(found)

    def _counts(self) -> Iterator[tuple[str, tuple[Any, ...], bool, list[int], list[int]]]:
        """(name, values, is_told, training examples with each value, test examples with it)."""
        splits = self.subject.train, self.subject.test
        for j, column in enumerate(self.subject.columns):
            if column.kind in LEVELS:
                train, test = (_count_codes(x, j, len(column.categories)) for x in splits)
                yield column.name, column.categories, False, train, test
        for condition, entries in self._conditions():
            if condition.classes:
                train, test = (_count_classes(x, entries) for x in splits)
                yield condition.name, condition.classes, True, train, test

    def _conditions(self) -> Iterator[tuple[Any, slice]]:
        """Each condition, with its entries of what the model is told."""
        first = 0
        for condition in self.subject.conditions:
            yield condition, slice(first, first + len(condition.entries))
            first += len(condition.entries)

    @cached_property
    def left_open(self) -> dict[tuple[str, str], float]:
        """(a column of x, a condition or "the label") -> the share of it that the column leaves
        open, of as many training examples as are looked at; see `measures.left_open`."""
        rows = self._rng(11).permutation(count(self.subject.train))[: self.examples]
        given, found = take(self.subject.train, rows), {}
        x, mask = array_of(given), mask_of(given)
        there = np.ones(x.shape, bool) if mask is None else mask > 0
        for name, target in self._targets(given, rows):
            for j, column in enumerate(self.subject.columns):
                share = _left_open(x[:, j], there[:, j], target)
                if share is not None:
                    found[column.name, name] = share
        return found

    def _targets(self, given: Any, rows: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
        """What a column could tell of these training examples: int (N,) of classes, else float."""
        condition = part_of(given, "condition")
        for each, entries in self._conditions():
            told = condition[:, entries]
            target = told.argmax(axis=1) if each.classes else told[:, 0].astype("float64")
            yield f"condition {each.name!r}", target
        if self.subject.labels is not None:
            yield "the label", np.asarray(self.subject.labels)[rows]


def _count_codes(given: Any, entry: int, codes: int) -> list[int]:
    """Examples with each code among the observed values of an entry; none without examples."""
    if given is None:
        return [0] * codes
    values, mask = array_of(given)[:, entry], mask_of(given)
    known = values if mask is None else values[mask[:, entry] > 0]
    return np.bincount(known.astype(int), minlength=codes).tolist()


def _count_classes(given: Any, entries: slice) -> list[int]:
    """The same of the entries of a condition, of which one is 1."""
    if given is None:
        return [0] * (entries.stop - entries.start)
    return part_of(given, "condition")[:, entries].sum(axis=0).astype(int).tolist()


def _left_open(values: np.ndarray, there: np.ndarray, target: np.ndarray) -> float | None:
    """`measures.left_open`; that a value is missing may tell a class, and is no number."""
    if target.dtype.kind == "f":
        return measures.left_open(values[there], target[there])
    return measures.left_open(np.where(there, values, values.min() - 1), target)
