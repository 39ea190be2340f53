import numpy as np
import pytest
from diagnosis.made_subjects import linear_subject
from diagnosis.made_tables import table_subject

from keras_vae.conditions import Condition, encode_conditions
from keras_vae.diagnosis.measurements import Measurements

RNG = np.random.default_rng(31)
N = 200
X = RNG.normal(5, 2, (N, 3)).astype("float32")
CATEGORIES = ("red", "blue", "gray")


def with_codes(codes):
    """The table with a first column of codes."""
    x = X[: len(codes)].copy()
    x[:, 0] = codes
    return x


def told(x, conditions, values, **changes):
    """A subject whose model is told these values."""
    subject = table_subject(x, conditions=tuple(conditions), **changes)
    subject.train["condition"] = encode_conditions(conditions, values)
    return Measurements(subject)


def test_categories_are_counted_where_they_are_observed_in_both_splits():
    train, test = with_codes(np.repeat([0, 1], [150, 50])), with_codes([0, 2, 2])
    mask = np.ones_like(train)
    mask[:7, 0] = 0
    kinds = ["categorical", "real", "real"]
    m = Measurements(table_subject(train, kinds=kinds, mask=mask, categories=CATEGORIES, test=test))
    found = {each.value: (each.train, each.test) for each in m.occurrences}
    assert found == {"red": (143, 1), "blue": (50, 0), "gray": (0, 2)}
    assert {(each.name, each.others, each.is_told) for each in m.occurrences} == {("c0", 2, False)}


def test_classes_of_conditions_are_counted_each_by_its_entries():
    age = np.arange(N) * 1.0
    conditions = Condition.of_numbers("age", age), Condition("batch", ("a", "b"))
    batch = ["a"] * (N - 3) + ["b"] * 3
    m = told(X, conditions, {"age": age, "batch": batch})
    assert [tuple(each) for each in m.occurrences] == [
        ("batch", "a", 1, True, N - 3, N - 3),
        ("batch", "b", 1, True, 3, 3),
    ]


def test_what_columns_leave_open_is_asked_of_each_condition_and_of_the_label():
    age = X[:, 2].astype("float64")
    conditions = Condition("batch", ("a", "b")), Condition.of_numbers("age", age)
    codes = np.arange(N) % 2
    labels = (X[:, 1] > 5).astype(int)
    values = {"age": age, "batch": np.where(codes, "b", "a")}
    m = told(with_codes(codes), conditions, values, labels=labels)
    names = "condition 'batch'", "condition 'age'", "the label"
    assert set(m.left_open) == {(f"c{j}", name) for j in range(3) for name in names}
    assert m.left_open["c0", "condition 'batch'"] == 0
    assert m.left_open["c2", "condition 'age'"] == pytest.approx(0, abs=1e-6)
    assert m.left_open["c1", "the label"] <= 2 / 90  # next to the edge
    assert min(m.left_open["c1", name] for name in names[:2]) > 0.5


def test_a_gap_tells_a_class_and_is_no_number():
    labels = (np.arange(N) % 2).astype(int)
    mask = np.ones_like(X)
    mask[labels == 1, 0] = 0
    age = X[:, 0].astype("float64")
    conditions = (Condition.of_numbers("age", age),)
    m = told(X, conditions, {"age": age}, mask=mask, labels=labels)
    assert m.left_open["c0", "the label"] == 0
    # a copy where it is known
    assert m.left_open["c0", "condition 'age'"] == pytest.approx(0, abs=1e-6)


def test_other_data_have_neither():
    m = Measurements(linear_subject(count=50, labels=np.zeros(50, int)))
    assert m.occurrences == ()
    assert m.left_open == {}
