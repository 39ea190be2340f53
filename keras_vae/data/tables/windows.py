"""Windows of a series: which rows each of them holds, cut after the rows were split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from keras_vae.data.tables.cells import Cells, read_cells
from keras_vae.data.tables.column import Column
from keras_vae.data.tables.schema import Schema
from keras_vae.errors import DataError

__all__ = ["PADDED", "Series", "Windows", "cut_windows", "one_in_each", "rows_in", "series_of"]

PADDED = -1  # the number of the row where a window has none
HOLE = 1.5  # of the usual time from one row to the next: a longer one is a hole
# A row whose split is later in this order is not given up for one that is earlier.
SPLITS = ("train", "validation", "test")


class Series(NamedTuple):
    """Rows in the order of their times.

    Attributes:
        rows: of each series the numbers of its rows, in order.
        holes: how often the next row comes later than usual.
    """

    rows: list[np.ndarray]
    holes: int = 0


@dataclass(frozen=True)
class Windows:
    """Windows of N times W rows.

    Attributes:
        rows: int (N, W), the numbers of the rows, `PADDED` behind the end of a short series.
        splits: (N,) the name of the split that all rows of a window are in.
        gap: how many rows are left out between splits.
        padded: how many series are shorter than a window.
    """

    rows: np.ndarray
    splits: np.ndarray
    gap: int
    padded: int

    def __len__(self) -> int:
        return len(self.rows)


def series_of(schema: Schema, frame: pd.DataFrame) -> Series:
    """The series in a table: the rows of each group, in the order of the column of times; all rows
    as they come where no column is either.

    Raises:
        DataError: if the column of times is missing, tells nothing of a row, has no order, or
            names two rows of one series the same; which.
    """
    rows = np.arange(len(frame))
    order, group = schema.of_kind("order"), schema.of_kind("group")
    if order is None:
        return Series([rows])
    if order.name not in frame:
        raise DataError(
            f"column {order.name!r} is missing, by which the rows of a window are in order"
        )
    times = _told_of_all(order, frame)
    if times.values is None or times.sort not in ("number", "date"):
        raise DataError(
            f"column {order.name!r}: holds {times.sort}, which has no order in time; expected "
            f"numbers or dates"
        )
    groups = np.zeros(len(frame), int)
    if group is not None and group.name in frame:
        groups, _ = pd.factorize(_told_of_all(group, frame).observed)
    rows = np.lexsort((times.values, groups))
    series = np.split(rows, np.flatnonzero(np.diff(groups[rows])) + 1)
    for each in series:
        twice = np.flatnonzero(np.diff(times.values[each]) == 0)
        if len(twice):
            first, second = each[twice[0]], each[twice[0] + 1]
            raise DataError(
                f"column {order.name!r}: rows {first} and {second} have the same time, "
                f"{frame[order.name].iloc[first]}; of several series in one table, name the column "
                f"that tells them apart with --split-by"
            )
    steps = np.concatenate([np.diff(times.values[each]) for each in series])
    usual = np.median(steps) if len(steps) else 0.0
    return Series(series, int(np.sum(steps > HOLE * usual)))


def cut_windows(
    series: Sequence[np.ndarray],
    window: int,
    stride: int,
    splits: Mapping[str, np.ndarray] | None = None,
) -> Windows:
    """Cuts windows of consecutive rows of one series and one split.

    Where a split ends within a series, `window - 1` rows are left out: of the training split, or of
    the validation split where the test split begins. Then no window, wherever it is put, holds rows
    of two splits: these are further apart than any two rows that the model sees together.

    Windows begin at multiples of the stride from the first row of their series, in all splits:
    where the stride is a day, all begin at one hour.

    A series that is shorter than a window is padded. A part of a longer series that is shorter than
    a window, and the rows before its first and behind its last one, are in none.

    Args:
        series: of each the numbers of its rows, in order.
        window: W, how many rows a window has.
        stride: how many rows after a window the next one begins.
        splits: the rows of each split; None: all are of one, which is called `"new"`.

    Raises:
        DataError: if window or stride is not a whole number of at least 1, or, where there are
            splits, no series is as long as a window.
    """
    for name, value in (("window", window), ("stride", stride)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise DataError(f"{name}={value!r}: expected a whole number of rows, at least 1")
    longest = max(map(len, series))
    if splits and longest < window:
        raise DataError(
            f"--window {window}: the longest series has {longest} rows; choose a window of "
            f"{longest} at most"
        )
    rank = np.zeros(sum(map(len, series)), int)
    for number, split in enumerate(SPLITS):
        rank[(splits or {}).get(split, [])] = number
    found, of_split, gap = [], [], 0
    for rows in series:
        kept = _apart(rank[rows], window - 1)
        gap += int(np.sum(kept == PADDED))
        for part in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(kept)) + 1):
            if kept[part[0]] == PADDED:
                continue
            numbers = rows[part]
            if len(rows) < window:
                numbers = np.pad(numbers, (0, window - len(part)), constant_values=PADDED)
            # the first multiple of the stride from the part's first row on
            starts = np.arange(-part[0] % stride, len(numbers) - window + 1, stride)
            found.append(numbers[starts[:, None] + np.arange(window)])
            of_split += [SPLITS[kept[part[0]]] if splits else "new"] * len(starts)
    short = sum(len(rows) < window for rows in series)
    return Windows(np.concatenate(found), np.array(of_split), gap, short)


def _apart(rank: np.ndarray, gap: int) -> np.ndarray:
    """The split of each row of a series, and `PADDED` where one that counts for more is within so
    many rows."""
    place, kept = np.arange(len(rank)), rank.copy()
    for of_split in range(1, len(SPLITS)):
        before = np.concatenate([[0], np.cumsum(rank >= of_split)])
        near = before[np.minimum(place + gap + 1, len(rank))] - before[np.maximum(place - gap, 0)]
        kept[(near > 0) & (rank < of_split)] = PADDED
    return kept


def rows_in(windows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """What rows hold, step by step: (rows, C) -> (N, W * C), 0 where a window is padded."""
    taken = np.where((windows == PADDED)[..., None], 0, values[windows])
    return taken.reshape(len(windows), -1).astype(values.dtype)


def one_in_each(windows: np.ndarray, name: str, values: np.ndarray) -> None:
    """Refuses what is told of a window if its rows differ in it.

    Raises:
        DataError: with the first two rows that do.
    """
    first = windows[:, :1]
    differs = (values[windows] != values[first]) & (windows != PADDED)
    if differs.any():
        window, step = np.argwhere(differs)[0]
        rows = windows[window, 0], windows[window, step]
        raise DataError(
            f"column {name!r}: rows {rows[0]} and {rows[1]} of one window hold "
            f"{values[rows[0]]} and {values[rows[1]]}, and a window has one label and one "
            f"condition; leave it as a column of x, or --ignore it"
        )


def _told_of_all(column: Column, frame: pd.DataFrame) -> Cells:
    cells = read_cells(frame[column.name], column.gaps)
    empty = np.flatnonzero(cells.missing)
    if len(empty):
        raise DataError(
            f"column {column.name!r}: {len(empty)} rows are empty, the first is row {empty[0]}; "
            f"each row of a series needs its time and its group"
        )
    return cells
