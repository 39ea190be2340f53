"""Rows: some rows of a table that a model is asked about, and the same with values filled in."""

import datetime
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from keras_vae.aliases import Tell
from keras_vae.conditions import encode_conditions, recorded_conditions, unusual_conditions
from keras_vae.data.tables.arrays import read_series
from keras_vae.data.tables.described import named
from keras_vae.data.tables.frames import read_frame
from keras_vae.data.tables.gaps import is_gap, is_text, plain
from keras_vae.data.tables.schema import Schema
from keras_vae.data.tables.told import told_values
from keras_vae.data.tables.windows import cut_windows, one_in_each, rows_in, series_of
from keras_vae.errors import DataError

__all__ = ["Rows", "read_rows", "recorded_schema"]

# Type of the Python objects of a column -> one of them, of what its dtype in pandas holds.
OBJECTS: dict[type, Callable[[Any], Any]] = {
    datetime.date: lambda time: time.date(),
    datetime.datetime: lambda time: time.to_pydatetime(),
    Decimal: lambda number: Decimal(str(number)),
}


@dataclass(frozen=True)
class Rows:
    """Rows as they came, and as a model takes them: one by one, or in windows.

    Attributes:
        frame: `DataFrame`, as `read_frame` gives it.
        schema: `Schema` of the table that the model was trained on.
        x, mask: float32 (N, C), an entry for each of `Schema.modelled`.
        condition: float32 (N, entries), what the model is told of each; None if nothing.
        first: int (N,), the number of the row in `frame`, of a window of its first row; None: 0 to
            N - 1.
        index: of the pandas DataFrame that they came in, which rows that are filled in keep; or
            None.
    """

    frame: pd.DataFrame
    schema: Schema
    x: np.ndarray
    mask: np.ndarray
    condition: np.ndarray | None = None
    first: np.ndarray | None = None
    index: pd.Index | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def place(self) -> dict[str, np.ndarray]:
        """Where each is in the table: `row`, and of a window the group and the time of its first
        row, under their own names."""
        first = np.arange(len(self)) if self.first is None else self.first
        columns = [] if self.first is None else map(self.schema.of_kind, ("group", "order"))
        names = [c.name for c in columns if c is not None and c.name in self.frame]
        return {"row": first, **{name: self.frame[name].to_numpy()[first] for name in names}}

    @property
    def labels(self) -> np.ndarray | None:
        """int64 (N,), as `Schema.labels`, of a window that of its first row."""
        labels = self.schema.labels(self.frame)
        return labels if labels is None or self.first is None else labels[self.first]

    def check_single(self) -> None:
        """Refuses windows, where a row is to be changed: several may hold it.

        Raises:
            DataError: if these are windows.
        """
        if self.first is not None:
            raise DataError(
                "the model is one of windows of a series, several of which may hold a row; only "
                "rows of a model of single rows are filled in"
            )

    @property
    def given(self) -> dict[str, np.ndarray]:
        """What a model is given."""
        told = {} if self.condition is None else {"condition": self.condition}
        return {"x": self.x, "mask": self.mask, **told}

    @property
    def gaps_left(self) -> int:
        """How many gaps `filled` does not fill: those of columns that are not modelled."""
        modelled = {column.name for column in self.schema.modelled}
        others = [name for name in self.frame if name not in modelled]
        return sum(int(is_gap(plain(self.frame[name])).sum()) for name in others)

    def filled(self, x: np.ndarray) -> pd.DataFrame:
        """The rows with their gaps filled in; all else is as it came, cell by cell.

        Args:
            x: (N, C): values for the gaps, as a model gives them.

        Raises:
            DataError: if these are windows.
        """
        self.check_single()
        filled, values = self.frame.copy(), self.schema.decode(x)
        for entry, column in enumerate(self.schema.modelled):
            gaps = self.mask[:, entry] == 0
            if gaps.any():
                filled[column.name] = _filled(filled[column.name], values[column.name], gaps)
        return filled if self.index is None else filled.set_axis(self.index)


def _filled(cells: pd.Series, values: pd.Series, gaps: np.ndarray) -> pd.Series:
    if isinstance(cells.dtype, pd.CategoricalDtype):  # these rows may lack some of the categories
        new = pd.Index(values[gaps].unique()).difference(cells.cat.categories, sort=False)
        return cells.cat.add_categories(new).where(~gaps, values.astype(object))
    if is_text(cells):
        return cells.where(~gaps, _as_objects(values, cells))
    if pd.api.types.is_integer_dtype(values.dtype) and not cells[~gaps].empty:
        return cells.where(~gaps, values.astype(cells.dtype))
    return cells.where(~gaps, values)


def _as_objects(values: pd.Series, cells: pd.Series) -> pd.Series:
    """Values as what the cells are that stand there: text, as in a `.csv`, or Python objects."""
    kinds = {type(cell) for cell in cells if isinstance(cell, str) or not pd.isna(cell)}
    if str in kinds or (not kinds and pd.api.types.is_string_dtype(cells)):
        return values.astype(str)
    kind = kinds.pop() if len(kinds) == 1 else object
    made = map(OBJECTS.get(kind, lambda value: value), values.astype(object))
    return pd.Series(list(made), values.index, object)


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
    frame = read_frame(data) if schema.window is None else read_series(data)
    first = None
    try:
        x, mask = schema.encode(frame)
        values = told_values([schema[condition.name] for condition in conditions], frame)
        if schema.window is not None:
            stride = record["config"]["stride"] or schema.window
            windows = cut_windows(series_of(schema, frame).rows, schema.window, stride).rows
            first, x, mask = windows[:, 0], rows_in(windows, x), rows_in(windows, mask)
            for name, told in values.items():
                one_in_each(windows, name, told)
            values = {name: told[first] for name, told in values.items()}
    except DataError as error:
        raise named(data, error) from error
    index = data.index if isinstance(data, pd.DataFrame) else None
    for line in unusual_conditions(conditions, values):
        warn(line)
    condition = encode_conditions(conditions, values) if conditions else None
    return Rows(frame, schema, x, mask, condition, first, index)
