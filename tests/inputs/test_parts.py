import numpy as np
import pytest
import tensorflow as tf

from keras_vae import DataError
from keras_vae.inputs import parts_of, repeated

X = np.arange(6.0).reshape(3, 2)
MASK = np.array([[1, 0], [1, 1], [0, 1]])


def test_an_array_has_values_alone():
    parts = parts_of(X, (2,))
    np.testing.assert_array_equal(parts.x, X)
    assert parts.x.dtype == "float32"
    assert parts.mask is None
    assert parts.condition is None


def test_missing_entries_are_0_whatever_stood_there():
    parts = parts_of({"x": np.where(MASK, X, np.nan), "mask": MASK, "condition": X}, (2,), (2,))
    np.testing.assert_array_equal(parts.x, X * MASK)
    np.testing.assert_array_equal(parts.mask, MASK)
    np.testing.assert_array_equal(parts.condition, X)


def test_a_conditional_model_needs_its_condition():
    with pytest.raises(DataError, match="no condition was given"):
        parts_of(X, (2,), condition_shape=(2,))


def test_what_is_repeated_stands_in_a_row():
    x, (a, b) = repeated((np.array([1, 2]), (np.array([[3], [4]]), np.array([5, 6]))), 2)
    np.testing.assert_array_equal(x, [1, 1, 2, 2])
    np.testing.assert_array_equal(a, [[3], [3], [4], [4]])
    np.testing.assert_array_equal(b, [5, 5, 6, 6])
    of_parts = repeated({"x": tf.constant([1, 2])}, 3)
    np.testing.assert_array_equal(of_parts["x"], [1, 1, 1, 2, 2, 2])


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_a_condition_of_one_number_each_has_the_axes_that_the_model_takes(shape):
    for given in (X[:, 0], X[:, :1]):
        condition = parts_of({"x": X, "condition": given}, (2,), shape).condition
        np.testing.assert_array_equal(condition, X[:, 0].reshape(3, *shape))
