import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_wine

from keras_vae.data import load_data
from keras_vae.data.sources.tables import has_schema, read_table
from keras_vae.data.tables import Schema
from keras_vae.errors import DataError

N = 60
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "height": RNG.normal(170, 10, N).round(1),
        "town": RNG.choice(["Ulm", "Bonn", "Kiel"], N),
        "won": ["yes", "no"] * (N // 2),
        "person": np.arange(N) // 4,
        "day": pd.date_range("2020-01-01", periods=N).strftime("%Y-%m-%d")[RNG.permutation(N)],
    }
)
FRAME.loc[7, "height"] = np.nan
FRAME.loc[8, "town"] = None


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "people.csv"
    FRAME.to_csv(path, index=False)
    return path


def test_a_table_has_values_a_mask_labels_and_a_schema(path):
    dataset = load_data(path, label_column="won", ignore=["person", "day"])
    assert [column.name for column in dataset.schema.modelled] == ["height", "town"]
    assert dataset.class_names == ("no", "yes")
    for examples in dataset.splits.values():
        rows = FRAME.iloc[examples.rows]
        np.testing.assert_array_equal(
            examples.x[:, 0], rows["height"].fillna(0).to_numpy("float32")
        )
        np.testing.assert_array_equal(examples.mask[:, 0], rows["height"].notna())
        np.testing.assert_array_equal(examples.mask[:, 1], rows["town"].notna())
        np.testing.assert_array_equal(examples.labels, rows["won"] == "yes")
    assert {name: len(of) for name, of in dataset.splits.items()} == {
        "train": 48,
        "validation": 6,
        "test": 6,
    }
    assert sorted(np.concatenate([of.rows for of in dataset.splits.values()])) == list(range(N))


def test_a_table_without_gaps_has_a_mask_too():
    dataset = load_data(FRAME.dropna(), label_column="won")
    assert dataset.test.mask.all()


def test_a_frame_and_its_file_are_the_same_data(path):
    file, frame = load_data(path, split_by="person"), load_data(FRAME, split_by="person")
    for name, examples in file.splits.items():
        np.testing.assert_array_equal(examples.x, frame.split(name).x)
        np.testing.assert_array_equal(examples.rows, frame.split(name).rows)


def test_groups_and_times_are_kept_apart_and_every_protocol_says_so(path):
    by_person = load_data(path, split_by="person")
    people = [set(FRAME["person"].iloc[of.rows]) for of in by_person.splits.values()]
    assert not people[0] & (people[1] | people[2])
    assert "person" in by_person.protocol("test")
    by_day = load_data(path, split_order="day")
    days = {name: FRAME["day"].iloc[of.rows] for name, of in by_day.splits.items()}
    assert days["train"].max() < days["validation"].min()
    assert days["validation"].max() < days["test"].min()
    assert "day" in by_day.protocol("test")


def test_a_split_that_no_row_names_is_cut_from_the_training_rows():
    frame = FRAME.assign(part=["train"] * 40 + ["test"] * 20)
    dataset = load_data(frame, split_column="part")
    assert sorted(dataset.test.rows) == list(range(40, 60))
    assert (len(dataset.train), len(dataset.validation)) == (36, 4)


def test_rows_are_read_again_by_a_stored_schema_whatever_they_hold_now(path):
    first = load_data(path, label_column="won", split_by="person")
    schema = Schema.from_dict(first.schema.to_dict())
    again = load_data(path, columns=schema)
    for name, examples in first.splits.items():
        np.testing.assert_array_equal(examples.x, again.split(name).x)
    np.testing.assert_array_equal(
        read_table(FRAME.iloc[:20].drop(columns=["won", "person"]), columns=schema).x,
        read_table(FRAME, columns=schema).x[:20],
    )
    with pytest.raises(DataError, match="'town': row 59 holds 'Jena'"):
        load_data(FRAME.assign(town=["Ulm"] * (N - 1) + ["Jena"]), columns=schema)


def test_a_category_in_held_out_rows_alone_is_told():
    frame = FRAME.assign(part=["train"] * 40 + ["test"] * 20, town=["Ulm", "Bonn"] * 30)
    frame.loc[50, "town"] = "Jena"
    [line] = load_data(frame, split_column="part").warnings
    assert "Jena" in line


def test_rows_of_one_thing_in_several_splits_are_told_unless_they_are_kept_together():
    frame = FRAME.rename(columns={"person": "person_id"}).assign(number=np.arange(N))
    [line] = load_data(frame).warnings
    assert "--split-by 'person_id'" in line
    assert load_data(frame, split_by="person_id").warnings == ()


def test_empty_cells_are_nothing_that_rows_share():
    remarks = [f"remark {k}" if k % 6 == 0 else "" for k in range(N)]
    schema = load_data(frame := FRAME.assign(remark=remarks)).schema
    assert schema is not None
    assert {column.name: column.kind for column in schema.columns}["remark"] == "identifier"
    assert load_data(frame).warnings == load_data(FRAME).warnings


def test_rows_of_gaps_alone_are_told():
    frame = pd.DataFrame({"a": [*RNG.normal(size=30), np.nan], "b": [*RNG.normal(size=30), np.nan]})
    assert "row 30" in load_data(frame).warnings[0]


NUMBERED = pd.DataFrame([[1, 2], [3, 4]])  # as of an array


@pytest.mark.parametrize(
    ("data", "options", "is_one"),
    [
        (FRAME, {}, True),
        (FRAME[["person"]], {}, True),
        (NUMBERED, {}, False),
        (NUMBERED, {"ignore": ["0"]}, True),
        (NUMBERED.replace(1, np.nan), {}, True),
        (FRAME[["height"]], {}, True),
        (FRAME[["person"]].astype("category"), {}, True),
        (np.ones((3, 2)), {}, False),
        ("people.csv", {}, True),
        ("digits", {}, False),
    ],
)
def test_what_has_names_or_is_more_than_complete_numbers_has_a_schema(data, options, is_one):
    assert has_schema(data, options) == is_one


def test_a_frame_of_an_array_is_read_as_the_array():
    dataset = load_data(pd.DataFrame(load_diabetes().data))
    assert dataset.schema is None
    assert dataset.train.mask is None


def test_a_real_table_is_read_with_the_kinds_that_it_shows():
    frame = load_wine(as_frame=True).frame
    dataset = load_data(frame, label_column="target")
    kinds = [column.kind for column in dataset.schema.modelled]
    assert set(kinds) == {"real", "positive"}
    assert dataset.class_names == ("0", "1", "2")
    back = dataset.schema.decode(dataset.test.x, dataset.test.mask)
    np.testing.assert_allclose(
        back, frame.drop(columns="target").iloc[dataset.test.rows], rtol=1e-6
    )


@pytest.mark.parametrize("option", ["label_column", "split_by", "columns"])
def test_what_is_for_tables_is_refused_of_other_data(option):
    with pytest.raises(DataError, match="not a table"):
        load_data("digits", **{option: "x"})
    with pytest.raises(DataError, match=option):
        load_data(np.ones((30, 2)), **{option: "x"})
