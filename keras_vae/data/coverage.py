"""What of a table a model does not learn: categories that are held out entirely, and numbers that
are left out."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from keras_vae.data.examples import Examples
from keras_vae.data.tables import LEVELS, Schema

__all__ = ["warn_of_left_out", "warn_of_unseen", "warn_of_untold"]

SHOWN = 3


def warn_of_left_out(schema: Schema) -> tuple[str, ...]:
    """One line, if there are columns of numbers that were left out, and not because a user chose
    so: a score says nothing of them."""
    left_out = [
        column
        for column in schema.columns
        if column.kind == "ignored"
        and re.match("u?int|float", column.dtype.lower())
        and not column.reason.startswith("chosen")
    ]
    if not left_out:
        return ()
    first, more = left_out[0], len(left_out) - 1
    others = f" (and {more} more columns of numbers)" if more else ""
    return (f"column {first.name!r}{others} is left out of the model: {first.reason}",)


def warn_of_unseen(
    schema: Schema, train: Examples, held_out: Iterable[Examples]
) -> tuple[str, ...]:
    """One line for each column that has categories in held-out rows alone.

    Args:
        schema: `Schema`.
        train: the training rows.
        held_out: the other splits.
    """
    lines = []
    parts = list(held_out)
    for entry, column in enumerate(schema.row_columns):
        if column.kind not in LEVELS:
            continue
        seen = set(_observed(schema, train, entry))
        held = np.concatenate([_observed(schema, part, entry) for part in parts])
        unseen = [value for value in held if value not in seen]
        if unseen:
            lines.append(_line(column.name, [column.categories[int(code)] for code in unseen]))
    return tuple(lines)


def warn_of_untold(
    classes: Mapping[str, np.ndarray], train: Examples, held_out: Iterable[Examples]
) -> tuple[str, ...]:
    """The same of the conditions that are classes.

    Args:
        classes: of each condition by its name, the class of each row of the source.
        train, held_out: as for `warn_of_unseen`.
    """
    lines, parts = [], list(held_out)
    for name, values in classes.items():
        seen = set(values[train.rows])
        held = np.concatenate([values[part.rows] for part in parts])
        unseen = [value for value in held if value not in seen]
        if unseen:
            lines.append(_line(name, unseen))
    return tuple(lines)


def _line(name: str, unseen: list[Any]) -> str:
    names = sorted({str(value) for value in unseen})
    shown = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
    return (
        f"column {name!r}: {shown} occurs in held-out rows alone ({len(unseen)} of them), so "
        f"nothing is learned of it"
    )


def _observed(schema: Schema, part: Examples, entry: int) -> np.ndarray:
    """What was observed of a column, in all rows, those of windows too."""
    columns = len(schema.row_columns)
    values = part.x.reshape(-1, columns)[:, entry]
    return values if part.mask is None else values[part.mask.reshape(-1, columns)[:, entry] == 1]
