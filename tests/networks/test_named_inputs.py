import keras
import numpy as np
import pytest

from keras_vae import ConfigError
from keras_vae.networks.named_inputs import call_network, condition_shape, named_inputs


def network(**shapes):
    """The sums of the inputs, side by side."""
    inputs = {name: keras.Input(shape, name=name) for name, shape in shapes.items()}
    return keras.Model(inputs, keras.layers.Concatenate()(list(inputs.values())))


def test_a_network_of_several_names_says_which_and_any_other_none():
    assert named_inputs(network(z=(2,), condition=(3,))) == {"z": (None, 2), "condition": (None, 3)}
    assert named_inputs(network(x=(2,))) == {"x": (None, 2)}
    assert named_inputs(keras.layers.Dense(2)) is None
    assert named_inputs(keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])) is None


def test_a_network_gets_what_it_names_and_a_mask_of_ones_where_there_is_none():
    z, condition = np.ones((4, 2), "float32"), np.full((4, 3), 5.0)
    values = {"z": z, "condition": condition, "more": None}
    out = call_network(network(z=(2,), condition=(3,)), values, training=False)
    np.testing.assert_array_equal(out, np.hstack([z, condition]))
    out = call_network(network(x=(2,), mask=(2,)), {"x": 3 * z, "mask": None}, training=False)
    np.testing.assert_array_equal(out, [[3, 3, 1, 1]] * 4)
    out = call_network(network(x=(2,)), {"x": z, "mask": None}, training=False)
    np.testing.assert_array_equal(out, z)
    dense = keras.layers.Dense(1, kernel_initializer="ones")
    np.testing.assert_array_equal(call_network(dense, values, training=False), [[2]] * 4)


def test_the_condition_has_one_shape_in_both_networks():
    encoder, decoder = network(x=(2,), condition=(3,)), network(z=(2,), condition=(3,))
    assert condition_shape(encoder, decoder) == condition_shape(decoder) == (3,)
    assert condition_shape(keras.layers.Dense(2), network(x=(2,), mask=(2,))) is None
    with pytest.raises(ConfigError, match=r"different shapes, \[\(3,\), \(4,\)\]"):
        condition_shape(encoder, network(z=(2,), condition=(4,)))


def test_a_condition_may_be_one_number_and_must_have_a_known_size():
    number = keras.Input((), name="condition")
    assert condition_shape(keras.Model({"condition": number}, 2 * number)) == ()
    with pytest.raises(ConfigError, match=r"'condition' has shape \(None,\)"):
        condition_shape(network(condition=(None,)))
