"""Rows: some rows of a table that a model is asked about, and the same with values filled in."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from keras_vae.aliases import Tell
from keras_vae.conditions import encode_conditions, recorded_conditions, unusual_conditions
from keras_vae.data.tables.described import named
from keras_vae.data.tables.frames import read_frame
from keras_vae.data.tables.schema import Schema
from keras_vae.data.tables.told import told_values
from keras_vae.errors import DataError

__all__ = ["Rows", "read_rows", "recorded_schema"]


@dataclass(frozen=True)
class Rows:
    """Rows as they came, and as a model takes them.

    Attributes:
        frame: `DataFrame`, as `read_frame` gives it.
        schema: `Schema` of the table that the model was trained on.
        x, mask: float32 (N, C), as `Schema.encode` gives them.
        condition: float32 (N, entries), what the model is told of each row; None if nothing.
    """

    frame: pd.DataFrame
    schema: Schema
    x: np.ndarray
    mask: np.ndarray
    condition: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def given(self) -> dict[str, np.ndarray]:
        """What a model is given."""
        told = {} if self.condition is None else {"condition": self.condition}
        return {"x": self.x, "mask": self.mask, **told}

    def filled(self, x: np.ndarray) -> pd.DataFrame:
        """The rows with their gaps filled in; all else is as it came, cell by cell.

        Args:
            x: (N, C): values for the gaps, as a model gives them.
        """
        filled, values = self.frame.copy(), self.schema.decode(x)
        for entry, column in enumerate(self.schema.modelled):
            gaps = self.mask[:, entry] == 0
            if gaps.any():
                filled[column.name] = _filled(filled[column.name], values[column.name], gaps)
        return filled


def _filled(cells: pd.Series, values: pd.Series, gaps: np.ndarray) -> pd.Series:
    if pd.api.types.is_string_dtype(cells.dtype):  # as of a .csv, whose cells are all text
        return cells.where(~gaps, values.astype(str))
    if pd.api.types.is_integer_dtype(values.dtype) and not cells[~gaps].empty:
        return cells.where(~gaps, values.astype(cells.dtype))
    return cells.where(~gaps, values)


def recorded_schema(record: Mapping[str, Any]) -> Schema:
    """The schema of the table that a run was trained on.

    Args:
        record: all of a run's `config.json`.

    Raises:
        DataError: if it was not trained on a table.
    """
    found = record["data"].get("schema")
    if found is None:
        raise DataError(
            f"the model was trained on {record['data']['name']}, which is not a table; this is for "
            f"models of tables"
        )
    return Schema.from_dict(found)


def read_rows(data: Any, record: Mapping[str, Any], warn: Tell = warnings.warn) -> Rows:
    """Reads rows of the table that a run was trained on.

    Args:
        data: as `read_frame` takes it.
        record: as for `recorded_schema`.
        warn: called with a line for each condition that is far outside of the training rows'.

    Raises:
        DataError: if the model is not one of a table, or the rows do not fit its schema, or lack
            what the model is told.
    """
    schema, conditions = recorded_schema(record), recorded_conditions(record)
    frame = read_frame(data)
    try:
        x, mask = schema.encode(frame)
        values = told_values([schema[condition.name] for condition in conditions], frame)
    except DataError as error:
        raise named(data, error) from error
    if not conditions:
        return Rows(frame, schema, x, mask)
    for line in unusual_conditions(conditions, values):
        warn(line)
    return Rows(frame, schema, x, mask, encode_conditions(conditions, values))
