import json

import numpy as np
import pytest

from keras_vae.conditions import (
    Condition,
    condition_values,
    described_condition,
    encode_conditions,
    unusual_conditions,
)
from keras_vae.errors import DataError

KIND = Condition("kind", ("cat", "dog"))
AGE = Condition("age", center=40.0, scale=20.0, low=10.0, high=90.0)
BORN = Condition("born", center=10.0, scale=2.0, low=0.0, high=20.0, is_date=True)


def test_a_class_is_one_hot_in_the_order_of_its_names_and_a_number_is_standardised():
    told = encode_conditions((KIND, AGE), {"age": [60, 30], "kind": ["dog", "cat"]})
    np.testing.assert_array_equal(told, np.float32([[0, 1, 1], [1, 0, -0.5]]))
    assert told.dtype == "float32"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": ["bird"], "age": [1]}, "kind=bird: the model was trained on kind cat, dog"),
        ({"kind": ["cat"], "age": ["old"]}, "age=old: expected a finite number"),
        ({"kind": ["cat"], "age": [np.nan]}, "age=nan: expected a finite number"),
        ({"kind": ["cat"]}, "kind, age, and age is not given"),
        ({"kind": ["cat"], "age": [1], "size": [2]}, "size: the model takes kind, age"),
    ],
)
def test_what_the_model_was_not_trained_on_is_refused_by_name(values, said):
    with pytest.raises(DataError, match=said) as error:
        encode_conditions((KIND, AGE), values)
    assert "\n" not in str(error.value)


def test_a_model_that_is_told_nothing_takes_no_condition():
    with pytest.raises(DataError, match="takes no condition"):
        encode_conditions((), {"label": [1]})


@pytest.mark.parametrize(
    ("condition", "example"), [(KIND, "kind=cat"), (AGE, "age=40"), (BORN, "born=1970-01-11")]
)
def test_the_example_of_a_condition_is_one_that_the_model_can_be_told(condition, example):
    assert condition.example == example
    value = example.partition("=")[2]
    assert unusual_conditions([condition], {condition.name: [value]}) == []
    assert encode_conditions([condition], {condition.name: [value]}).shape[0] == 1


def test_conditions_come_back_from_json():
    for condition in (KIND, AGE, BORN):
        stored = json.loads(json.dumps(condition.to_dict()))
        assert stored == condition.to_dict()
        assert Condition.from_dict(stored) == condition


@pytest.mark.parametrize("value", [14, "1970-01-15", np.datetime64("1970-01-15")])
def test_a_date_is_told_in_days_or_as_a_date(value):
    np.testing.assert_array_equal(BORN.encode([value]), [[2.0]])


@pytest.mark.parametrize("value", ["soon", None, "NaT"])
def test_what_is_not_a_date_is_refused(value):
    with pytest.raises(DataError, match=f"born={value}: expected a date such as"):
        BORN.encode([value])


def test_a_number_further_out_than_one_standard_deviation_is_unusual():
    values = {"kind": ["cat"] * 4, "age": [-10, 110, 110.5, -11], "born": [0, 22, "1970-01-24", -1]}
    age, born = unusual_conditions((KIND, AGE, BORN), values)
    assert age.startswith("condition age=110.5 and 1 more: training had age from 10 to 90")
    assert born.startswith(
        "condition born=1970-01-24: training had born from 1970-01-01 to 1970-01-21"
    )
    inside = {name: each[:2] for name, each in values.items()}
    assert unusual_conditions((KIND, AGE, BORN), inside) == []


def test_a_condition_is_described_by_its_names():
    conditions = (KIND, AGE, BORN)
    told = encode_conditions(conditions, {"kind": ["dog"], "age": [30], "born": ["1970-01-15"]})[0]
    assert described_condition(conditions, told) == "kind=dog, age=30, born=1970-01-15"
    values = condition_values(conditions, told)
    again = encode_conditions(conditions, {name: [value] for name, value in values.items()})
    np.testing.assert_allclose(again[0], told)
    assert [name for each in conditions for name in each.entries] == [
        "kind=cat",
        "kind=dog",
        "(age - 40.0) / 20.0",
        "(born in days since 1970-01-01 - 10.0) / 2.0",
    ]


def test_a_number_of_which_the_logarithm_is_told_is_standardised_warned_of_and_described_by_it():
    library = Condition.of_numbers("library", np.exp([2.0, 4.0]), "log")
    assert (library.center, library.scale) == pytest.approx((3.0, 1.0))
    assert (library.low, library.high) == pytest.approx((np.exp(2), np.exp(4)))
    assert Condition.from_dict(json.loads(json.dumps(library.to_dict()))) == library
    told = library.encode(["1000"])
    np.testing.assert_allclose(told, [[np.log(1000) - 3]], rtol=1e-6)
    assert library.unusual(np.exp([1.01, 4.99])) is None  # within a standard deviation of the log
    assert library.unusual([1000]).startswith("condition library=1000: training had library from 7")
    assert described_condition((library,), told[0]) == "library=1000"
    assert library.entries[0].startswith("(log library - 3")
    with pytest.raises(DataError, match=r"library=0, in 2 of 3 examples: .* above 0; leave such"):
        library.encode([1, 0, -2])
    with pytest.raises(DataError, match=r"library=0: .* must be above 0$"):
        library.encode([0])
