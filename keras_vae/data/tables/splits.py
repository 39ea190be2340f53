"""Which rows are trained on and which are held out, by what a column says of them."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from keras_vae.data.sources.own_splits import split_of_word
from keras_vae.data.tables.cells import Cells, read_cells
from keras_vae.data.tables.column import Column
from keras_vae.data.tables.schema import Schema
from keras_vae.errors import DataError

__all__ = ["described_split", "in_order", "split_rows"]

Rows = dict[str, np.ndarray]
HELD_OUT = 0.1  # of all rows, for validation and for test each


def split_rows(schema: Schema, frame: pd.DataFrame, seed: int) -> Rows | None:
    """The rows of each split, as a column of kind `"split"`, `"group"` or `"order"` tells them.

    Of windows, a column of times beside one of the others orders the rows and does not split them.

    Args:
        schema: `Schema`.
        frame: of all rows.
        seed: of the order in which groups are dealt.

    Returns:
        dict of split -> int (N_split,) of row numbers; None if no column tells, or the one that
        does is not in these rows. `"validation"` or `"test"` may be missing where rows name their
        split.

    Raises:
        DataError: if two columns tell, a row tells nothing, or too little is told for three splits.
    """
    told = _telling(schema)
    if len(told) > 1:
        raise DataError(
            f"columns {' and '.join(repr(column.name) for column in told)} both say how to split; "
            f"choose one of split-column, split-by and split-order"
        )
    if not told or told[0].name not in frame:
        return None
    name = told[0].name
    cells = read_cells(frame[name], told[0].gaps)
    empty = np.flatnonzero(cells.missing)
    if len(empty):
        raise DataError(
            f"column {name!r}: {len(empty)} rows are empty, the first is row {empty[0]}; each row "
            f"needs a value that says into which split it goes"
        )
    if told[0].kind == "order":
        return _by_order(name, cells, _gap(schema))
    return RULES[told[0].kind](name, cells, seed)


def described_split(schema: Schema) -> tuple[str, ...]:
    """How rows were split, in words, for every protocol; empty by default."""
    words = {
        "split": "split as column {} says",
        "group": "rows of one {} in one split",
        "order": "the last tenth by {} is the test split, the tenth before it the validation split",
    }
    return tuple(words[column.kind].format(column.name) for column in _telling(schema))


def _telling(schema: Schema) -> list[Column]:
    """The columns that tell how rows are split."""
    kinds = (*RULES, "order")
    told = [column for kind in kinds if (column := schema.of_kind(kind)) is not None]
    return told[:-1] if schema.window is not None and len(told) > 1 else told


def _gap(schema: Schema) -> int:
    """How many rows windows leave out where a split ends."""
    return 0 if schema.window is None else schema.window - 1


def _by_name(name: str, cells: Cells, seed: int) -> Rows:
    """train, validation and test as rows name them."""
    values = cells.observed
    splits = values.map(lambda value: split_of_word(str(value).strip()))
    unknown = splits.isna().to_numpy()
    if unknown.any():
        row = np.flatnonzero(unknown)[0]
        raise DataError(
            f"column {name!r}: row {row} holds {str(values.iloc[row])!r}; expected train, "
            f"validation or test"
        )
    rows = {split: np.flatnonzero(splits == split) for split in splits.unique()}
    if "train" not in rows:
        raise DataError(f"column {name!r}: no row is train; found {', '.join(rows)}")
    return rows


def _by_group(name: str, cells: Cells, seed: int) -> Rows:
    """Whole groups, dealt in random order: to the test split while that brings it nearer to its
    share, then so to the validation split, and all others to training."""
    groups, names = pd.factorize(cells.observed, sort=True)  # "10" of a file is 10, as in a frame
    if len(names) < 3:
        raise DataError(
            f"column {name!r}: {len(names)} groups; expected 3 at least, one for each split"
        )
    sizes = np.bincount(groups)
    order = np.random.default_rng(seed).permutation(len(names))
    split_of = np.full(len(names), "train", "U10")
    for split in ("test", "validation"):
        wanted, got = HELD_OUT * len(groups), 0
        for group in order[split_of[order] == "train"]:
            if abs(got + sizes[group] - wanted) < abs(got - wanted):
                split_of[group] = split
                got += sizes[group]
        if not got:  # every group is larger than twice the share
            left = order[split_of[order] == "train"]
            split_of[left[np.argmin(sizes[left])]] = split
    return _rows_of(split_of[groups])


def _by_order(name: str, cells: Cells, gap: int) -> Rows:
    """`in_order` of a column of times."""
    if cells.sort not in ("number", "date") or cells.values is None:
        raise DataError(
            f"column {name!r}: holds {cells.sort}, which has no order in time; expected numbers or "
            f"dates"
        )
    times = len(np.unique(cells.values))
    if times < 3:
        raise DataError(f"column {name!r}: {times} different times; expected 3 at least")
    return in_order(cells.values, gap)


def in_order(values: np.ndarray, gap: int = 0) -> Rows:
    """The last tenth is the test split, the tenth before it the validation split; rows of one time
    stay together.

    Args:
        values: (N,) times, at least 3 different ones.
        gap: rows that the validation split has more, because windows leave them out of it.
    """
    times, first = np.unique(np.sort(values), return_index=True)
    # `first` is how many rows lie before a time: the two cuts that come nearest to the shares
    count = len(values)
    test = np.clip(np.argmin(np.abs(first - (1 - HELD_OUT) * count)), 2, None)
    wanted = first[test] - HELD_OUT * count - gap
    validation = np.argmin(np.abs(first[1:test] - wanted)) + 1
    place = (values >= times[validation]).astype(int) + (values >= times[test])
    return _rows_of(np.array(["train", "validation", "test"])[place])


def _rows_of(splits: np.ndarray) -> Rows:
    return {split: np.flatnonzero(splits == split) for split in ("train", "validation", "test")}


RULES: dict[str, Callable[[str, Cells, int], Rows]] = {
    "split": _by_name,
    "group": _by_group,
}
