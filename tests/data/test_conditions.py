import numpy as np
import pandas as pd
import pytest

from keras_vae.conditions import Condition
from keras_vae.data import conditions_of, from_arrays, load_data, with_conditions
from keras_vae.errors import DataError

X = np.random.default_rng(0).integers(0, 2, (40, 3))
LABELS = np.arange(40) % 4 + 1


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (LABELS, ("0", "1", "2", "3", "4")),
        (np.array(["a", "b", "c", "d"])[LABELS - 1], ("a", "b", "c", "d")),
    ],
)
def test_labels_are_told_by_their_names_in_every_split(labels, names):
    dataset = from_arrays(X, labels)
    conditions = conditions_of(dataset, ("labels",))
    assert conditions == (Condition("label", names),)
    told = with_conditions(dataset, conditions)
    assert told.conditions == conditions
    for split, examples in told.splits.items():
        assert examples.condition.shape == (len(examples), len(names))
        np.testing.assert_array_equal(examples.condition.argmax(1), dataset.split(split).labels)
        np.testing.assert_array_equal(examples.condition.sum(1), 1)
        assert set(examples.given) == {"x", "condition"}


def test_other_data_with_a_class_that_the_model_does_not_know_are_refused():
    conditions = conditions_of(from_arrays(X, LABELS), ("labels",))
    with pytest.raises(
        DataError, match=r"label=[5-8]: the model was trained on label 0, 1, 2, 3, 4"
    ):
        with_conditions(from_arrays(X, LABELS + 5), conditions)
    with pytest.raises(DataError, match="has no labels"):
        with_conditions(from_arrays(X), conditions)


@pytest.mark.parametrize(
    ("labels", "name", "said"),
    [(None, "labels", "have no labels"), (LABELS, "color", "have labels only")],
)
def test_a_condition_that_the_data_do_not_have_is_refused(labels, name, said):
    with pytest.raises(DataError, match=f"--condition {name}: .* {said}"):
        conditions_of(from_arrays(X, labels), (name,))


TABLE = pd.DataFrame(
    {
        "age": np.random.default_rng(0).normal(40, 10, 40),
        "town": np.array(["Ulm", "Bonn"])[np.arange(40) % 2],
        "kind": np.array(["a", "b"])[np.arange(40) // 20],
        "x": np.random.default_rng(1).normal(size=40),
    }
)


def table(*names, **options):
    return load_data(TABLE, condition=names, label_column="kind", **options)


def test_columns_of_a_table_are_told_in_the_order_of_their_names_here():
    dataset = table("town", "labels", "age")
    town, kind, age = conditions_of(dataset, ("town", "labels", "age"))
    assert (town.name, town.classes) == ("town", ("Bonn", "Ulm"))
    assert (kind.name, kind.classes) == ("kind", ("a", "b"))
    numbers = TABLE.age[dataset.train.rows]
    assert (age.center, age.scale) == pytest.approx((numbers.mean(), numbers.std(ddof=0)))
    assert (age.low, age.high, age.is_date) == (numbers.min(), numbers.max(), False)
    told = with_conditions(dataset, (town, kind, age))
    for examples in told.splits.values():
        rows = TABLE.iloc[examples.rows]
        columns = [
            *(rows.town == name for name in town.classes),
            *(rows.kind == name for name in kind.classes),
            (rows.age - age.center) / age.scale,
        ]
        np.testing.assert_allclose(examples.condition, np.transpose(columns), rtol=1e-5)
        np.testing.assert_array_equal(examples.x[:, 0], np.float32(rows.x))


def test_a_schema_names_conditions_by_itself_and_the_label_by_its_column():
    dataset = table(columns=[{"name": "town", "kind": "condition"}])
    assert [each.name for each in conditions_of(dataset, ())] == ["town"]
    assert [each.name for each in conditions_of(dataset, ("kind",))] == ["kind", "town"]


def test_other_rows_are_standardised_as_those_of_training_and_warned_of():
    dataset = table("age")
    conditions = conditions_of(dataset, ("age",))
    other = load_data(TABLE.assign(age=TABLE.age + 100), columns=dataset.schema)
    told = with_conditions(other, conditions)
    center, scale = conditions[0].center, conditions[0].scale
    expected = (TABLE.age[other.test.rows] + 100 - center) / scale
    np.testing.assert_allclose(told.test.condition[:, 0], expected, rtol=1e-5)
    assert told.warnings[-1].startswith("condition age=")


def test_what_a_table_was_not_read_with_is_refused():
    for dataset, names, said in (
        (table(), ("age",), "age: .* was read with it as an entry of x"),
        (table(), ("size",), "no column 'size'"),
        (load_data(TABLE, condition=("age",)), ("labels",), "have no labels; --label-column"),
    ):
        with pytest.raises(DataError, match=said):
            conditions_of(dataset, names)
    told = table("age")
    with pytest.raises(DataError, match="has no column 'age', of which the model is told"):
        with_conditions(from_arrays(X), conditions_of(told, ("age",)))
    own = from_arrays({"x": X, "condition": X}, LABELS)
    conditions = conditions_of(own, ("labels",))
    with pytest.raises(DataError, match="comes with a condition of its own"):
        with_conditions(own, conditions)
