import numpy as np
import pytest

from keras_vae.data import array_of, count, take

X = np.arange(12, dtype="float32").reshape(4, 3)
BOTH = {"x": X, "mask": (X % 2), "condition": 10 * X[:, :1]}


def test_an_array_stays_the_same_array():
    assert array_of(X) is X
    assert count(X) == 4
    assert np.shares_memory(take(X, slice(1, 3)), X)
    np.testing.assert_array_equal(take(X, slice(1, 3)), X[1:3])


@pytest.mark.parametrize("rows", [slice(1, 3), np.array([3, 0]), 2])
def test_all_parts_are_cut_by_the_same_rows(rows):
    assert array_of(BOTH) is X
    assert count(BOTH) == 4
    some = take(BOTH, rows)
    assert list(some) == ["x", "mask", "condition"]
    for name, part in some.items():
        np.testing.assert_array_equal(part, BOTH[name][rows])
