import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from keras_vae import Config, DataError, score
from keras_vae.data.tables import read_frame, read_rows, write_frame
from keras_vae.evaluation import Scores, impute
from keras_vae.runs.rows import reconstruct_rows
from keras_vae.runs.run import Run
from keras_vae.runs.start import new_run
from keras_vae.runs.tables import (
    decode_table,
    encode_table,
    imputation_table,
    reconstruction_table,
    sample_table,
    score_table,
)
from keras_vae.training import build_vae

rng = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "mass": rng.normal(4000, 500, 60).round(1),
        "species": rng.choice(["Adelie", "Gentoo"], 60),
        "year": rng.integers(2007, 2010, 60),
        "depth": rng.normal(18, 2, 60).round(1),
        "born": pd.Timestamp("2001-01-01") + pd.to_timedelta(rng.permutation(60), "D"),
        "visits": rng.permutation(60) * 7 % 61,
        "sex": rng.choice(["female", "male"], 60),
    }
)
TOLD = {"species": "Gentoo", "year": 2008, "born": "2001-02-03", "visits": "12", "sex": "male"}


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


def test_the_python_code_of_the_page_on_tables_runs(table_run, people, tmp_path, monkeypatch):
    page = (Path(__file__).parents[2] / "docs" / "tables.md").read_text()
    (code,) = re.findall(r"^```python\n(import keras_vae.*?)^```", page, re.M | re.S)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("keras_vae.load_run", lambda path: table_run)
    write_frame(Path("new.csv"), read_frame(people)[:7])
    made = {}
    exec(compile(code, "tables.md", "exec"), made)
    assert len(made["scores"]) == len(made["filled"]) == len(made["z_mean"]) == 7
    assert made["rows"].mask.min() == 0
    assert table_run.rows(made["filled"]).mask.all()
    assert list(made["drawn"]) == made["names"]


def test_a_row_names_at_most_three_entries_that_are_below_the_tail_the_least_likely_first():
    tails = np.array(
        [[0.01, 0.2, 0.04, 0.03, 0.049], [np.nan, 0.5, 0.051, 0.9, 1.0], [0.3, 0.4, 0.02, 1, 1]]
    )
    ones = np.ones(3)
    known = np.full(5, 10**6)
    ranks = np.array([0.1, 0.4, 0.1])
    scores = Scores(ones, ones, ones, ones, ones, ranks, tails, tails, known, "")
    table = score_table(scores, ["a", "b", "c", "d", "e"])
    assert table["unlikely"].tolist() == ["a 0.01; d 0.03; c 0.04", "", "c 0.02"]
    assert table["rank"].tolist() == [1, 3, 1]
    assert table["row"].tolist() == [0, 1, 2]


def test_of_few_reference_rows_what_none_of_them_has_is_named_all_the_same():
    ones, known = np.ones(2), np.array([15, 15, 4, 0])
    # the least likely of 15, as likely as one of them, the least likely of 4, and never seen
    tails = np.array([[1 / 16, 2 / 16, 1 / 5, 1.0], [1 / 16, 1 / 16, 2 / 5, 1.0]])
    nats = np.array([[-9.0, -1, -2, -1], [-3.0, -8, -1, -1]])
    scores = Scores(ones, ones, ones, ones, ones, ones, nats, tails, known, "")
    table = score_table(scores, ["a", "b", "c", "d"])
    assert table["unlikely"].tolist() == ["a 0.062; c 0.2", "b 0.062; a 0.062"]


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


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A model of a table that is told all but `mass` and `depth`, without training."""
    path = tmp_path_factory.mktemp("tables")
    write_frame(path / "birds.csv", FRAME)
    told = ("species", "year", "born", "visits", "labels")
    config = Config(
        data=str(path / "birds.csv"), condition=told, label_column="sex", hidden=(4,), epochs=1
    )
    dataset, record = new_run(config)
    config = Config.from_dict(record["config"])
    return Run(path, config, record, vae=build_vae(config, dataset))


def test_columns_and_labels_are_told_by_name_and_numbers_by_the_training_split(run):
    dataset = run.load_data()
    train = FRAME.iloc[dataset.train.rows]
    columns = [
        *(train.species == name for name in ("Adelie", "Gentoo")),
        *(train.year == year for year in (2007, 2008, 2009)),
        (train.born - train.born.mean()) / train.born.std(ddof=0),
        (train.visits - train.visits.mean()) / train.visits.std(ddof=0),
        *(train.sex == name for name in ("female", "male")),
    ]
    np.testing.assert_allclose(
        dataset.train.condition, np.array(columns, "float64").T, rtol=1e-5, atol=1e-6
    )
    assert [column.name for column in dataset.schema.modelled] == ["mass", "depth"]
    rows = read_rows(FRAME.iloc[dataset.test.rows], run.record)
    np.testing.assert_array_equal(rows.condition, dataset.test.condition)


def test_sampled_rows_hold_what_the_model_was_told_as_the_table_stores_it(run):
    rows = sample_table(run, 3, 5, TOLD)
    assert list(rows) == list(FRAME)
    for name, value in {**TOLD, "visits": 12}.items():
        assert rows[name].tolist() == [value] * 3
    assert rows.year.dtype == rows.visits.dtype == "int64"
    drawn = run.vae.sample(3, 5, run.condition(TOLD))
    np.testing.assert_allclose(rows[["mass", "depth"]], drawn, rtol=1e-6)
    other = sample_table(run, 3, 5, {**TOLD, "species": "Adelie"})
    assert (other.mass != rows.mass).all()
    means = run.vae.generate(3, 5, run.condition(TOLD))
    told = [name for name in FRAME if name in TOLD]
    pd.testing.assert_frame_equal(decode_table(run, means, TOLD)[told], rows[told])
    again = read_rows(rows, run.record)
    np.testing.assert_allclose(again.condition[0], run.condition(TOLD), rtol=1e-5)


def test_what_rows_cannot_be_sampled_by_is_refused_by_name(run):
    for told, words in (
        ({**TOLD, "species": "Dodo"}, "species=Dodo: the model was trained on species Adelie"),
        ({**TOLD, "born": "soon"}, "born=soon: expected a date"),
        ({**TOLD, "visits": "few"}, "visits=few: expected a finite number"),
        ({"species": "Adelie"}, "and born is not given"),
    ):
        with pytest.raises(DataError, match=words):
            sample_table(run, 3, 0, told)


def test_a_number_far_outside_of_the_training_rows_is_warned_of(run):
    warned = []
    run.condition({**TOLD, "visits": 400, "born": "2020-01-01"}, warned.append)
    assert [line.split(":")[0] for line in warned] == [
        "condition born=2020-01-01",
        "condition visits=400",
    ]
    with pytest.warns(UserWarning, match="visits=400"):
        sample_table(run, 1, 0, {**TOLD, "visits": 400})


def test_rows_are_encoded_scored_and_filled_in_under_their_own_conditions(run):
    frame = pd.concat([FRAME[:1]] * 2, ignore_index=True)
    frame["species"] = ["Adelie", "Gentoo"]
    gaps = frame.assign(mass=np.nan)
    z_mean = encode_table(run, read_rows(frame, run.record))["z_mean"]
    assert (z_mean[0] != z_mean[1]).any()
    rows = read_rows(gaps, run.record)
    found = impute(run.vae, rows.given, samples=20, seed=0)
    filled = rows.filled(found.x)
    assert filled.mass[0] != filled.mass[1]
    pd.testing.assert_frame_equal(filled.drop(columns="mass"), frame.drop(columns="mass"))
    rows = read_rows(frame, run.record)
    scores = score(run.vae, rows.given, rows.given, samples=20, seed=0)
    assert scores.elbo[0] != scores.elbo[1]


SERIES = pd.DataFrame(
    {
        "time": rng.permutation(300),
        "level": rng.normal(size=300).round(2),
        "calls": rng.poisson(9, 300),
        "state": rng.choice(["on", "off"], 300),
    }
)
SERIES.loc[4, "level"] = np.nan


@pytest.fixture(scope="module")
def of_windows(tmp_path_factory):
    """A model of windows of a series, without training."""
    path = tmp_path_factory.mktemp("series")
    write_frame(path / "series.csv", SERIES)
    config = Config(
        data=str(path / "series.csv"),
        split_order="time",
        window=6,
        stride=2,
        hidden=(4,),
        epochs=1,
    )
    dataset, record = new_run(config)
    config = Config.from_dict(record["config"])
    return Run(path, config, record, vae=build_vae(config, dataset))


def test_new_series_are_cut_as_the_run_says_and_named_by_their_first_row(of_windows):
    record = json.loads(json.dumps(of_windows.record))
    assert (record["config"]["window"], record["config"]["stride"]) == (6, 2)
    new = SERIES.sort_values("time").iloc[100:120].sample(frac=1, random_state=0)
    rows = read_rows(new[["state", "time", "calls", "level"]], record)
    assert len(rows) == 8
    times = new["time"].to_numpy()
    assert times[rows.first].tolist() == list(range(100, 115, 2))
    codes = encode_table(of_windows, rows)
    assert codes["row"].tolist() == rows.first.tolist()
    scores = score(of_windows.vae, rows.given, of_windows.load_data().given("validation"), 3)
    table = score_table(scores, [column.name for column in rows.schema.modelled], rows)
    assert table["row"].tolist() == rows.first.tolist()
    assert table["time"].tolist() == list(range(100, 115, 2))
    short = read_rows(new.head(3), record)  # one that is shorter is padded
    assert short.mask.reshape(6, 3).sum(axis=1).tolist() == [3, 3, 3, 0, 0, 0]
    padded = {**short.given, "x": np.where(short.mask == 1, short.x, 1)}
    both = [score(of_windows.vae, given, rows.given, 3).elbo for given in (short.given, padded)]
    np.testing.assert_array_equal(*both)


def test_the_windows_of_a_run_are_those_of_its_data_read_again(of_windows):
    dataset = of_windows.load_data()
    everything = read_rows(SERIES, of_windows.record)
    at = {row: number for number, row in enumerate(everything.first)}
    first = [row for row in dataset.test.rows if row in at]
    assert len(first) > 5
    for row in first:
        (number,) = np.flatnonzero(dataset.test.rows == row)
        np.testing.assert_array_equal(dataset.test.x[number], everything.x[at[row]])
    other = of_windows.load_data(SERIES.iloc[::-1].reset_index(drop=True))
    np.testing.assert_array_equal(np.sort(other.test.x, 0), np.sort(dataset.test.x, 0))


def test_sampled_windows_are_rows_with_the_columns_of_the_table(of_windows):
    rows = sample_table(of_windows, 2, seed=1)
    assert list(rows) == ["window", "time", "level", "calls", "state"]
    assert rows["window"].tolist() == [0] * 6 + [1] * 6
    assert rows["time"].tolist() == list(range(6)) * 2
    expected = of_windows.vae.sample(2, 1).reshape(12, 3)
    np.testing.assert_allclose(rows["level"], expected[:, 0], rtol=1e-5)
    assert set(rows["calls"]) <= set(SERIES["calls"])
    assert set(rows["state"]) <= {"on", "off"}


def test_gaps_of_windows_are_not_filled_in(of_windows):
    rows = read_rows(SERIES, of_windows.record)
    with pytest.raises(DataError, match="windows of a series"):
        rows.filled(rows.x)


def test_reconstructions_have_the_names_and_the_spellings_of_the_table(table_run, people):
    dataset = table_run.load_data()
    made = reconstruct_rows(table_run, dataset, "test")
    table = reconstruction_table(table_run, made)
    source = read_frame(people).loc[dataset.test.rows].reset_index(drop=True)
    names = ["height", "income", "visits", "town", "member", "day"]
    assert list(table) == [
        *("row", "split"),
        *(f"x_{name}" for name in names),
        *(f"reconstruction_{name}" for name in names),
    ]
    for column in table_run.load_data().schema.modelled:
        written = column.kind in ("date", "categorical", "binary")
        there = source[column.name].notna() & (source[column.name] != "")
        cells = table[f"x_{column.name}"]
        assert (cells.notna() == there).all()
        if written:
            assert cells[there].tolist() == source[column.name][there].tolist()
    assert set(table["reconstruction_town"]) <= {"Ulm", "Bonn", "Kiel"}
    assert table["reconstruction_day"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()
