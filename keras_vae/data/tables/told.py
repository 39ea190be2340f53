"""What a model is told of rows of a table: the columns that are its conditions, and its label."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from keras_vae.conditions import LABELS
from keras_vae.data.tables.cells import Cells
from keras_vae.data.tables.column import LEVELS, TOLD, Column
from keras_vae.data.tables.encode import decode_column, encode_column
from keras_vae.errors import DataError

__all__ = ["told_as", "told_cells", "told_columns", "told_values"]


def told_columns(condition: Iterable[str], label_column: str | None) -> tuple[str, ...]:
    """The columns among what `Config.condition` names: all but the label."""
    return tuple(name for name in condition if name not in (LABELS, label_column))


def told_as(name: str, kind: str, cells: Cells) -> str:
    """Of which kind the values of a condition are: one of `TOLD`.

    Args:
        name: its header.
        kind: of the column, if it were modelled.
        cells: `Cells` of all rows.

    Raises:
        DataError: if it tells nothing, or holds what cannot be told.
    """
    if kind in TOLD:
        return kind
    if kind == "constant" or cells.sort not in ("number", "date", "text", "bool"):
        holds = "one value" if kind == "constant" else f"values of type {cells.sort}"
        raise DataError(
            f"column {name!r}: holds {holds}, which cannot be a condition; choose another condition"
        )
    if cells.sort == "date":
        return "date"
    has_own = cells.observed.nunique() == len(cells.observed)
    if cells.sort == "text" and has_own:
        raise DataError(
            f"column {name!r}: holds another text in each row, from which a model learns nothing; "
            f"choose another condition"
        )
    # the number of a thing is its name, unless each row has one of its own
    is_name = kind == "identifier" and not has_own
    return "categorical" if cells.sort != "number" or is_name else "real"


def told_values(columns: Iterable[Column], frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """What rows say of conditions.

    Args:
        columns: conditions, or the label.
        frame: of N rows, as `read_frame` gives it.

    Returns:
        Name -> (N,): names of classes, or float64 numbers, days since 1970-01-01 of dates.

    Raises:
        DataError: if a column is missing, a cell is empty, or does not fit its column: which, and
            what was expected.
    """
    told = {}
    for column in columns:
        if column.name not in frame:
            raise DataError(
                f"column {column.name!r} is missing, which the model takes as a condition; "
                f"give it, with a value in each row"
            )
        values, is_observed = encode_column(column.as_entry, frame[column.name])
        empty = np.flatnonzero(~is_observed)
        if len(empty):
            raise DataError(
                f"column {column.name!r}: {len(empty)} rows are empty, the first is row "
                f"{empty[0]}, and the model takes it as a condition; fill them in, or leave those "
                f"rows out"
            )
        names = np.array([str(value) for value in column.categories], object)
        told[column.name] = names[values.astype(int)] if _has_classes(column) else values
    return told


def told_cells(column: Column, value: float, count: int) -> pd.Series:
    """The way back: cells as the source stores them, the same in each row.

    Args:
        column: a condition, or the label.
        value: the code of its class, or a number, days since 1970-01-01 of a date.
        count: how many rows.
    """
    return decode_column(column.as_entry, np.full(count, value), np.zeros(count, bool))


def _has_classes(column: Column) -> bool:
    return column.as_entry.kind in LEVELS
