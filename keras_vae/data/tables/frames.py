"""A file or a table of another package -> pandas DataFrame."""

import contextlib
import csv
import os
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.io.common import get_handle

from keras_vae.errors import DataError, first_line
from keras_vae.files.paths import PACKED, check_table, is_table_path

__all__ = ["is_table", "read_frame"]

NUMBERS_IN_HEADER = 0.5  # a header of more numbers than this is a row


def is_table(data: Any) -> bool:
    """Whether it is a file or a DataFrame that `read_frame` reads."""
    if isinstance(data, (str, os.PathLike)):
        return is_table_path(data)
    return isinstance(data, pd.DataFrame) or _is_polars(data)


def read_frame(data: Any) -> pd.DataFrame:
    """Reads a table.

    Args:
        data: path of a `.csv` or `.tsv` (also packed: `.csv.gz`) with a header, or of a
            `.parquet`, which needs pyarrow; or a DataFrame of pandas or polars.

    Returns:
        `DataFrame` with a fresh index and text as names of columns. All cells of a `.csv` are
        text, exactly as the file has them: what they mean is said by a `Schema`.

    Raises:
        DataError: if it cannot be read, has no header, no rows, or two columns of one name.
    """
    if isinstance(data, (str, os.PathLike)):
        name, frame = os.fspath(data), _read_path(Path(data))
    elif _is_polars(data):
        name = "the DataFrame"
        frame = pd.DataFrame({column.name: _pandas(column) for column in data.iter_columns()})
    elif isinstance(data, pd.DataFrame):
        name, frame = "the DataFrame", data.reset_index(drop=True)
    else:
        raise DataError(f"expected a table: a path or a DataFrame, got a {type(data).__name__}")
    if isinstance(frame.columns, pd.MultiIndex):
        raise DataError(f"{name}: has several rows of headers; give each column one name")
    frame = frame.set_axis([str(column) for column in frame.columns], axis=1)
    _refuse_two_of_a_name(name, frame.columns)
    if not len(frame.columns) or not len(frame):
        raise DataError(
            f"{name}: has {len(frame)} rows and {len(frame.columns)} columns; expected at least "
            f"one of each"
        )
    return frame


def _refuse_two_of_a_name(name: str, columns: Iterable[Hashable]) -> None:
    seen: set[Hashable] = set()
    for column in columns:
        if column in seen:
            raise DataError(f"{name}: two columns are called {column!r}; rename one of them")
        seen.add(column)


def _read_path(path: Path) -> pd.DataFrame:
    check_table(path)
    if path.suffix.lower() == ".parquet":
        return _read_parquet(path)
    try:
        return _read_text(path)
    except pd.errors.EmptyDataError:
        raise DataError(f"{path}: is empty; expected a header and rows") from None
    except DataError:
        raise
    except Exception as error:  # a damaged file ends in errors of many kinds
        raise DataError(
            f"{path}: cannot be read as a table ({first_line(error)}); expected text in UTF-8, a "
            f"header, and as many cells in each row"
        ) from error


def _read_text(path: Path) -> pd.DataFrame:
    with open(path, "rb") as file:
        if path.suffix not in PACKED and b"\0" in file.read(4096):
            raise DataError(
                f"{path}: holds bytes that are not text, or is in UTF-16; save it in UTF-8"
            )
    options: dict[str, Any] = {"encoding": "utf-8-sig", "dtype": str, "na_filter": False}
    first: dict[str, Any] = {**options, "header": None, "nrows": 1}
    line = pd.read_csv(path, sep="\x01", quoting=csv.QUOTE_NONE, **first).iloc[0, 0]
    separator = max(",;\t|", key=line.count)
    header = pd.read_csv(path, sep=separator, **first).iloc[0]
    names = [name.strip() or f"Unnamed: {number}" for number, name in enumerate(header)]
    _check_header(path, names)
    if len(names) == 1 and len(names[0].split()) > 2:
        raise DataError(
            f"{path}: its header is one name, {names[0][:40]!r}; expected names divided by commas, "
            f"semicolons, tabs or bars"
        )
    _refuse_two_of_a_name(str(path), names)
    frame = pd.read_csv(
        path,
        sep=separator,
        header=0,
        names=names,
        skipinitialspace=True,
        skip_blank_lines=len(names) > 1,
        **options,
    )
    if not isinstance(frame.index, pd.RangeIndex):
        raise DataError(
            f"{path}: rows have more cells than the {len(names)} names of the header; name every "
            f"column"
        )
    if len(names) > 1 and (frame[names[-1]] == "").any():
        _refuse_short_rows(path, separator, len(names))
    frame.attrs["separator"] = separator  # what is filled in is written back with it
    return frame


def _refuse_short_rows(path: Path, separator: str, columns: int) -> None:
    """Refuses what pandas fills up: the end of a file that was cut short would be gaps."""
    with get_handle(path, "r", encoding="utf-8-sig", compression="infer") as file:
        lines = csv.reader(file.handle, delimiter=separator, skipinitialspace=True)
        rows = (cells for cells in lines if any(cells) or len(cells) > 1)  # not blank lines
        with contextlib.suppress(csv.Error):  # a cell that is larger than it takes
            for row, cells in enumerate(rows, -1):
                if len(cells) < columns:
                    raise DataError(
                        f"{path}: row {row} has {len(cells)} cells, the header {columns} names; "
                        f"was the file cut short? Write empty cells out"
                    )


def _check_header(path: Path, names: list[str]) -> None:
    """Refuses a first row of numbers; numbers that rise, such as years, may be names."""
    numbers = pd.to_numeric(pd.Series(names), errors="coerce").dropna()
    is_rising = numbers.is_monotonic_increasing and numbers.is_unique and (numbers % 1 == 0).all()
    if len(numbers) > NUMBERS_IN_HEADER * len(names) and not (is_rising and len(numbers) > 1):
        raise DataError(
            f"{path}: its first row holds numbers ({', '.join(names[:3])}); expected a header, the "
            f"names of the columns"
        )


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return _parquet_frame(path)
    except Exception as error:  # a damaged file ends in errors of many kinds
        raise DataError(f"{path}: not a .parquet file, or damaged ({first_line(error)})") from error


def _parquet_frame(path: Path) -> pd.DataFrame:
    from pyarrow import parquet, types

    frame = pd.read_parquet(path, engine="pyarrow").reset_index(drop=True)
    # with gaps, pandas makes whole numbers float64, which rounds them, and truth values objects
    of_its_own = [name for name in frame if isinstance(frame[name].dtype, np.dtype)]
    with_gaps = [
        field.name
        for field in parquet.read_schema(path)
        if (types.is_integer(field.type) or types.is_boolean(field.type))
        and field.name in of_its_own
        and frame[field.name].isna().any()
    ]
    if with_gaps:
        exact = pd.read_parquet(path, columns=with_gaps, dtype_backend="numpy_nullable")
        frame[with_gaps] = exact[with_gaps].reset_index(drop=True)
    return frame


def _is_polars(data: Any) -> bool:
    return type(data).__module__.split(".")[0] == "polars" and hasattr(data, "iter_columns")


def _pandas(column: Any) -> pd.Series:
    """A column of polars, without pyarrow, which its own conversion needs."""
    if column.dtype.is_integer() and column.null_count():
        return pd.Series(pd.array(column.to_list(), dtype="Int64"))
    if type(column.dtype).__name__ == "Boolean" and column.null_count():
        return pd.Series(pd.array(column.to_list(), dtype="boolean"))
    if column.dtype.is_numeric():
        return pd.Series(np.array(column.to_numpy()))
    if type(column.dtype).__name__ == "Enum":
        levels = column.dtype.categories.to_list()
        return pd.Series(pd.Categorical(column.to_list(), categories=levels, ordered=True))
    return pd.Series(column.to_list())
