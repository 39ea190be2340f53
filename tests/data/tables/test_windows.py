import numpy as np
import pandas as pd
import pytest

from keras_vae.data.tables import infer_schema
from keras_vae.data.tables.windows import PADDED, cut_windows, one_in_each, rows_in, series_of
from keras_vae.errors import DataError

ROWS = np.arange(100)
IN_TIME = {"train": ROWS[:60], "validation": ROWS[60:80], "test": ROWS[80:]}


def of_split(windows, split):
    return windows.rows[windows.splits == split]


def distances(windows):
    """Between rows of windows of different splits."""
    parts = [np.unique(of_split(windows, split)) for split in np.unique(windows.splits)]
    return [
        np.abs(np.subtract.outer(first, second)).min()
        for number, first in enumerate(parts)
        for second in parts[:number]
    ]


@pytest.mark.parametrize(("window", "stride"), [(1, 1), (5, 1), (5, 3), (8, 8), (8, 20)])
def test_a_window_is_consecutive_rows_and_rows_of_two_splits_are_a_window_apart(window, stride):
    cut = cut_windows([ROWS], window, stride, IN_TIME)
    assert cut.rows.shape == (len(cut), window)
    assert (np.diff(cut.rows, axis=1) == 1).all()
    for split, rows in IN_TIME.items():
        found = of_split(cut, split)
        assert np.isin(found, rows).all()
        assert (np.diff(found[:, 0]) == stride).all()
        assert (found[:, 0] % stride == 0).all()
    assert min(distances(cut)) >= window
    if stride == 1:
        assert min(distances(cut)) == window
    assert cut.gap == 2 * (window - 1)
    # what is left out is of training, and of validation: the test split begins where it began
    assert 80 <= of_split(cut, "test")[0, 0] < 80 + stride
    assert 60 <= of_split(cut, "validation")[0, 0] < 60 + stride


def test_a_part_that_is_held_out_amid_a_series_has_a_gap_on_both_sides():
    splits = {"test": ROWS[40:60], "train": np.concatenate([ROWS[:40], ROWS[60:]])}
    cut = cut_windows([ROWS], 4, 1, splits)
    train = of_split(cut, "train")
    assert np.isin(np.unique(train), [*range(37), *range(63, 100)]).all()
    assert not ((train < 40).any(axis=1) & (train > 60).any(axis=1)).any()
    assert cut.gap == 6


def test_no_window_holds_rows_of_two_series_and_a_short_series_is_padded():
    series = [ROWS[:10], ROWS[10:13], ROWS[13:30][::-1]]
    cut = cut_windows(series, 4, 4, {"train": ROWS[:13], "test": ROWS[13:30]})
    assert cut.rows.tolist() == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [10, 11, 12, PADDED],
        [29, 28, 27, 26],
        [25, 24, 23, 22],
        [21, 20, 19, 18],
        [17, 16, 15, 14],
    ]
    assert cut.splits.tolist() == ["train"] * 3 + ["test"] * 4
    assert (cut.gap, cut.padded) == (0, 1)
    x = np.arange(1.0, 61).reshape(30, 2)
    assert rows_in(cut.rows, x)[2].tolist() == [21, 22, 23, 24, 25, 26, 0, 0]
    assert rows_in(cut.rows, np.ones((30, 2)))[2].tolist() == [1] * 6 + [0, 0]


def test_without_splits_all_are_new_and_one_that_is_short_is_padded_too():
    cut = cut_windows([ROWS[:3]], 5, 5)
    assert cut.rows.tolist() == [[0, 1, 2, PADDED, PADDED]]
    assert cut.splits.tolist() == ["new"]


FRAME = pd.DataFrame(
    {
        "x": np.random.default_rng(0).normal(size=6),
        "day": ["2020-01-03", "2020-01-01", "2020-01-02", "2020-01-01", "2020-01-02", "2020-01-09"],
        "sensor": ["b", "b", "b", "a", "a", "a"],
    }
)


def test_rows_are_in_the_order_of_their_times_within_their_group_and_holes_are_counted():
    schema = infer_schema(FRAME, split_by="sensor", split_order="day")
    series, holes = series_of(schema, FRAME)
    assert sorted(map(list, series)) == [[1, 2, 0], [3, 4, 5]]
    assert holes == 1  # the week before the ninth
    alone = FRAME[3:].drop(columns="sensor").reset_index(drop=True)  # new rows of one sensor
    assert [each.tolist() for each in series_of(schema, alone).rows] == [[0, 1, 2]]
    assert series_of(infer_schema(FRAME), FRAME).rows[0].tolist() == list(range(6))


def bad_frame(**columns):
    return FRAME.assign(**columns)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (FRAME.drop(columns="sensor"), "rows 1 and 3 have the same time, 2020-01-01"),
        (FRAME.drop(columns="day"), "column 'day' is missing"),
        (bad_frame(day=list("cabacd")), "holds text"),
        (bad_frame(day=[1, 2, 3, np.nan, 2, 3]), "1 rows are empty, the first is row 3"),
        (bad_frame(sensor=["a", None, "a", "b", "b", "b"]), "the first is row 1"),
    ],
)
def test_rows_that_are_in_no_order_are_refused(frame, words):
    schema = infer_schema(FRAME, split_by="sensor", split_order="day")
    with pytest.raises(DataError) as caught:
        series_of(schema, frame)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("window", "stride", "words"),
    [
        (0, 1, "window=0"),
        (5, 0, "stride=0"),
        (5, -1, "stride=-1"),
        (2.5, 1, "window=2.5"),
        (101, 1, "--window 101: the longest series has 100 rows"),
    ],
)
def test_windows_that_cannot_be_cut_are_refused(window, stride, words):
    with pytest.raises(DataError) as caught:
        cut_windows([ROWS], window, stride, IN_TIME)
    assert words in str(caught.value)


def test_what_changes_within_a_window_cannot_be_told_of_it():
    windows = np.array([[0, 1, 2], [3, 4, PADDED]])
    one_in_each(windows, "class", np.array(["a", "a", "a", "b", "b", "c"]))
    with pytest.raises(DataError, match="'class': rows 0 and 2 of one window hold a and c"):
        one_in_each(windows, "class", np.array(["a", "a", "c", "b", "b", "c"]))
