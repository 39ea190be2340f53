import keras
import numpy as np
import pytest

from keras_vae import ConfigError
from keras_vae.networks.images import cropped, image_inputs, image_parameters, image_shape


def test_an_image_has_a_channel_axis_with_or_without_one():
    assert image_shape((5, 4)) == (5, 4, 1)
    assert image_shape((5, 4, 3)) == (5, 4, 3)
    with pytest.raises(ConfigError, match="conv networks need images"):
        image_shape((5,))


def test_a_mask_is_further_channels_behind_x():
    inputs, h = image_inputs((3, 2), None, True, keras.layers.Rescaling(2.0))
    assert list(inputs) == ["x", "mask"]
    x, mask = np.random.default_rng(0).random((2, 4, 3, 2), "float32")
    found = np.asarray(keras.Model(inputs, h)({"x": x, "mask": mask}))
    np.testing.assert_allclose(found[..., 0], 2 * x, rtol=1e-6)
    np.testing.assert_allclose(found[..., 1], mask, rtol=1e-6)


def test_what_stands_over_is_cut_and_nothing_else_copied():
    h = keras.Input((4, 5, 2))
    assert cropped(h, (4, 5)) is h
    values = np.random.default_rng(0).random((2, 4, 5, 2), "float32")
    found = keras.Model(h, cropped(h, (3, 2)))(values)
    np.testing.assert_array_equal(found, values[:, :3, :2])


def test_each_parameter_has_its_channels_and_its_bias():
    h = keras.Input((4, 5, 2))
    shapes = {"mean": (4, 5), "log_scale": (4, 5, 3)}
    bias = {name: np.full(shape, 7.0, "float32") for name, shape in shapes.items()}
    model = keras.Model(h, image_parameters(h, shapes, bias))
    found = model(np.zeros((2, 4, 5, 2), "float32"))
    for name, shape in shapes.items():
        np.testing.assert_array_equal(found[name], np.full((2, *shape), 7.0))
