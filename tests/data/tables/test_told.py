import numpy as np
import pandas as pd
import pytest

from keras_vae.data.tables import Column, infer_schema
from keras_vae.data.tables.told import told_cells, told_columns, told_values
from keras_vae.errors import DataError

FRAME = pd.DataFrame(
    {
        "town": ["Ulm", "Bonn", "Kiel", "Ulm"] * 10,
        "year": [2007, 2008, 2009, 2008] * 10,
        "price": [f"${80 + i * i:,}" for i in range(40)],
        "born": ["31.12.1969", "02.01.1970", "05.01.1970", "01.01.1970"] * 10,
        "paid": [True, False, False, True] * 10,
        "batch_id": [*range(20), *range(20)],
        "age": np.linspace(18, 90, 40),
        "one": ["a"] * 40,
        "note": [f"text {row}" for row in range(40)],
        "parts": [[1]] * 40,
        "x": np.random.default_rng(0).normal(size=40),
    }
)
KINDS = {
    "town": "categorical",
    "year": "ordinal",
    "price": "real",
    "born": "date",
    "paid": "binary",
    "batch_id": "categorical",
    "age": "real",
}


def told(*names, corrections=None):
    return infer_schema(FRAME, corrections, condition=names)


@pytest.mark.parametrize(("name", "values"), KINDS.items())
def test_a_condition_leaves_x_and_is_a_class_a_number_or_a_date(name, values):
    schema = told(name)
    assert (schema[name].kind, schema[name].values) == ("condition", values)
    assert [column.name for column in schema.told] == [name]
    assert name not in [column.name for column in schema.modelled]
    assert infer_schema(FRAME, schema) == schema


def test_a_correction_says_whether_a_condition_is_a_class_or_a_number():
    as_number = told("year", corrections=[{"name": "year", "kind": "real"}])
    assert (as_number["year"].values, as_number["year"].categories) == ("real", ())
    by_file = infer_schema(FRAME, [{"name": "year", "kind": "condition", "values": "real"}])
    assert by_file["year"].to_dict() == as_number["year"].to_dict()
    assert (
        infer_schema(FRAME, [{"name": "town", "kind": "condition"}])["town"]
        == (told("town")["town"])
    )


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["one"], "'one': holds one value"),
        (["note"], "'note': holds another text in each row"),
        (["parts"], "'parts': holds values of type list"),
        (["twon"], "no column 'twon'"),
    ],
)
def test_a_column_that_tells_nothing_is_refused_by_name(names, words):
    with pytest.raises(DataError, match=words):
        told(*names)


def test_classes_are_told_by_name_and_numbers_as_they_are():
    schema = told(*KINDS)
    values = told_values(schema.told, FRAME[::-1])
    assert list(values) == list(KINDS)
    assert values["town"].tolist()[:4] == ["Ulm", "Kiel", "Bonn", "Ulm"]
    assert values["year"].tolist()[:4] == ["2008", "2009", "2008", "2007"]
    assert values["price"].tolist()[:4] == [1601, 1524, 1449, 1376]
    assert values["born"].tolist()[:4] == [0, 4, 1, -1]
    assert values["paid"].tolist()[:2] == ["True", "False"]
    assert values["age"].dtype == "float64"


def test_an_empty_cell_a_missing_column_and_an_unseen_class_are_refused():
    schema = told("town", "age")
    for frame, words in (
        (FRAME.assign(age=FRAME.age.where(FRAME.index != 3)), "'age': 1 rows are empty, .* row 3"),
        (FRAME.drop(columns="town"), "'town' is missing"),
        (FRAME.assign(town="Rome"), "'town': row 0 and 39 more rows hold 'Rome'"),
    ):
        with pytest.raises(DataError, match=words) as error:
            told_values(schema.told, frame)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value", "cell"),
    [
        ("town", 2, "Ulm"),
        ("year", 0, 2007),
        ("price", 1601.0, "$1,601"),
        ("born", 4.0, "05.01.1970"),
        ("paid", 1, True),
        ("age", 41.5, 41.5),
    ],
)
def test_what_a_model_is_told_comes_back_as_the_source_stores_it(name, value, cell):
    cells = told_cells(told(name)[name], value, 3)
    assert cells.tolist() == [cell] * 3
    assert cells.dtype == FRAME[name].dtype


def test_a_label_is_told_as_its_classes():
    label = Column("species", "label", ("a", "b"), "str")
    frame = pd.DataFrame({"species": ["b", "a"]})
    assert told_values([label], frame)["species"].tolist() == ["b", "a"]
    assert told_cells(label, 1, 2).tolist() == ["b", "b"]


def test_labels_are_no_column():
    assert told_columns(("labels", "age", "species"), "species") == ("age",)
