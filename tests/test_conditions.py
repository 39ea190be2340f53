import json
from dataclasses import asdict

import numpy as np
import pytest

from keras_vae.conditions import Condition, encode_conditions
from keras_vae.errors import DataError

KIND = Condition("kind", ("cat", "dog"))
AGE = Condition("age", center=40.0, scale=20.0)


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
        ({"kind": ["cat"], "age": [1], "size": [2]}, "size: the model is told kind, age"),
    ],
)
def test_what_the_model_was_not_trained_on_is_refused_by_name(values, said):
    with pytest.raises(DataError, match=said) as error:
        encode_conditions((KIND, AGE), values)
    assert "\n" not in str(error.value)


def test_a_model_that_is_told_nothing_takes_no_condition():
    with pytest.raises(DataError, match="takes no condition"):
        encode_conditions((), {"label": [1]})


def test_conditions_come_back_from_json():
    for condition in (KIND, AGE):
        assert Condition.from_dict(json.loads(json.dumps(asdict(condition)))) == condition
