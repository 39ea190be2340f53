"""Which cells of a table are empty."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["TEXTS", "is_gap", "is_text", "plain"]

# Texts that stand for a missing value: those of pandas.read_csv, in any case, and "?"; so "NA" of
# R and "NULL" of SQL, unless they are named as categories. But not "None", which pandas takes for
# one: among texts it most often means that there is none, and Python writes its None as "".
TEXTS = frozenset((
    "", "na", "n/a", "nan", "-nan", "null", "<na>", "nat", "?",
    "#n/a", "#na", "#n/a n/a", "#null!", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan",
))  # fmt: skip
# The same where all other cells are numbers or dates.
AMONG_NUMBERS = frozenset(("-", "--", ".", "..", "*", "none", "missing", "unknown"))


def plain(values: pd.Series) -> pd.Series:
    """Cells as themselves: not as codes of categories, and text as Python's own."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        kind = values.cat.categories.dtype
        if pd.api.types.is_integer_dtype(kind) and values.isna().any():
            kind = pd.UInt64Dtype() if kind.kind == "u" else pd.Int64Dtype()  # which have gaps
        values = values.astype(kind)
    return values.astype(object) if pd.api.types.is_string_dtype(values) else values


def is_text(values: pd.Series) -> bool:
    """Whether cells may be text."""
    return pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values)


def is_gap(
    values: pd.Series,
    gaps: Collection[Any] = (),
    kept: Collection[Any] = (),
    among_numbers: bool = False,
) -> np.ndarray:
    """Which cells are missing.

    Args:
        values: (N,) of any dtype but codes of categories.
        gaps: more values that mean a gap.
        kept: values that do not, although they look so: the categories of a column.
        among_numbers: whether the other cells are numbers or dates.

    Returns:
        (N,) bool.
    """
    missing = values.isna().to_numpy(copy=True)
    if len(gaps):
        missing |= values.isin(list(gaps)).to_numpy()
    if is_text(values):
        named, not_gaps = {str(gap) for gap in gaps}, {str(value) for value in kept}
        known = TEXTS | AMONG_NUMBERS if among_numbers else TEXTS
        told = [
            value
            for value in {value for value in values.to_numpy()[~missing] if isinstance(value, str)}
            if (text := value.strip()) in named or (text.lower() in known and text not in not_gaps)
        ]
        missing |= values.isin(told).to_numpy()
    return missing
