"""The cells of one column before anything is known of it: are they numbers, dates or text?"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from keras_vae.data.tables.dates import WHOLE_DAYS, date_form, days_of, parse_dates
from keras_vae.data.tables.gaps import is_gap, is_text, plain
from keras_vae.data.tables.numbers import number_form, parse_numbers

__all__ = ["Cells", "read_cells"]

WHOLE = re.compile(r"[-+]?\d{1,18}")
TOO_LONG = re.compile(r"[-+]?\d{19,}")


@dataclass(frozen=True)
class Cells:
    """The cells of one column.

    Attributes:
        sort: `"number"`, `"date"`, `"text"`, `"bool"`, or what else they are, such as `"list"`.
        values: (N,) float64: numbers, or days since 1970-01-01; NaN at gaps. None of others.
        observed: pd.Series (n,) of the values that are there, whole numbers exact.
        missing: (N,) bool.
        dtype: name of the pandas dtype that `observed` is written back as.
        form: as that of `Column`; of times that are all midnight, that of days.
        levels: the values in order, where the source says that they have one.
    """

    sort: str
    values: np.ndarray | None
    observed: pd.Series
    missing: np.ndarray
    dtype: str
    form: str = ""
    levels: tuple[Any, ...] = ()


def read_cells(
    column: pd.Series, gaps: Collection[Any] = (), kept: Collection[Any] = (), form: str = ""
) -> Cells:
    """Reads a column; texts that all spell a number, or a date, are taken as such.

    Args:
        column: (N,) of any dtype.
        gaps, kept: as for `is_gap`.
        form: how numbers or dates are spelled, where that is known; `""`: to be found out.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        known, is_ordered = column.cat.remove_unused_categories().cat.categories, column.cat.ordered
        inside = read_cells(plain(column), gaps, [*kept, *known], form)
        levels = tuple(known.tolist()) if is_ordered and len(known) > 1 else ()
        return replace(inside, dtype="category", levels=levels)
    dtype, column = str(column.dtype), plain(column)
    missing = is_gap(column, gaps, kept)
    there = column[~missing]
    if pd.api.types.is_bool_dtype(there.infer_objects()) and len(there):
        return Cells("bool", None, there.astype(bool), missing, dtype)
    if pd.api.types.is_datetime64_any_dtype(column):
        return _of_times(column, missing, dtype)
    if pd.api.types.is_timedelta64_dtype(column) or pd.api.types.is_complex_dtype(column):
        return Cells(str(column.dtype), None, there, missing, dtype)
    if not is_text(column):
        values = column.mask(missing).to_numpy("float64", na_value=np.nan)
        return _days_as_digits(Cells("number", values, there, missing, dtype))
    return _of_objects(column, missing, gaps, kept, dtype, form)


def _of_objects(
    column: pd.Series,
    missing: np.ndarray,
    gaps: Collection[Any],
    kept: Collection[Any],
    dtype: str,
    form: str,
) -> Cells:
    """Cells that may be anything."""
    there = column[~missing]
    found = there.map(type).unique() if column.dtype == object else [str]
    if any(issubclass(sort, (list, dict, set, tuple, np.ndarray, bytes)) for sort in found):
        return Cells(found[0].__name__, None, there, missing, dtype)
    if all(hasattr(sort, "toordinal") for sort in found) and len(found):
        times = pd.to_datetime(column.where(~missing))
        return _of_times(times, missing, str(times.dtype))
    texts = pd.Series([str(value).strip() for value in column], column.index, object)
    among_numbers = is_gap(column, gaps, kept, among_numbers=True)
    spelled = texts[~among_numbers]
    if not len(spelled):
        return Cells("text", None, there.astype(str), missing, dtype)
    values = np.full(len(column), np.nan)
    numbers = form if form and "%Y" not in form and "%y" not in form else None
    if not form:
        numbers = number_form(spelled)
    if numbers is not None:
        values[~among_numbers] = parse_numbers(spelled, numbers)
        exact, stored = _typed(spelled, values[~among_numbers], bool(among_numbers.any()), numbers)
        return _days_as_digits(Cells("number", values, exact, among_numbers, stored, numbers))
    dates = form or date_form(spelled)
    if dates is not None:
        values[~among_numbers] = parse_dates(spelled, dates)
        return Cells("date", values, spelled, among_numbers, "str", dates)
    # spaces at the end of a cell make no other value, unless the source names its categories
    words = there.astype(str) if len(kept) else texts[~missing]
    return Cells("text", None, words, missing, "str" if dtype == "object" else dtype)


def _of_times(column: pd.Series, missing: np.ndarray, dtype: str) -> Cells:
    """Cells of a dtype of times."""
    days = days_of(column.mask(missing))
    form = WHOLE_DAYS if (days[~missing] % 1 == 0).all() else ""
    return Cells("date", days, column[~missing], missing, dtype, form)


def _typed(
    texts: pd.Series, values: np.ndarray, has_gaps: bool, form: str
) -> tuple[pd.Series, str]:
    """Numbers that are spelled as text with the dtype that writes them so."""
    if np.isfinite(values).all() and (values % 1 == 0).all():
        if not form and all(map(WHOLE.fullmatch, texts)):
            return texts.astype("int64"), "Int64" if has_gaps else "int64"
        if any(map(TOO_LONG.fullmatch, texts)):
            return texts, "str"  # more than 64 bits can hold; every digit kept
    return pd.Series(values, texts.index), "str" if form else "float64"


def _days_as_digits(cells: Cells) -> Cells:
    """Dates, where all numbers are such as 20200131."""
    numbers = cells.values[~cells.missing] if cells.values is not None else np.zeros(0)
    is_inside = (numbers >= 1800_01_01) & (numbers <= 2200_12_31)
    if not len(numbers) or not is_inside.all() or (numbers % 1).any() or cells.form:
        return cells
    days = parse_dates(pd.Series(numbers.astype("int64").astype(str)), "%Y%m%d")
    if np.isnan(days).any():
        return cells
    values = np.full(len(cells.missing), np.nan)
    values[~cells.missing] = days
    return replace(cells, sort="date", values=values, form="%Y%m%d")
