import numpy as np
import pandas as pd
import pytest

from keras_vae.conditions import Condition
from keras_vae.data.tables import infer_schema, read_rows
from keras_vae.errors import DataError

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


def record(conditions=CONDITIONS):
    stored = {"schema": SCHEMA.to_dict(), "conditions": [each.to_dict() for each in conditions]}
    return {"data": {"name": "animals", **stored}}


def test_new_rows_are_told_what_their_own_columns_say_as_in_training():
    warned = []
    rows = read_rows(FRAME.iloc[[1, 2]].assign(age=[5.5, 8.5]), record(), warned.append)
    np.testing.assert_array_equal(rows.condition, [[1, 0, 1, 0, 1], [3, 1, 0, 0, 1]])
    assert rows.given["condition"] is rows.condition
    assert rows.condition.dtype == "float32"
    assert rows.x.shape == (2, 1)
    [line] = warned
    assert "age=8.5: training had age from 2.5 to 5.5" in line


def test_rows_of_a_model_that_is_told_nothing_need_no_condition():
    rows = read_rows(FRAME.drop(columns="age"), record(()))
    assert set(rows.given) == {"x", "mask"}


@pytest.mark.parametrize("name", ["age", "kind", "owner"])
def test_rows_without_what_the_model_is_told_are_refused_by_its_name(name):
    with pytest.raises(DataError, match=f"column '{name}' is missing, of which the model is told"):
        read_rows(FRAME.drop(columns=name), record())
