import base64

import numpy as np
import pytest

from keras_vae import load_data
from keras_vae.reports.looks import Looks, looks_of


def test_an_image_a_line_and_the_row_of_a_table_are_told_apart(people):
    x = np.random.default_rng(0).random((40, 8, 8, 1)).astype("float32")
    assert looks_of(load_data(x), x).kind == "image"
    line = looks_of(load_data(x.reshape(40, 64)), x.reshape(40, 64))
    assert (line.kind, line.low, line.high) == ("line", x.min(), x.max())
    dataset = load_data(str(people))
    row = looks_of(dataset, dataset.test.x)
    assert row.kind == "row"
    kinds = {column["name"]: (column["kind"], column["levels"]) for column in row.columns}
    assert kinds["town"] == ("categorical", ["Bonn", "Kiel", "Ulm"])
    assert kinds["day"] == ("date", [])


def values(found):
    data = base64.b64decode(found["values"]["data"])
    return np.frombuffer(data, found["values"]["dtype"]).reshape(found["values"]["shape"])


def test_missing_entries_of_a_row_are_left_empty():
    x = np.arange(6.0).reshape(2, 3)
    mask = np.array([[1, 0, 1], [1, 1, 1]])
    found = values(Looks("row", (3,)).pack(x, mask))
    np.testing.assert_array_equal(found, [[0, np.nan, 2], [3, 4, 5]])


@pytest.mark.parametrize("kind", ["image", "line"])
def test_as_many_examples_are_kept_as_there_is_room_for(kind):
    x = np.random.default_rng(0).random((50, 8, 8))
    looks = Looks(kind, (8, 8))
    found = looks.pack(x, most=2000)
    size = len(found["url"]) if kind == "image" else 2 * values(found).size
    assert 0 < found["count"] < 50
    assert 1000 < size <= 2000
    assert looks.pack(x)["count"] == 50
