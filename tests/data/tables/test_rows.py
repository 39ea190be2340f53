import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from keras_vae.conditions import Condition
from keras_vae.data.tables import infer_schema, read_frame, read_rows, recorded_schema, write_frame
from keras_vae.errors import DataError

TEXT = '''\
id,height,note,visits,member,town
7, 1.710,"a, b",3,yes,Ulm
8,,x,NA,no,Bonn
9,1.5e0,"say ""hi""",0,,Ulm
10,1.62,ü,12,yes,?
11,1.80,,1,no,Ulm
'''
COLUMNS = [
    {"name": "height", "kind": "real"},
    {"name": "note", "kind": "ignored"},
    {"name": "visits", "kind": "count"},
    {"name": "member", "kind": "binary"},
    {"name": "town", "kind": "binary"},
]
FILLED = '''\
id,height,note,visits,member,town
7,1.710,"a, b",3,yes,Ulm
8,1.75,x,4,no,Bonn
9,1.5e0,"say ""hi""",0,no,Ulm
10,1.62,ü,12,yes,Bonn
11,1.80,,1,no,Ulm
'''

FRAME = pd.DataFrame(
    {
        "kind": ["cat", "dog"] * 10,
        "age": [2.5, 5.5] * 10,
        "x": np.random.default_rng(0).normal(size=20),
        "owner": ["a", "b", "b", "a"] * 5,
    }
)
CONDITIONS = (
    Condition("age", (), 4.0, 1.5, 2.5, 5.5),
    Condition("kind", ("cat", "dog")),
    Condition("owner", ("a", "b")),
)
SCHEMA = infer_schema(
    FRAME, [{"name": "age", "values": "real", "kind": "condition"}], "owner", condition=["kind"]
)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text(TEXT)
    return path


@pytest.fixture
def record(path):
    schema = infer_schema(read_frame(path), COLUMNS)
    return {"data": {"name": "people.csv", "schema": schema.to_dict()}}


def test_only_the_gaps_of_a_file_change_and_every_other_cell_stays_as_it_was_spelled(path, record):
    rows = read_rows(path, record)
    values = np.where(rows.mask == 1, rows.x, np.float32([1.75, 3.6, 0, 0]))
    write_frame(path, rows.filled(values))
    assert path.read_text() == FILLED  # a space before a number is no part of its cell


def test_rows_without_a_gap_are_written_byte_for_byte_as_they_came(path, record):
    path.write_text(FILLED)
    rows = read_rows(path, record)
    assert rows.mask.all()
    write_frame(path, rows.filled(np.zeros_like(rows.x)))
    assert path.read_text() == FILLED


def test_one_row_and_columns_in_another_order_are_taken(record):
    frame = pd.DataFrame({"town": ["Ulm"], "visits": [2], "member": ["no"], "height": [np.nan]})
    rows = read_rows(frame, record)
    assert len(rows) == 1
    assert rows.x.tolist() == [[0, 2, 0, 1]]
    assert rows.mask.tolist() == [[0, 1, 1, 1]]
    filled = rows.filled(np.float32([[1.5, 9, 1, 0]]))
    assert list(filled) == list(frame)
    assert filled.iloc[0].tolist() == ["Ulm", 2, "no", 1.5]


def test_rows_of_a_data_frame_keep_its_index(record):
    frame = pd.DataFrame(
        {"town": "Ulm", "visits": 2, "member": "no", "height": [np.nan, 1.5, np.nan]}, [7, 3, 7]
    )
    filled = read_rows(frame, record).filled(np.float32([[1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0]]))
    assert filled["height"].tolist() == [1, 1.5, 3]
    assert filled.index.tolist() == [7, 3, 7]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([3, None, 5], "Int64"),
        ([3.0, np.nan, 5.0], "float64"),
        ([3, 4, 5], "int64"),
        ([3, 4, 5], "int16"),
        ([3.0, np.nan, 5.0], "float32"),
    ],
)
def test_the_dtype_of_a_column_stays(record, values, dtype):
    visits = pd.Series(values, dtype=dtype)
    frame = pd.DataFrame({"height": [1.0, 2.0, 3.0], "visits": visits, "member": "no"})
    rows = read_rows(frame.assign(town=pd.Categorical(["Ulm", None, "Bonn"])), record)
    filled = rows.filled(np.full((3, 4), 1, "float32"))
    assert filled["visits"].dtype == dtype
    assert filled["visits"].tolist() == [3, 4 if values[1] == 4 else 1, 5]
    assert filled["town"].tolist() == ["Ulm", "Ulm", "Bonn"]
    assert filled["town"].dtype == "category"


DAY = datetime.date(2020, 1, 1)


@pytest.mark.parametrize(
    ("present", "drawn", "expected"),
    [
        ([True, False, None, True], 0, False),
        ([52, 7, None, 9], 522, 522),
        ([Decimal("1.50"), Decimal("2.25"), None, Decimal("1")], 428.5, Decimal("428.5")),
        ([DAY, datetime.date(2021, 1, 2), None], 31, datetime.date(1970, 2, 1)),
        (
            [datetime.datetime(2020, 1, 1, 5), datetime.datetime(2021, 1, 2, 6), None],
            31.25,
            datetime.datetime(1970, 2, 1, 6),
        ),
        (["yes", "no", None, "no"], 0, "no"),
    ],
    ids=["bool", "int", "Decimal", "date", "datetime", "text"],
)
def test_gaps_among_python_objects_become_objects_of_their_type(present, drawn, expected):
    cells = pd.Series(present * 5, dtype=object)
    kind = "date" if hasattr(expected, "year") else "binary" if drawn == 0 else "real"
    schema = infer_schema(pd.DataFrame({"a": cells}), [{"name": "a", "kind": kind}])
    record = {"data": {"name": "people.csv", "schema": schema.to_dict()}}
    rows = read_rows(pd.DataFrame({"a": cells}), record)
    filled = rows.filled(np.full((len(cells), 1), drawn, "float32"))["a"]
    assert filled[2] == expected
    assert type(filled[2]) is type(expected)
    for before, after in zip(cells, filled, strict=True):
        assert before is None or (after == before and type(after) is type(before))


def test_a_file_is_filled_in_with_the_separator_that_it_has(path, record):
    path.write_text(TEXT.replace(",", ";"))
    rows = read_rows(path, record)
    values = np.where(rows.mask == 1, rows.x, np.float32([1.75, 3.6, 0, 0]))
    write_frame(path, rows.filled(values))
    # of a cell, "a; b", whose separator is its own
    assert path.read_text() == FILLED.replace(",", ";")


@pytest.mark.parametrize("stored", ["category", "text"])
def test_a_gap_takes_a_category_that_these_rows_lack(record, stored):
    town = pd.Series(["Ulm", "Bonn"] * 5, dtype="category" if stored == "category" else None)
    schema = infer_schema(pd.DataFrame({"town": town}))
    rows = read_rows(
        pd.DataFrame({"town": pd.Categorical([None, "Ulm", None])}),
        {"data": {"name": "people.csv", "schema": schema.to_dict()}},
    )
    filled = rows.filled(np.float32([[0], [0], [1]]))
    assert filled["town"].tolist() == ["Bonn", "Ulm", "Ulm"]
    assert list(filled["town"].cat.categories) == ["Ulm", "Bonn"]


def test_a_run_of_other_data_has_no_schema():
    with pytest.raises(DataError, match="trained on digits, which is not a table"):
        recorded_schema({"data": {"name": "digits"}})


def told_record(conditions=CONDITIONS):
    stored = {"schema": SCHEMA.to_dict(), "conditions": [each.to_dict() for each in conditions]}
    return {"data": {"name": "animals", **stored}}


def test_new_rows_are_told_what_their_own_columns_say_as_in_training():
    warned = []
    rows = read_rows(FRAME.iloc[[1, 2]].assign(age=[5.5, 8.5]), told_record(), warned.append)
    np.testing.assert_array_equal(rows.condition, [[1, 0, 1, 0, 1], [3, 1, 0, 0, 1]])
    assert rows.given["condition"] is rows.condition
    assert rows.condition.dtype == "float32"
    assert rows.x.shape == (2, 1)
    [line] = warned
    assert "age=8.5: training had age from 2.5 to 5.5" in line


def test_rows_of_a_model_that_is_told_nothing_need_no_condition():
    rows = read_rows(FRAME.drop(columns="age"), told_record(()))
    assert set(rows.given) == {"x", "mask"}


@pytest.mark.parametrize("name", ["age", "kind", "owner"])
def test_rows_without_what_the_model_is_told_are_refused_by_its_name(name):
    with pytest.raises(DataError, match=f"column '{name}' is missing, which the model takes"):
        read_rows(FRAME.drop(columns=name), told_record())


def test_gaps_of_columns_that_are_not_modelled_are_counted(path, record):
    # one of `note`, and none of `id`
    assert read_rows(path, record).gaps_left == 1
