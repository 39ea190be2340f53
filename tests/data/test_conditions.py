import dataclasses

import numpy as np
import pandas as pd
import pytest

from keras_vae.conditions import Condition
from keras_vae.config import Config
from keras_vae.data import conditions_of, from_arrays, load_data, with_conditions
from keras_vae.errors import DataError

X = np.random.default_rng(0).integers(0, 2, (40, 3))
LABELS = np.arange(40) % 4 + 1
BY_LABELS = Config(condition=("labels",))


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (LABELS, ("1", "2", "3", "4")),
        (2 * LABELS - 5, ("-3", "-1", "1", "3")),
        (1000 * LABELS, ("1000", "2000", "3000", "4000")),
        (np.array(["a", "b", "c", "d"])[LABELS - 1], ("a", "b", "c", "d")),
    ],
)
def test_labels_are_told_by_their_names_in_every_split(labels, names):
    dataset = from_arrays(X, labels)
    conditions = conditions_of(dataset, BY_LABELS)
    assert conditions == (Condition("label", names),)
    told = with_conditions(dataset, conditions)
    assert told.conditions == conditions
    for split, examples in told.splits.items():
        assert examples.condition.shape == (len(examples), len(names))
        own = dataset.split(split).labels
        named = own.astype(str) if dataset.class_names is None else np.array(names)[own]
        assert [names[entry] for entry in examples.condition.argmax(1)] == named.tolist()
        np.testing.assert_array_equal(examples.condition.sum(1), 1)
        assert set(examples.given) == {"x", "condition"}


def test_a_class_that_never_occurred_is_refused_by_name():
    dataset = from_arrays(X, np.array([0, 1, 9])[np.arange(40) % 3])
    (condition,) = conditions_of(dataset, BY_LABELS)
    for value in ("4", "10"):
        with pytest.raises(DataError, match=f"label={value}: .* trained on label 0, 1, 9"):
            condition.encode([value])


def test_other_data_with_a_class_that_the_model_does_not_know_are_refused():
    conditions = conditions_of(from_arrays(X, LABELS), BY_LABELS)
    with pytest.raises(DataError, match=r"label=[6-9]: the model was trained on label 1, 2, 3, 4"):
        with_conditions(from_arrays(X, LABELS + 5), conditions)
    with pytest.raises(DataError, match="has no labels"):
        with_conditions(from_arrays(X), conditions)


@pytest.mark.parametrize(
    ("labels", "name", "said"),
    [(None, "labels", "has no labels"), (LABELS, "color", "has labels only")],
)
def test_a_condition_that_the_data_do_not_have_is_refused(labels, name, said):
    with pytest.raises(DataError, match=f"--condition {name}: .* {said}"):
        conditions_of(from_arrays(X, labels), Config(condition=(name,)))


def test_the_library_size_is_told_as_its_standardised_logarithm():
    counts = np.random.default_rng(1).poisson(3, (40, 5)) + 1
    dataset = from_arrays(counts)
    told = with_conditions(dataset, conditions_of(dataset, Config(library=True)))
    logs = np.log(told.train.x.sum(axis=1))
    (library,) = told.conditions
    expected = logs.mean(), logs.std(), np.exp(logs.min()), np.exp(logs.max())
    assert (library.name, library.classes, library.form) == ("library", (), "log")
    found = library.center, library.scale, library.low, library.high
    assert found == pytest.approx(expected, rel=1e-5)
    for examples in told.splits.values():
        expected = (np.log(examples.x.sum(axis=1)) - logs.mean()) / logs.std()
        np.testing.assert_allclose(examples.condition[:, 0], expected, atol=1e-5)


def test_an_example_without_any_count_has_no_library_size():
    counts = np.random.default_rng(1).poisson(3, (40, 5))
    counts[:] += 1
    counts[7] = 0
    dataset = from_arrays(counts)
    with pytest.raises(DataError, match=r"condition library=0, .* must be above 0"):
        with_conditions(dataset, conditions_of(dataset, Config(library=True)))


@pytest.mark.parametrize("name", ["label", "labels"])
def test_a_column_that_is_called_as_the_labels_are_is_not_mistaken_for_them(name):
    column = np.array(["p", "q"])[np.arange(40) % 2]
    dataset = dataclasses.replace(from_arrays(X), told={name: column})
    (condition,) = conditions_of(dataset, Config(condition=(name,)))
    assert (condition.name, condition.classes) == (name, ("p", "q"))
    both = dataclasses.replace(from_arrays(X, LABELS), told={name: column})
    with pytest.raises(DataError, match=f"--condition {name}: .* has a column of that name"):
        conditions_of(both, Config(condition=(name,)))


@pytest.mark.parametrize("stream", [False, True])
def test_columns_of_obs_are_told_of_the_rows_that_they_belong_to(counts_h5ad, stream):
    dataset = load_data(counts_h5ad.path, stream=stream)
    config = Config(condition=("batch", "depth"), library=True)
    told = with_conditions(dataset, conditions_of(dataset, config))
    batch, depth, library = told.conditions
    assert (batch.classes, depth.classes, library.classes) == (("a", "b"), (), ())
    obs = counts_h5ad.obs
    for examples in told.splits.values():
        rows, condition = examples.rows, examples.condition
        np.testing.assert_array_equal(examples.x, counts_h5ad.counts[rows])
        names = np.array(batch.classes)[condition[:, :2].argmax(1)]
        np.testing.assert_array_equal(names, obs["batch"].to_numpy()[rows])
        np.testing.assert_allclose(
            condition[:, 2] * depth.scale + depth.center, obs["depth"].to_numpy()[rows], atol=1e-5
        )
        logs = condition[:, 3] * library.scale + library.center
        np.testing.assert_allclose(logs, np.log(examples.x.sum(1)), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "said"), [("color", "has batch, depth, gap only"), ("gap", "row 3 .* has a gap")]
)
def test_columns_of_obs_that_cannot_be_told_are_refused(counts_h5ad, name, said):
    with pytest.raises(DataError, match=f"--condition {name}: .*{said}"):
        conditions_of(load_data(counts_h5ad.path), Config(condition=(name,)))


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
    town, kind, age = conditions_of(dataset, Config(condition=("town", "labels", "age")))
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
    for names, expected in (((), ["town"]), (("kind",), ["kind", "town"])):
        found = conditions_of(dataset, Config(condition=names))
        assert [each.name for each in found] == expected


def test_other_rows_are_standardised_as_those_of_training_and_warned_of():
    dataset = table("age")
    conditions = conditions_of(dataset, Config(condition=("age",)))
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
        (load_data(TABLE, condition=("age",)), ("labels",), "has no labels; --label-column"),
    ):
        with pytest.raises(DataError, match=said):
            conditions_of(dataset, Config(condition=names))
    told = table("age")
    with pytest.raises(DataError, match="has no column 'age', which the model takes"):
        with_conditions(from_arrays(X), conditions_of(told, Config(condition=("age",))))
    own = from_arrays({"x": X, "condition": X}, LABELS)
    conditions = conditions_of(own, BY_LABELS)
    with pytest.raises(DataError, match="comes with a condition of its own"):
        with_conditions(own, conditions)
