"""A table -> `Source`: rows by their schema, or windows of them, and the splits that a column
tells."""

import os
from collections.abc import Mapping
from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from keras_vae.data.examples import SPLIT_SEED
from keras_vae.data.sources.series import windows_of
from keras_vae.data.sources.source import Source
from keras_vae.data.tables import Schema, is_table, read_described, read_frame
from keras_vae.data.tables.described import named
from keras_vae.data.tables.gaps import is_gap
from keras_vae.data.tables.splits import described_split, split_rows
from keras_vae.data.tables.told import told_values
from keras_vae.errors import DataError

__all__ = ["has_schema", "read_table"]

REPEATED = 0.05  # of the rows, from which on an identifier numbers things of several rows


def has_schema(data: Any, options: Mapping[str, Any]) -> bool:
    """Whether data are read as a table with a schema: each file of one, and a DataFrame whose
    columns have names, which holds more than complete numbers, or of which something is said.

    Args:
        data: as for `load_data`.
        options: those of `read_table`.
    """
    if not is_table(data):
        return False
    if isinstance(data, (str, os.PathLike)) or any(options.values()):
        return True
    # pandas.DataFrame(array) numbers its columns: an array still
    if not all(isinstance(name, Integral) for name in data.columns):
        return True
    frame = read_frame(data)
    is_number = all(pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes)
    return not is_number or bool(frame.isna().any(axis=None))


def read_table(
    data: Any, window: int | None = None, stride: int | None = None, **options: Any
) -> Source:
    """Reads a table.

    Args:
        data: as for `read_frame`; with a window as for `read_series`.
        window, stride: as for `load_data`.
        options: as for `read_described`.

    Raises:
        DataError: in one line, with the table's name.
    """
    frame, schema = read_described(data, is_series=window is not None, **options)
    try:
        if window is None:
            return _of_rows(schema, frame)
        if is_table(data) and schema.of_kind("order") is None:
            raise DataError(
                "--window: a table does not say the order of its rows; name the column of "
                "their times with --split-order"
            )
        rows = _of_rows(replace(schema, window=window), frame)
        return windows_of(rows, frame, window, window if stride is None else stride)
    except DataError as error:
        raise named(data, error) from error


def _of_rows(schema: Schema, frame: pd.DataFrame) -> Source:
    """Each row by itself, whatever the schema says of windows."""
    x, mask = schema.encode(frame)
    labels, splits = schema.labels(frame), split_rows(schema, frame, SPLIT_SEED)
    label = schema.of_kind("label")
    entries = f"{len(schema.row_columns)} columns of a table, values as stored"
    return Source(
        x,
        labels,
        class_names=None if labels is None or label is None else tuple(map(str, label.categories)),
        reading=(entries, *(described_split(schema) if splits else ())),
        warnings=(*_empty_rows(mask), *(() if splits else _told_apart(schema, frame))),
        is_known=True,
        masks={"x": mask},
        splits=splits,
        schema=schema,
        told=told_values(schema.told, frame),
    )


def _empty_rows(mask: np.ndarray) -> tuple[str, ...]:
    empty = np.flatnonzero(~mask.any(axis=1))
    if not len(empty):
        return ()
    return (
        f"{len(empty)} rows hold nothing but gaps, the first is row {empty[0]}: their log p(x) is "
        f"0",
    )


def _told_apart(schema: Schema, frame: pd.DataFrame) -> tuple[str, ...]:
    """What to warn of where rows of one thing fall into several splits by default."""
    lines = []
    for column in schema.columns:
        if column.kind != "identifier" or column.name not in frame:
            continue
        values = frame[column.name]
        shared = values.duplicated(keep=False) & ~is_gap(values, column.gaps)
        if shared.mean() > REPEATED:
            lines.append(
                f"by default, rows are split one by one, although {shared.sum()} of them share "
                f"their {column.name!r} with another row, which may be in another split; "
                f"--split-by {column.name!r} keeps them together"
            )
    return tuple(lines)
