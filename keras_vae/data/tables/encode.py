"""One column of a table -> numbers, checked against what is known of it; and back."""

import re
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from keras_vae.data.tables.column import LEVELS, Column
from keras_vae.data.tables.dates import days_of, from_days, parse_dates
from keras_vae.data.tables.gaps import is_gap, is_text, plain
from keras_vae.data.tables.numbers import parse_numbers, spell_numbers
from keras_vae.errors import DataError

__all__ = ["LARGEST_WHOLE", "codes_of", "decode_column", "encode_column"]

LARGEST_WHOLE = 2**24  # float32 holds every whole number up to it
LARGEST = 1e18  # its square is finite in float32
SHOWN = 8  # categories that an error lists


def encode_column(column: Column, values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Cells as a model takes them.

    Args:
        column: `Column` of a kind that is modelled.
        values: (N,) cells, of any dtype that `read_cells` takes.

    Returns:
        (float64 (N,): values as stored, codes of categories, days of dates, 0 at gaps;
        bool (N,): which are observed).

    Raises:
        DataError: with the column, the row, from 0, and the value.
    """
    values = plain(values)
    if column.kind in LEVELS:
        codes, missing = codes_of(column, values)
        return np.where(missing, 0.0, codes), ~missing
    missing = is_gap(values, column.gaps, among_numbers=True)
    numbers = (_days if column.kind == "date" else _numbers)(column, values)
    what = "a date" if column.kind == "date" else "a number"
    wrong = np.isnan(numbers) & ~missing
    if wrong.any():
        how = f" spelled as {column.form}" if column.form else ""
        _refuse(column, values, wrong, f"expected {what}{how}")
    numbers = np.where(missing, 0.0, numbers)
    _check_numbers(column, values, numbers, missing)
    return numbers, ~missing


def codes_of(column: Column, values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """(codes (N,) of categories, bool (N,) where they are missing)."""
    values, known = plain(values), column.categories
    are_numbers = not any(isinstance(value, (str, bool)) for value in known)
    missing = is_gap(values, column.gaps, known, are_numbers)
    if all(isinstance(value, str) for value in known):
        cells = values.map(_as_text) if not pd.api.types.is_string_dtype(values) else values
        if not set(cells[~missing]) <= set(known):
            cells = cells.astype(str).str.strip()
    elif all(isinstance(value, bool) for value in known):
        cells = values.map({True: True, False: False, "True": True, "False": False}, "ignore")
    else:
        cells = pd.Series(_numbers(column, values), values.index)
    codes = cells.map({value: code for code, value in enumerate(known)}).to_numpy("float64")
    wrong = np.isnan(codes) & ~missing
    if wrong.any():
        shown = ", ".join(map(str, known[:SHOWN])) + (", ..." if len(known) > SHOWN else "")
        _refuse(column, values, wrong, f"which is not one of its {len(known)} categories: {shown}")
    return codes, missing


def decode_column(column: Column, values: np.ndarray, missing: np.ndarray) -> pd.Series:
    """The way back: cells as the source stores them.

    Args:
        column: `Column` of a kind that is modelled.
        values: float32 (N,), as from `encode_column`; codes and whole numbers are rounded.
        missing: bool (N,), where there is no value.
    """
    dtype = column.dtype
    if column.kind in LEVELS:
        codes = np.clip(np.round(np.where(missing, 0, values)), 0, len(column.categories) - 1)
        cells = pd.Series(pd.Categorical.from_codes(
            np.where(missing, -1, codes).astype(int), list(column.categories),
            ordered=column.kind == "ordinal",
        ))  # fmt: skip
        return cells if dtype == "category" else _stored(cells.astype(object), dtype, missing)
    if column.kind == "date":
        days = np.where(missing, np.nan, values.astype("float64"))
        return from_days(days, column.form, dtype)
    if column.form:
        spelled = pd.Series(spell_numbers(values.astype("float32"), column.form))
        return spelled.mask(missing)
    # the shortest decimal number that float32 reads back: 0.1, not 0.10000000149
    numbers = values.astype("float32").astype(str).astype("float64")
    if "int" in dtype.lower() or column.kind == "count":
        numbers = np.clip(np.round(numbers), *_range(dtype))
    return _stored(pd.Series(numbers), dtype, missing)


def _stored(cells: pd.Series, dtype: str, missing: np.ndarray) -> pd.Series:
    """Cells of a dtype that can hold them and their gaps."""
    if missing.any() and dtype.startswith(("int", "uint")):
        dtype = dtype.replace("i", "I", 1).replace("u", "U", 1)  # Int64, which has gaps
    if missing.any() and dtype == "bool":
        dtype = "boolean"
    if dtype == "str":
        dtype = str(pd.Series(["text"]).dtype)  # object before pandas 3
    return cells.mask(missing).astype(dtype)


def _range(dtype: str) -> tuple[float, float]:
    """The lowest and the highest whole number that float64 and a dtype both hold."""
    whole = re.search(r"u?int(8|16|32|64)", dtype.lower())
    if whole is None:
        return -np.inf, np.inf
    limits = np.iinfo(whole[0])
    highest = float(limits.max)
    # of 64 bits, float64 rounds it up
    return float(limits.min), highest if highest <= limits.max else float(np.nextafter(highest, 0))


def _numbers(column: Column, values: pd.Series) -> np.ndarray:
    """float64 (N,), NaN at gaps and where cells are no numbers."""
    is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if not is_text(values) and not is_number:
        return np.full(len(values), np.nan)
    if is_text(values):
        texts = pd.Series([str(value).strip() for value in values], values.index, object)
        numbers = parse_numbers(texts, column.form)
        if column.form:  # typed already
            plainly = parse_numbers(texts, "")
            numbers = np.where(np.isnan(numbers), plainly, numbers)
        return numbers
    return values.to_numpy("float64", na_value=np.nan)


def _days(column: Column, values: pd.Series) -> np.ndarray:
    """Days since 1970-01-01, float64 (N,), NaN at gaps and where cells are no dates."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return days_of(values)
    if column.form and not column.dtype.startswith("datetime64"):
        if pd.api.types.is_numeric_dtype(values):
            values = values.astype("Int64")
        return parse_dates(values.astype(str).str.strip(), column.form)
    if pd.api.types.is_numeric_dtype(values):  # of pandas: nanoseconds
        return np.full(len(values), np.nan)
    return days_of(pd.to_datetime(values.astype(object), format="ISO8601", errors="coerce"))


def _check_numbers(
    column: Column, values: pd.Series, numbers: np.ndarray, missing: np.ndarray
) -> None:
    """Refuses what the kind, or float32, cannot hold."""
    wrong = np.isinf(numbers)
    if wrong.any():
        _refuse(column, values, wrong, "expected a finite number, or an empty cell")
    wrong = np.abs(numbers) > LARGEST
    if wrong.any():
        _refuse(
            column, values, wrong, f"expected numbers up to {LARGEST:g}; give it in other units"
        )
    if column.kind == "positive":
        wrong = (numbers <= 0) & ~missing
        if wrong.any():
            _refuse(column, values, wrong, "expected a number above 0, or kind real")
    if column.kind == "count":
        wrong = (numbers < 0) | (numbers % 1 != 0)
        if wrong.any():
            _refuse(column, values, wrong, "expected a whole number from 0, or kind real")
        wrong = numbers > LARGEST_WHOLE
        if wrong.any():
            _refuse(
                column, values, wrong,
                f"above {LARGEST_WHOLE}, which float32 rounds; expected kind positive",
            )  # fmt: skip


def _refuse(column: Column, values: pd.Series, wrong: np.ndarray, expected: str) -> NoReturn:
    row = int(np.flatnonzero(wrong)[0])
    which = f"{row} and {wrong.sum() - 1} more rows hold" if wrong.sum() > 1 else f"{row} holds"
    value = values.iloc[row]
    shown = repr(value.item() if hasattr(value, "item") else value)[:60]
    raise DataError(f"column {column.name!r}: row {which} {shown}, {expected}")


def _as_text(value: Any) -> Any:
    """A cell as text where a whole number stands for one: 1.0 as "1"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)
