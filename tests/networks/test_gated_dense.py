import keras
import numpy as np
import pytest

from keras_vae.networks import GatedDense


def test_it_is_two_dense_layers_of_which_one_lets_the_other_through():
    layer = GatedDense(4)
    x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    h = layer(x)
    a, b = (np.asarray(kernel, "float64") for kernel in layer.kernels)
    layer.bias.assign(np.linspace(-1, 1, 8))
    bias = np.asarray(layer.bias, "float64")
    expected = (x @ a + bias[:4]) / (1 + np.exp(-(x @ b + bias[4:])))
    assert h.shape == (5, 4) == layer.compute_output_shape((5, 3))
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5)


def test_each_half_starts_as_a_dense_layer_of_its_own():
    layer = GatedDense(300)
    layer.build((None, 200))
    for kernel in layer.kernels:  # Glorot's uniform: a variance of 2 / (in + out)
        assert np.var(kernel) == pytest.approx(2 / 500, rel=0.05)


def test_it_computes_in_half_precision_where_that_is_asked_for():
    layer = GatedDense(4, dtype="mixed_bfloat16")
    assert layer(np.ones((2, 3), "float32")).dtype == "bfloat16"
    assert keras.backend.standardize_dtype(layer.bias.dtype) == "float32"
