"""A table -> `Source`: rows by their schema, and the splits that a column tells."""

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from keras_vae.aliases import PathLike
from keras_vae.data.examples import SPLIT_SEED
from keras_vae.data.sources.source import Source
from keras_vae.data.tables import Schema, infer_schema, is_table, read_frame, toml
from keras_vae.data.tables.splits import described_split, split_rows
from keras_vae.errors import DataError

__all__ = ["has_schema", "read_table"]


def has_schema(data: Any, options: Mapping[str, Any]) -> bool:
    """Whether data are read as a table with a schema: each file of one, and a DataFrame that holds
    more than complete numbers, or of which something is said.

    Args:
        data: as for `load_data`.
        options: those of `read_table`.
    """
    if not is_table(data):
        return False
    if isinstance(data, (str, os.PathLike)) or any(options.values()):
        return True
    frame = read_frame(data)
    is_number = all(pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes)
    return not is_number or bool(frame.isna().any(axis=None))


def read_table(
    data: Any,
    columns: Any = None,
    label_column: str | None = None,
    ignore: Collection[str] = (),
    split_column: str | None = None,
    split_by: str | None = None,
    split_order: str | None = None,
) -> Source:
    """Reads a table.

    Args:
        data: as for `read_frame`.
        columns: corrections of what is inferred: path of a `.toml` as `kvae schema` writes it, or
            dictionaries as it holds them; or the whole `Schema` of other rows, which is taken as it
            is, so that these are read as those.
        label_column, ignore, split_column, split_by, split_order: as for `infer_schema`.

    Raises:
        DataError: in one line, with the table's name.
    """
    name = str(data) if isinstance(data, (str, os.PathLike)) else "the DataFrame"
    frame = read_frame(data)
    options = label_column, ignore, split_column, split_by, split_order
    corrections = _corrections(columns)
    try:
        if isinstance(corrections, Schema):
            schema = corrections
        else:
            schema = infer_schema(frame, corrections, *options)
        x, mask = schema.encode(frame)
        label, splits = schema.of_kind("label"), split_rows(schema, frame, SPLIT_SEED)
        labels = schema.labels(frame)
    except DataError as error:
        raise DataError(f"{name}: {error}") from error
    empty = np.flatnonzero(~mask.any(axis=1))
    warnings = ()
    if len(empty):
        warnings = (
            f"{name}: {len(empty)} rows hold nothing but gaps, the first is row {empty[0]}; their "
            f"log p(x) is 0",
        )
    entries = f"{len(schema.modelled)} columns of a table, values as stored"
    return Source(
        x,
        labels,
        class_names=None if labels is None or label is None else tuple(map(str, label.categories)),
        reading=(entries, *(described_split(schema) if splits else ())),
        warnings=warnings,
        is_known=True,
        masks={"x": mask},
        splits=splits,
        schema=schema,
    )


def _corrections(columns: Any) -> Sequence[Mapping[str, Any]] | Schema | None:
    if not isinstance(columns, (str, os.PathLike)):
        return columns
    return read_corrections(columns)


def read_corrections(path: PathLike) -> list[dict[str, Any]]:
    """The columns that a `.toml` names.

    Raises:
        DataError: if it cannot be read, with its name.
    """
    try:
        return toml.read(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be read ({reason}); kvae schema writes one") from error
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
