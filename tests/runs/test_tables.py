import numpy as np
import pandas as pd
import pytest

from keras_vae.data.tables import read_frame, read_rows
from keras_vae.evaluation import Scores, impute
from keras_vae.runs.tables import encode_table, imputation_table, sample_table, score_table


@pytest.fixture(scope="module")
def rows(table_run, people):
    return read_rows(people, table_run.record)


def test_rows_that_are_drawn_have_the_columns_and_the_spellings_of_the_table(table_run, people):
    drawn = sample_table(table_run, 30, seed=3)
    source = read_frame(people)
    assert list(drawn) == ["height", "income", "visits", "town", "member", "day"]
    assert set(drawn["town"]) <= set(source["town"])
    assert set(drawn["member"]) <= {"yes", "no"}
    assert pd.to_datetime(drawn["day"], format="%Y-%m-%d").notna().all()
    assert (drawn["visits"] >= 0).all()
    assert (drawn["income"] > 0).all()
    pd.testing.assert_frame_equal(drawn, sample_table(table_run, 30, seed=3))
    read = read_rows(drawn, table_run.record)  # they are rows of the table
    assert read.mask.all()
    np.testing.assert_allclose(read.x, np.round(table_run.vae.sample(30, 3) * 1e3) / 1e3, rtol=1)


def test_codes_of_new_rows_are_those_of_the_splits_that_they_came_from(table_run, rows):
    codes = encode_table(table_run, rows)
    assert codes["row"].tolist() == list(range(80))
    assert set(codes["split"]) == {"new"}
    assert codes["labels"] is None
    test = table_run.load_data().test
    np.testing.assert_allclose(
        codes["z_mean"][test.rows], table_run.vae.encode(test.given)[0], atol=1e-5
    )


def test_a_row_names_at_most_three_entries_that_are_below_the_tail_the_least_likely_first():
    tails = np.array(
        [[0.01, 0.2, 0.04, 0.03, 0.049], [np.nan, 0.5, 0.05, 0.9, 1.0], [0.3, 0.4, 0.02, 1, 1]]
    )
    ones = np.ones(3)
    scores = Scores(ones, ones, ones, ones, ones, np.array([0.1, 0.4, 0.1]), tails, tails, "")
    table = score_table(scores, ["a", "b", "c", "d", "e"])
    assert table["unlikely"].tolist() == ["a 0.01; d 0.03; c 0.04", "", "c 0.02"]
    assert table["rank"].tolist() == [1, 3, 1]
    assert table["row"].tolist() == [0, 1, 2]


def test_each_gap_is_told_with_its_place_its_value_and_its_interval(table_run, rows):
    few = read_rows(rows.frame.head(12), table_run.record)
    found = impute(table_run.vae, few.given, samples=50)
    table = imputation_table(few, found)
    frame = few.frame
    empty = [
        (row, name)
        for row in range(12)
        for name in ("height", "income", "visits", "town", "member", "day")
        if frame.loc[row, name] == ""
    ]
    assert list(zip(table["row"], table["column"], strict=True)) == empty
    filled = few.filled(found.x)
    assert [str(value) for value in table["value"]] == [filled.loc[place] for place in empty]
    numbers = table[table["column"] == "height"]
    assert (numbers["low"] <= numbers["value"]).all()
    assert (numbers["value"] <= numbers["high"]).all()
