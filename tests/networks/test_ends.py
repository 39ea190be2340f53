import keras
import numpy as np
import pytest

from keras_vae.networks.ends import OutputBias, likelihood_parameters, posterior_heads


@pytest.mark.parametrize("event_shape", [(6,), (2, 3), (3, 2, 1)])
def test_the_output_is_what_came_in_as_an_example_plus_the_bias(event_shape):
    rng = np.random.default_rng(0)
    bias = rng.normal(size=event_shape).astype("float32")
    h = keras.Input((6,))
    model = keras.Model(h, likelihood_parameters(lambda shape: h, event_shape, bias))
    values = rng.normal(size=(4, 6)).astype("float32")
    np.testing.assert_array_equal(model(values), values.reshape(4, *event_shape) + bias)


def test_without_a_bias_the_output_is_what_came_in():
    h = keras.Input((6,))
    model = keras.Model(h, likelihood_parameters(lambda shape: h, (2, 3)))
    values = np.arange(12, dtype="float32").reshape(2, 6)
    np.testing.assert_array_equal(model(values), values.reshape(2, 2, 3))


def test_the_bias_is_learned_and_has_an_entry_for_each_entry_of_an_example():
    layer = OutputBias()
    layer.build((None, 4, 3))
    assert [weight.shape for weight in layer.trainable_weights] == [(4, 3)]


def test_the_layer_comes_back_from_its_config_with_its_name():
    copy = OutputBias.from_config(OutputBias(name="parameters").get_config())
    assert copy.name == "parameters"
    assert copy.compute_dtype == "float32"


def test_the_heads_are_two_affine_maps_of_their_own():
    rng = np.random.default_rng(0)
    h = keras.Input((5,))
    model = keras.Model(h, posterior_heads(h, 2))
    values = rng.normal(size=(4, 5)).astype("float32")
    outputs = model(values)
    for name, output in zip(("z_mean", "z_log_var"), outputs, strict=True):
        kernel, _ = model.get_layer(name).get_weights()
        np.testing.assert_allclose(output, values @ kernel, rtol=1e-5, atol=1e-6)
    assert not np.allclose(*outputs)
