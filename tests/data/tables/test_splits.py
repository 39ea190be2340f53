import numpy as np
import pandas as pd
import pytest

from keras_vae.data.tables import infer_schema
from keras_vae.data.tables.splits import described_split, split_rows
from keras_vae.errors import DataError

N = 200
RNG = np.random.default_rng(0)


def split(values, option, seed=0):
    frame = pd.DataFrame({"x": RNG.normal(size=len(values)), "by": values})
    schema = infer_schema(frame, **{option: "by"})
    assert "by" in described_split(schema)[0]
    return split_rows(schema, frame, seed)


def sizes(rows):
    return {name: len(of) for name, of in rows.items()}


def test_rows_go_where_they_say():
    rows = split(["Train", "val", "test", "training"] * 50, "split_column")
    assert {name: set(of % 4) for name, of in rows.items()} == {
        "train": {0, 3},
        "validation": {1},
        "test": {2},
    }
    assert sizes(split(["train", "test"] * 50, "split_column")) == {"train": 50, "test": 50}


@pytest.mark.parametrize("values", [RNG.integers(0, 30, N), [f"p{i}" for i in RNG.zipf(1.5, N)]])
def test_no_group_is_in_two_splits_and_every_row_is_in_one(values):
    values = np.asarray(values)
    rows = split(values, "split_by")
    groups = [set(values[of]) for of in rows.values()]
    assert not any(groups[a] & groups[b] for a, b in ((0, 1), (0, 2), (1, 2)))
    assert sorted(np.concatenate(list(rows.values()))) == list(range(N))


def test_groups_are_dealt_by_chance_in_shares_near_a_tenth():
    values = RNG.integers(0, 60, 600)
    first, again, other = (split(values, "split_by", seed) for seed in (0, 0, 1))
    for rows in (first, other):
        assert all(50 <= len(rows[name]) <= 70 for name in ("validation", "test"))
    assert all((first[name] == again[name]).all() for name in first)
    assert set(first["test"]) != set(other["test"])


def test_of_few_large_groups_each_split_has_one():
    rows = split(np.repeat([1, 2, 3], [100, 60, 40]), "split_by")
    assert sorted(sizes(rows).values()) == [40, 60, 100]
    assert len(rows["train"]) == 100 or len(rows["test"]) == 40


@pytest.mark.parametrize("as_text", [False, True])
def test_the_last_rows_in_time_are_held_out(as_text):
    order = RNG.permutation(N)
    days = pd.Series(pd.date_range("2020-01-01", periods=N))[order].reset_index(drop=True)
    rows = split(days.dt.strftime("%Y-%m-%d") if as_text else days, "split_order")
    assert sizes(rows) == {"train": 160, "validation": 20, "test": 20}
    assert order[rows["train"]].max() < order[rows["validation"]].min() == 160
    assert order[rows["validation"]].max() < order[rows["test"]].min() == 180


def test_rows_of_one_time_stay_together():
    years = np.repeat(np.arange(2000, 2010), [20] * 7 + [30, 5, 25])
    rows = split(years, "split_order")
    assert {name: sorted(set(years[of]))[0] for name, of in rows.items()} == {
        "train": 2000,
        "validation": 2007,
        "test": 2009,
    }
    assert sizes(split([1] * 100 + [2, 3], "split_order")) == {
        "train": 100,
        "validation": 1,
        "test": 1,
    }


@pytest.mark.parametrize(
    ("values", "option", "words"),
    [
        (["train", "tests"] * 20, "split_column", "row 1 holds 'tests'"),
        (["val", "test"] * 20, "split_column", "no row is train"),
        (["a", "b"] * 20, "split_by", "2 groups"),
        (["a", "b", None, "c"] * 10, "split_by", "10 rows are empty, the first is row 2"),
        (["a", "b", "c", "d"] * 10, "split_order", "holds text"),
        ([1, 2] * 20, "split_order", "2 different times"),
    ],
)
def test_what_tells_no_splits_is_refused(values, option, words):
    with pytest.raises(DataError) as caught:
        split(values, option)
    assert words in str(caught.value)
    assert "'by'" in str(caught.value)


def test_nothing_is_said_without_a_column_or_where_new_rows_lack_it():
    frame = pd.DataFrame({"x": RNG.normal(size=40), "by": [1, 2, 3, 4] * 10})
    schema = infer_schema(frame)
    assert split_rows(schema, frame, 0) is None
    assert described_split(schema) == ()
    assert split_rows(infer_schema(frame, split_by="by"), frame[["x"]], 0) is None
    frame["y"] = frame["x"]
    with pytest.raises(DataError, match="choose one"):
        split_rows(infer_schema(frame, split_by="by", split_order="x"), frame, 0)
