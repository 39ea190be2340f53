"""A table -> `Source`: rows by their schema, and the splits that a column tells."""

import os
from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from keras_vae.data.examples import SPLIT_SEED
from keras_vae.data.sources.source import Source
from keras_vae.data.tables import Schema, is_table, read_described, read_frame
from keras_vae.data.tables.described import named
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


def read_table(data: Any, **options: Any) -> Source:
    """Reads a table.

    Args:
        data: as for `read_frame`.
        options: as for `read_described`.

    Raises:
        DataError: in one line, with the table's name.
    """
    frame, schema = read_described(data, **options)
    try:
        x, mask = schema.encode(frame)
        labels, splits = schema.labels(frame), split_rows(schema, frame, SPLIT_SEED)
        told = told_values(schema.told, frame)
    except DataError as error:
        raise named(data, error) from error
    label = schema.of_kind("label")
    entries = f"{len(schema.modelled)} columns of a table, values as stored"
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
        told=told,
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
        shared = values.duplicated(keep=False) & values.notna()
        if shared.mean() > REPEATED:
            lines.append(
                f"by default, rows are split one by one, although {shared.sum()} of them share "
                f"their {column.name!r} with another row, which may be in another split; "
                f"--split-by {column.name!r} keeps them together"
            )
    return tuple(lines)
