import numpy as np
import pytest
import tensorflow as tf

from keras_vae import DataError
from keras_vae.distributions.likelihoods import lattice
from keras_vae.inputs import is_inside


class Even(lattice.Lattice):
    """Even numbers from 0 to 10."""

    support = (0, 10)

    def is_possible(self, x):
        return tf.equal(x % 2, 0)

    def in_words(self):
        return "even numbers", "double them"


def test_values_that_have_no_probability_are_counted_and_the_first_is_shown(monkeypatch):
    monkeypatch.setattr(lattice, "BLOCK", 2)
    x = np.float32([[0, 2], [4, 10], [4, 6], [8, 3], [5, 2]])
    Even().check(x[:3])
    with pytest.raises(DataError) as error:
        Even().check(x)
    assert str(error.value) == (
        "Even describes even numbers, and 2 of 10 values are not, the first 3 in row 3: double them"
    )


@pytest.mark.parametrize("value", [-2, 12])
def test_values_outside_the_support_are_among_them_and_nan_is_told_as_such(value):
    with pytest.raises(DataError, match=f"1 of 2 values are not, the first {value} in row 0"):
        Even().check(np.float32([[value, 2]]))
    with pytest.raises(DataError, match="1 NaN value"):
        Even().check(np.float32([[np.nan, 2]]))


@pytest.mark.parametrize(("x", "expected"), [([0, 4], True), ([0, 3], False), ([0, 12], False)])
def test_a_graph_finds_what_has_no_probability_as_well(x, expected):
    found = tf.function(lambda x: is_inside(x, Even()))(tf.constant([x], tf.float32))
    assert bool(found) is expected
