"""Schema: the columns of a table; rows become arrays and arrays rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from keras_vae.data.tables import toml
from keras_vae.data.tables.column import Column
from keras_vae.data.tables.encode import codes_of, decode_column, encode_column
from keras_vae.errors import DataError

__all__ = ["Schema"]


@dataclass(frozen=True)
class Schema:
    """The columns of a table.

    Attributes:
        columns: all of them, in the order of the source.
        window: of windows of a series, how many rows an example has; None: an example is a row.

    Raises:
        DataError: if two have one name, or a task that only one can have.
    """

    columns: tuple[Column, ...]
    window: int | None = None

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(f"two columns are called {twice!r}; rename one of them")
        for kind in ("label", "split", "group", "order"):
            found = [column.name for column in self.columns if column.kind == kind]
            if len(found) > 1:
                raise DataError(
                    f"columns {' and '.join(map(repr, found))} are both of kind {kind}; choose one"
                )

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        names = ", ".join(column.name for column in self.columns)
        raise DataError(f"no column {name!r}; the table has {names}")

    @property
    def row_columns(self) -> tuple[Column, ...]:
        """The columns that are modelled of a row, in their order in the source."""
        return tuple(column for column in self.columns if column.is_modelled)

    @property
    def modelled(self) -> tuple[Column, ...]:
        """The columns that are entries of x, in their order there; of windows those of a row, step
        by step, `temperature[0]` the first."""
        if self.window is None:
            return self.row_columns
        return tuple(
            replace(column, name=f"{column.name}[{step}]")
            for step in range(self.window)
            for column in self.row_columns
        )

    @property
    def told(self) -> tuple[Column, ...]:
        """The columns that are conditions, in the order of the source."""
        return tuple(column for column in self.columns if column.kind == "condition")

    def of_kind(self, kind: str) -> Column | None:
        """The first column of a kind, such as the label; None without one."""
        return next((column for column in self.columns if column.kind == kind), None)

    def encode(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Rows as a model takes them.

        Args:
            frame: as `read_frame` gives it, with at least one row. Columns are found by name, in
                any order; those that are not modelled may be missing.

        Returns:
            (x, mask), each float32 (N, C), C the number of modelled columns of a row: values as
            stored, codes of categories, days since 1970-01-01 for dates, and 0 where missing; 1
            where observed and 0 where missing. Windows are made of such rows.

        Raises:
            DataError: if a modelled column is missing, there is one that the schema does not
                know, or a value does not fit its column: which, where, and what was expected.
        """
        self._check_names(frame)
        x = np.zeros((len(frame), len(self.row_columns)), "float32")
        mask = np.zeros_like(x)
        for entry, column in enumerate(self.row_columns):
            x[:, entry], mask[:, entry] = encode_column(column, frame[column.name])
        return x, mask

    def decode(self, x: np.ndarray, mask: np.ndarray | None = None) -> pd.DataFrame:
        """The way back: the modelled columns as the source stores them.

        Args:
            x: (N, C), as from `encode`, or drawn from a model: codes, counts and columns of whole
                numbers are rounded.
            mask: (N, C), 0 where there is no value; None: nowhere.

        Returns:
            `DataFrame` with the names and dtypes of the source. Where a dtype has no gaps, such as
            int64, and there are some, the nearest that has: Int64.
        """
        x = np.asarray(x, "float32")
        if x.ndim != 2 or x.shape[1] != len(self.modelled):
            raise DataError(
                f"x has shape {x.shape}; expected (N, {len(self.modelled)}), an entry for each "
                f"modelled column"
            )
        missing = np.zeros(x.shape, bool) if mask is None else np.asarray(mask) == 0
        return pd.DataFrame({
            column.name: decode_column(column, x[:, entry], missing[:, entry])
            for entry, column in enumerate(self.modelled)
        })  # fmt: skip

    def labels(self, frame: pd.DataFrame) -> np.ndarray | None:
        """int64 (N,) codes of the label's classes; None if there is no label, or not in these rows.

        Raises:
            DataError: if a class is unknown, or a label missing.
        """
        column = self.of_kind("label")
        if column is None or column.name not in frame:
            return None
        codes, missing = codes_of(column, frame[column.name])
        if missing.any():
            raise DataError(
                f"label column {column.name!r}: {missing.sum()} rows have no label, the first is "
                f"row {np.flatnonzero(missing)[0]}; fill them in, or leave those rows out"
            )
        return codes.astype("int64")

    def _check_names(self, frame: pd.DataFrame) -> None:
        known = {column.name for column in self.columns}
        missing = [column.name for column in self.row_columns if column.name not in frame]
        extra = [name for name in frame if name not in known]
        if missing or extra:
            found = [f"column {missing[0]!r} is missing"] if missing else []
            found += [f"column {extra[0]!r} is not known"] if extra else []
            names = ", ".join(column.name for column in self.row_columns)
            raise DataError(f"{' and '.join(found)}; expected columns {names}, in any order")
        if not len(frame):
            raise DataError("there are no rows; expected at least one")

    def to_dict(self) -> dict[str, Any]:
        """What `json` can write."""
        window = {} if self.window is None else {"window": self.window}
        return {"columns": [column.to_dict() for column in self.columns], **window}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Schema":
        """The schema that `to_dict` wrote.

        Raises:
            DataError: if it is not one.
        """
        try:
            columns = tuple(Column(**column) for column in values["columns"])
            return cls(columns, values.get("window"))
        except (TypeError, KeyError) as error:
            raise DataError(f"not a schema of a table ({error})") from error

    def to_toml(self) -> str:
        """What `kvae schema` writes, to be read and corrected."""
        return toml.write(self.to_dict()["columns"])

    @classmethod
    def from_toml(cls, text: str) -> "Schema":
        """The schema that `to_toml` wrote, with every column.

        Raises:
            DataError: if it is not one, or names only some: that is a correction, for
                `infer_schema`.
        """
        return cls(tuple(Column(**column) for column in toml.read(text)))
