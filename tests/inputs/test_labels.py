import numpy as np
import pytest
import tensorflow as tf

from keras_vae import DataError
from keras_vae.inputs.labels import are_labels, check_labels, without_text

X = np.random.default_rng(0).random((6, 2, 3)).astype("float32")
COLUMN = X[:, 0, :1]

LABELS = {
    "integers": np.arange(6),
    "whole floats": np.arange(6.0),
    "a column": np.arange(6)[:, None],
    "one-hot": np.eye(6),
    "text": np.array(list("abcdef")),
    "x itself": X.copy(),
    "x with an axis more": X[..., None],
}
NO_LABELS = {
    "other values of x's shape": 1 - X,
    "those with an axis more": (1 - X)[..., None],
    "fractions": X[:, 0, 0],
    "columns of fractions": X[:, 0],
    "pictures of another shape": np.zeros((6, 4, 4)),
}


@pytest.mark.parametrize("y", LABELS.values(), ids=LABELS)
def test_labels_and_x_itself_pass_in_numpy_and_in_a_graph(y):
    check_labels(y, X)
    assert are_labels(tf.constant(y), tf.constant(X))


@pytest.mark.parametrize("y", NO_LABELS.values(), ids=NO_LABELS)
def test_what_may_be_meant_to_be_learned_is_refused_in_numpy_and_in_a_graph(y):
    with pytest.raises(DataError, match="leave y out"):
        check_labels(y, X)
    assert not are_labels(tf.constant(y), tf.constant(X))


def test_whole_numbers_are_labels_of_examples_of_one_entry_and_fractions_are_not():
    check_labels(np.arange(6), COLUMN)
    assert are_labels(tf.range(6), tf.constant(COLUMN))
    with pytest.raises(DataError, match="leave y out"):
        check_labels(COLUMN[:, 0] / 2, COLUMN)


def test_as_many_labels_as_examples():
    with pytest.raises(DataError, match="y has 5 rows, x has 6"):
        check_labels(np.arange(5), X)


def test_text_becomes_zeros_that_a_device_takes():
    for y in (LABELS["text"], tf.constant(LABELS["text"])):
        np.testing.assert_array_equal(without_text(y), np.zeros(6))
    assert without_text(None) is None
    np.testing.assert_array_equal(without_text([3, 1]), [3, 1])
