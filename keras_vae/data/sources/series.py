"""The rows of a table -> windows of its series."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from keras_vae.data.sources.source import Source
from keras_vae.data.tables.splits import in_order
from keras_vae.data.tables.windows import (
    SPLITS,
    Series,
    Windows,
    cut_windows,
    one_in_each,
    rows_in,
    series_of,
)
from keras_vae.errors import DataError

__all__ = ["windows_of"]

FEWEST = 2  # windows of a held-out split


def windows_of(rows: Source, frame: pd.DataFrame, window: int, stride: int) -> Source:
    """Windows of rows that are split already.

    Args:
        rows: `Source` of each row, with the schema of windows.
        frame: the same rows as they are in the table.
        window, stride: as for `cut_windows`.

    Returns:
        `Source`: x and mask float32 (N, window * C), step by step, masked where a cell is empty and
        where a window is padded; the number of a window is that of its first row.

    Raises:
        DataError: as `cut_windows`; if a held-out split has fewer than 2 windows, or if a label or
            a condition changes within a window.
    """
    assert rows.schema is not None  # of a table
    series = series_of(rows.schema, frame)
    splits = rows.splits or _in_time(series, len(frame), window)
    cut = cut_windows(series.rows, window, stride, splits)
    _check_splits(cut, window, splits)
    told = dict(rows.told)
    if rows.labels is not None:
        told[_label(rows)] = rows.labels
    for name, values in told.items():
        one_in_each(cut.rows, name, values)
    first, mask = cut.rows[:, 0], rows_in(cut.rows, rows.masks["x"])
    return rows._replace(
        x=rows_in(cut.rows, rows.x),
        masks={"x": mask},
        labels=None if rows.labels is None else rows.labels[first],
        rows=first,
        splits={split: np.flatnonzero(cut.splits == split) for split in SPLITS},
        reading=(*rows.reading, *_in_words(rows, cut, window, stride)),
        warnings=_warnings(series, cut, mask),
    )


def _in_time(series: Series, count: int, window: int) -> dict[str, np.ndarray]:
    """The rows of each split where no column tells: the last ones in time are held out."""
    place = np.empty(count, int)
    place[np.concatenate(series.rows)] = np.arange(count)
    return in_order(place, window - 1)


def _check_splits(cut: Windows, window: int, splits: Mapping[str, np.ndarray]) -> None:
    for split in SPLITS:
        count = int(np.sum(cut.splits == split))
        if count < FEWEST:
            rows = len(splits.get(split, ()))
            raise DataError(
                f"--window {window}: the {split} split has {rows} rows, in which there are {count} "
                f"windows; expected at least {FEWEST}: a shorter --window or --stride, or more rows"
            )


def _label(rows: Source) -> str:
    column = None if rows.schema is None else rows.schema.of_kind("label")
    return "label" if column is None else column.name


def _in_words(rows: Source, cut: Windows, window: int, stride: int) -> tuple[str, ...]:
    """What every protocol says of windows."""
    lines = [] if rows.splits else ["the last rows are the test split, those before it validation"]
    lines.append(f"windows of {window} rows, one every {stride}, cut after the split")
    if cut.gap:
        lines.append(f"{cut.gap} rows left out, {window - 1} where a split ends in a series")
    if stride < window:
        lines.append("windows share rows, so that a standard error is too small")
    return tuple(lines)


def _warnings(series: Series, cut: Windows, mask: np.ndarray) -> tuple[str, ...]:
    lines = []
    if series.holes:
        lines.append(
            f"by default, a row is a step: {series.holes} rows come later after the one before "
            f"than is usual; where rows are missing, put in rows of empty cells, which are masked"
        )
    if cut.padded:
        lines.append(
            f"by default, {cut.padded} series that are shorter than a window are padded; what is "
            f"padded is masked and not scored"
        )
    empty = np.flatnonzero(~mask.any(axis=1))
    if len(empty):
        lines.append(
            f"{len(empty)} windows hold nothing but gaps, the first begins with row "
            f"{cut.rows[empty[0], 0]}: their log p(x) is 0"
        )
    return tuple(lines)
