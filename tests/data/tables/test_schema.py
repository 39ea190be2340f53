import json

import numpy as np
import pandas as pd
import pytest

from keras_vae.data.tables import Column, Schema, infer_schema, read_frame
from keras_vae.errors import DataError

TEXT = """\
id,height,visits,smokes,town,shoe,born,note
1,1.71,0,no,Ulm,38,1970-01-02,a
2,1.62,3,yes,Bonn,42,1969-12-31,a
3,,12,no,Ulm,38,,a
4,1.9,1,,Kiel,40,2000-02-29,a
5,1.55,0,no,Ulm,42,1999-01-01,a
"""
KINDS = {"height": "real", "visits": "count", "shoe": "ordinal", "town": "categorical"}


@pytest.fixture(scope="module")
def frame(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "people.csv"
    path.write_text(TEXT)
    return read_frame(path)


@pytest.fixture(scope="module")
def schema(frame):
    return infer_schema(frame, [{"name": name, "kind": kind} for name, kind in KINDS.items()])


def test_rows_become_values_as_stored_codes_and_days(schema, frame):
    x, mask = schema.encode(frame)
    names = [column.name for column in schema.modelled]
    assert names == ["height", "visits", "smokes", "town", "shoe", "born"]
    assert x.dtype == mask.dtype == "float32"
    np.testing.assert_array_equal(
        x,
        np.array(
            [
                [1.71, 0, 0, 2, 0, 1],
                [1.62, 3, 1, 0, 2, -1],
                [0, 12, 0, 2, 0, 0],
                [1.9, 1, 0, 1, 1, 11016],
                [1.55, 0, 0, 2, 2, 10592],
            ],
            "float32",
        ),
    )
    assert np.argwhere(mask == 0).tolist() == [[2, 0], [2, 5], [3, 2]]


def test_rows_come_back_as_the_source_stores_them(schema, frame):
    back = schema.decode(*schema.encode(frame))
    assert back["height"].isna().tolist() == [False, False, True, False, False]
    assert back["height"].dropna().tolist() == [1.71, 1.62, 1.9, 1.55]
    assert back["visits"].dtype == "int64"
    assert back["shoe"].tolist() == [38, 42, 38, 40, 42]
    assert back["town"].tolist() == frame["town"].tolist()
    assert back["born"].fillna("").tolist() == frame["born"].tolist()
    assert back["smokes"].fillna("").tolist() == frame["smokes"].tolist()


def test_columns_are_found_by_name_and_those_not_modelled_may_be_missing(schema, frame):
    turned = frame[["town", "born", "shoe", "height", "smokes", "visits"]]
    np.testing.assert_array_equal(schema.encode(turned)[0], schema.encode(frame)[0])


def test_a_single_row_is_encoded(schema, frame):
    x, _ = schema.encode(frame.iloc[2:3])
    np.testing.assert_array_equal(x, schema.encode(frame)[0][2:3])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns="town"), ["'town'", "missing"]),
        (lambda f: f.assign(weight=1), ["'weight'", "not known"]),
        (lambda f: f.rename(columns={"town": "city"}), ["'town'", "'city'"]),
        (lambda f: f.assign(town="Köln"), ["'town'", "row 0", "'Köln'", "Bonn, Kiel, Ulm"]),
        (lambda f: f.assign(height=["1", "2", "tall", "", "x"]), ["row 2 and 1 more", "'tall'"]),
        (lambda f: f.assign(height="inf"), ["'height'", "row 0", "finite"]),
        (lambda f: f.assign(height=1e30), ["'height'", "1e+18"]),
        (lambda f: f.assign(visits="1.5"), ["'visits'", "'1.5'", "whole number"]),
        (lambda f: f.assign(visits=-1), ["'visits'", "-1", "whole number"]),
        (lambda f: f.assign(visits=2**24 + 1), ["'visits'", "16777217", "float32"]),
        (lambda f: f.assign(shoe=39), ["'shoe'", "39", "38, 40, 42"]),
        (lambda f: f.assign(born="31.1.2000"), ["'born'", "31.1.2000", "%Y-%m-%d"]),
        (lambda f: f.assign(born=True), ["'born'", "True"]),
        (lambda f: f.iloc[:0], ["no rows"]),
    ],
)
def test_rows_that_do_not_fit_are_refused_in_one_line(schema, frame, change, words):
    with pytest.raises(DataError) as caught:
        schema.encode(change(frame))
    message = str(caught.value)
    assert "\n" not in message
    assert [word for word in words if word not in message] == []


def test_a_schema_comes_back_from_json_and_from_toml(schema):
    assert Schema.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema
    again = Schema.from_toml(schema.to_toml())
    assert [c.kind for c in again.columns] == [c.kind for c in schema.columns]
    assert [c.categories for c in again.columns] == [c.categories for c in schema.columns]


@pytest.mark.parametrize("kind", ["label", "split", "group", "order"])
def test_a_task_that_only_one_column_can_have_is_given_once(kind):
    with pytest.raises(DataError, match=f"columns 'a' and 'b' are both of kind {kind}"):
        Schema((Column("a", kind), Column("b", kind), Column("c", "real")))


def test_dates_are_texts_of_iso_8601_or_dates_and_never_numbers():
    schema = Schema((Column("day", "date", dtype="datetime64[s]"),))
    days = schema.encode(pd.DataFrame({"day": ["1970-01-03", "1970-01-02T12:00", ""]}))
    np.testing.assert_array_equal(days[0].ravel(), [2, 1.5, 0])
    np.testing.assert_array_equal(days[1].ravel(), [1, 1, 0])
    for value in (12.5, "3.1.1970", "soon"):
        with pytest.raises(DataError, match="expected a date"):
            schema.encode(pd.DataFrame({"day": [value]}))


def test_drawn_values_are_rounded_to_what_a_column_can_hold(schema):
    drawn = schema.decode(np.array([[1.7, 2.6, 0.4, 7.0, -3.0, 1.2]]))
    assert drawn.iloc[0].tolist() == [1.7, 3, "no", "Ulm", 38, "1970-01-02"]
    with pytest.raises(DataError, match="6"):
        schema.decode(np.zeros((2, 3)))


def test_whole_numbers_keep_their_dtype_and_get_one_with_gaps_where_there_are_some():
    frame = pd.DataFrame({"a": np.arange(40) % 7 * 100, "b": [True, False] * 20})
    schema = infer_schema(frame)
    x, mask = schema.encode(frame)
    assert schema.decode(x, mask).dtypes.astype(str).tolist() == ["int64", "bool"]
    mask[3] = 0
    assert schema.decode(x, mask).dtypes.astype(str).tolist() == ["Int64", "boolean"]
