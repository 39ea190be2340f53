"""A table with its schema: inferred, and corrected by a file."""

import os
from collections.abc import Collection
from typing import Any

import pandas as pd

from keras_vae.data.tables import toml
from keras_vae.data.tables.arrays import read_series
from keras_vae.data.tables.frames import is_table, read_frame
from keras_vae.data.tables.infer import infer_schema
from keras_vae.data.tables.schema import Schema
from keras_vae.data.tables.told import told_columns
from keras_vae.errors import DataError

__all__ = ["named", "read_described"]


def read_described(
    data: Any,
    columns: Any = None,
    label_column: str | None = None,
    ignore: Collection[str] = (),
    split_column: str | None = None,
    split_by: str | None = None,
    split_order: str | None = None,
    condition: Collection[str] = (),
    is_series: bool = False,
) -> tuple[pd.DataFrame, Schema]:
    """Reads a table and what its columns are.

    Args:
        data: as for `read_frame`.
        columns: corrections of what is inferred: path of a `.toml` as `Schema.to_toml` writes it,
            or dictionaries as it holds them; or the whole `Schema` of other rows, which is taken as
            it is, so that these are read as those.
        label_column, ignore, split_column, split_by, split_order, condition: as for
            `infer_schema`; a whole `Schema` says so itself.
        is_series: whether data may be what `read_series` takes.

    Raises:
        DataError: in one line, with the name of the table or the file.
    """
    frame = read_series(data) if is_series else read_frame(data)
    if isinstance(columns, (str, os.PathLike)):
        columns = toml.read_file(columns)
    if isinstance(columns, Schema):
        return frame, columns
    told = told_columns(condition, label_column)
    try:
        schema = infer_schema(
            frame, columns, label_column, ignore, split_column, split_by, split_order, told
        )
    except DataError as error:
        raise named(data, error) from error
    return frame, schema


def named(data: Any, error: DataError) -> DataError:
    """An error of rows or columns with the name of their table."""
    in_memory = "the DataFrame" if is_table(data) else "the array"
    name = os.fspath(data) if isinstance(data, (str, os.PathLike)) else in_memory
    return DataError(f"{name}: {error}")
