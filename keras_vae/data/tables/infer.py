"""Which kind of column is it? Each answer with its reason."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from keras_vae.data.tables import kinds
from keras_vae.data.tables.cells import Cells, read_cells
from keras_vae.data.tables.column import LARGEST_CATEGORIES, LEVELS, MODELLED, Column
from keras_vae.data.tables.encode import decode_column, encode_column
from keras_vae.data.tables.gaps import plain
from keras_vae.data.tables.orders import in_order
from keras_vae.data.tables.schema import Schema
from keras_vae.data.tables.told import told_as
from keras_vae.errors import DataError

__all__ = ["infer_schema"]

SHOWN = 3  # columns that an error lists
LOOKED_AT = 100  # cells, by which it is seen whether a dtype holds them
# Pairs whose second is code 1: that something is there.
NO_AND_YES = (
    ("no", "yes"), ("n", "y"), ("false", "true"), ("f", "t"), ("off", "on"),
    ("negative", "positive"), ("absent", "present"), ("dead", "alive"),
)  # fmt: skip


def infer_schema(
    frame: pd.DataFrame,
    corrections: Sequence[Mapping[str, Any]] | Schema | None = None,
    label_column: str | None = None,
    ignore: Collection[str] = (),
    split_column: str | None = None,
    split_by: str | None = None,
    split_order: str | None = None,
    condition: Collection[str] = (),
) -> Schema:
    """The schema of a table: names and kinds, no figures of its values.

    Args:
        frame: as `read_frame` gives it, with all rows, so that each category is known.
        corrections: dictionaries with a `name` and what is to be different: `kind`, `categories` in
            their order, `gaps`; as `toml.read` gives them, or a `Schema`.
        label_column: the column whose values are the classes of the rows.
        ignore: columns to leave out.
        split_column, split_by, split_order: columns by which rows are split; see `splits`.
        condition: columns that a model is told of.

    Raises:
        DataError: if a named column does not exist or has two tasks, if a correction cannot hold,
            if a condition tells nothing, or if no column is left to model.
    """
    given = corrections.to_dict()["columns"] if isinstance(corrections, Schema) else corrections
    corrected = {str(column["name"]): column for column in given or ()}
    tasks: dict[str, str] = {}
    named: list[tuple[str | None, str]] = [(name, "ignored") for name in dict.fromkeys(ignore)]
    named += [(label_column, "label"), (split_column, "split")]
    named += [(split_by, "group"), (split_order, "order")]
    named += [(name, "condition") for name in condition]
    for name, kind in named:
        if name is not None and name in tasks:
            raise DataError(f"column {name!r} is to be both {tasks[name]} and {kind}; choose one")
        if name is not None:
            tasks[name] = kind
    for name in (*tasks, *corrected):
        if name not in frame:
            there = ", ".join(map(str, frame.columns))
            raise DataError(f"no column {name!r}; the table has {there}")
    columns = tuple(
        _column(name, frame[name], tasks.get(name), corrected.get(name, {})) for name in frame
    )
    if not any(column.is_modelled for column in columns):
        told = ", ".join(f"{column.name} is {column.kind}" for column in columns[:SHOWN])
        more = ", ..." if len(columns) > SHOWN else ""
        raise DataError(
            f"no column is left to model ({told}{more}; {len(frame)} rows); expected one at least "
            f"that is not left out and holds two different values. Of {columns[0].name}: "
            f"{columns[0].reason}"
        )
    return Schema(columns)


def _column(name: str, values: pd.Series, task: str | None, corrected: Mapping[str, Any]) -> Column:
    wished = corrected.get("categories", ())
    gaps = tuple(corrected.get("gaps", ()))
    try:
        cells = read_cells(values, gaps, wished, corrected.get("form", ""))
    except DataError as error:
        raise DataError(f"column {name!r}: {error}") from error
    kind, reason = kinds.kind_of(name, cells)
    missing = plain(values)[cells.missing]
    if len(missing) and kind != "constant":  # which tells of them by itself
        reason += f"; {len(missing)} {'gap' if len(missing) == 1 else 'gaps'}"
    reason += _spelled_gaps(missing)
    if (task or corrected.get("kind")) == "condition":
        return _condition(name, values, kind, corrected, cells)
    is_chosen = corrected.get("kind", kind) != kind
    if task is not None:
        kind, reason = task, f"chosen; by its values {kind}"
    elif is_chosen:
        kind, reason = corrected["kind"], f"chosen; by its values {kind}: {reason}"
    if kind in (*LEVELS, "label"):
        return _with_categories(Column(name, "ignored", gaps=gaps), kind, cells, wished, reason)
    dtype, is_modelled = corrected.get("dtype", cells.dtype), kind in MODELLED
    # dates and numbers are spelled in different ways
    is_other = is_modelled and (kind == "date") != (cells.sort == "date")
    form = "" if kind == "ignored" or is_other else cells.form
    column = Column(name, kind, tuple(wished) if is_modelled else (), dtype, reason, form, gaps)
    if is_modelled and is_chosen:
        _, is_observed = encode_column(column, values)  # it refuses what the kind cannot hold
        if not is_observed.any():
            raise DataError(
                f"column {name!r}: all cells are empty, and none can be modelled as {kind}; leave "
                f"the column out"
            )
    if is_modelled and "dtype" in corrected:
        _check_dtype(column, values.head(LOOKED_AT))
    return column


def _check_dtype(column: Column, values: pd.Series) -> None:
    """Refuses a dtype in which the values cannot be written back."""
    numbers, is_observed = encode_column(column, values)
    try:
        back, _ = encode_column(column, decode_column(column, numbers, ~is_observed))
    except (TypeError, ValueError):
        back = np.full(len(values), np.nan)
    if not np.allclose(back, numbers, rtol=1e-6):
        raise DataError(
            f"column {column.name!r}: dtype {column.dtype!r} does not hold its values; leave the "
            f"line out"
        )


def _condition(
    name: str, values: pd.Series, kind: str, corrected: Mapping[str, Any], cells: Cells
) -> Column:
    """The column as a condition: a number, a date, or one of several classes."""
    wished = corrected.get("kind", kind)
    wished = kind if wished == "condition" else wished
    told = corrected.get("values") or told_as(name, wished, cells)
    entry = _column(name, values, None, {**corrected, "kind": told, "values": ""})
    return replace(entry, kind="condition", values=told, reason=f"chosen; by its values {kind}")


def _spelled_gaps(missing: pd.Series) -> str:
    """Which texts were taken for gaps, where they are not just empty."""
    texts = missing.dropna().astype(str).str.strip()
    found = texts[texts != ""].value_counts()
    told = ", ".join(f"{text!r} ({times} times)" for text, times in found[:3].items())
    return f"; {told} taken for gaps" if told else ""


def _with_categories(
    column: Column, kind: str, cells: Cells, wished: Collection[Any], reason: str
) -> Column:
    """The column with its categories: the values that occur, or those that were named."""
    found = _values(cells)
    if kind == "ordinal" and not (wished or cells.levels):
        found = _ordered(column.name, found)
    if wished:
        unknown = [value for value in found if value not in wished]
        if unknown:
            raise DataError(
                f"column {column.name!r}: the categories that were given lack {unknown[0]!r}, "
                f"which it holds"
            )
    elif kind == "label" and len(found) > LARGEST_CATEGORIES:
        raise DataError(
            f"label column {column.name!r}: holds {len(found)} different values; a label is one of "
            f"at most {LARGEST_CATEGORIES} classes"
        )
    elif kind == "label" and (parts := [value for value in found if isinstance(value, float)]):
        raise DataError(
            f"label column {column.name!r}: holds numbers such as {parts[0]!r}; a label is a class"
        )
    return replace(
        column, kind=kind, categories=tuple(wished or found), dtype=cells.dtype, reason=reason
    )


def _ordered(name: str, values: list[Any]) -> list[Any]:
    """Values in the order that they have; refuses texts that have none but that of the alphabet."""
    if len(values) < 3 or not all(isinstance(value, str) for value in values):
        return values
    ordered = in_order(values)
    if ordered is None:
        raise DataError(
            f"column {name!r}: is ordinal, and the order of {', '.join(values[:3])} is not known; "
            f"give it: categories = [...], from the first to the last, or kind categorical"
        )
    return ordered


def _values(cells: Cells) -> list[Any]:
    """The different values as text, numbers or bool, which TOML can hold, in order."""
    if cells.levels:
        return [_native(value) for value in cells.levels]
    values = sorted({_native(value) for value in cells.observed.unique()})
    is_yes_first = tuple(str(value).lower() for value in reversed(values)) in NO_AND_YES
    return values[::-1] if is_yes_first else values


def _native(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (bool, int, float, str)) else str(value)
