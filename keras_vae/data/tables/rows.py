"""Rows: some rows of a table that a model is asked about, and the same with values filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from keras_vae.data.tables.frames import read_frame
from keras_vae.data.tables.schema import Schema
from keras_vae.errors import DataError

__all__ = ["Rows", "read_rows", "recorded_schema"]


@dataclass(frozen=True)
class Rows:
    """Rows as they came, and as a model takes them.

    Attributes:
        frame: `DataFrame`, as `read_frame` gives it.
        schema: `Schema` of the table that the model was trained on.
        x, mask: float32 (N, C), as `Schema.encode` gives them.
    """

    frame: pd.DataFrame
    schema: Schema
    x: np.ndarray
    mask: np.ndarray

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def given(self) -> dict[str, np.ndarray]:
        """What a model is given."""
        return {"x": self.x, "mask": self.mask}

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


def read_rows(data: Any, record: Mapping[str, Any]) -> Rows:
    """Reads rows of the table that a run was trained on.

    Args:
        data: as `read_frame` takes it.
        record: as for `recorded_schema`.

    Raises:
        DataError: if the model is not one of a table, or the rows do not fit its schema.
    """
    schema = recorded_schema(record)
    frame = read_frame(data)
    return Rows(frame, schema, *schema.encode(frame))
