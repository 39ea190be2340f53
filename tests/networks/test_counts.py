import keras
import numpy as np
import pytest
from scipy import special

from keras_vae.networks import LibraryShares, LogCounts, conv_decoder, mlp_decoder


def test_the_logarithm_of_counts_holds_in_half_precision_too(mixed_precision):
    x = np.array([[0, 1, 1e6]], "float32")
    logs = LogCounts()(x)
    assert keras.backend.standardize_dtype(logs.dtype) == "float32"
    np.testing.assert_allclose(logs, np.log1p(x), rtol=1e-6)


def test_the_means_of_an_example_are_its_library_size_times_their_shares():
    rng = np.random.default_rng(0)
    h = rng.normal(0, 30, (4, 5, 3)).astype("float32")
    log_library = np.log([1, 20, 3000, 1e6])
    told = ((log_library - 5) / 2).astype("float32")
    condition = np.stack([rng.normal(size=4), told], axis=1).astype("float32")
    layer = LibraryShares(center=5.0, scale=2.0)
    shares = special.log_softmax(h.astype("float64").reshape(4, -1), axis=1).reshape(h.shape)
    expected = log_library[:, None, None] + shares
    np.testing.assert_allclose(layer([h, condition]), expected, rtol=1e-5, atol=1e-4)
    assert LibraryShares.from_config(layer.get_config()).get_config() == layer.get_config()


@pytest.mark.parametrize("decoder", [mlp_decoder, conv_decoder])
def test_a_decoder_of_several_parameters_divides_the_means_alone(decoder):
    shapes = {"log_mean": (4, 4), "zero_logit": (4, 4)}
    network = decoder(shapes, 2, (8,), condition_shape=(1,), shares=LibraryShares())
    z = np.random.default_rng(0).normal(size=(3, 2)).astype("float32")
    condition = np.log([[1.0], [10.0], [500.0]]).astype("float32")
    outputs = network({"z": z, "condition": condition})
    means = np.exp(outputs["log_mean"]).sum(axis=(1, 2))
    np.testing.assert_allclose(means, [1, 10, 500], rtol=1e-4)
    assert not np.allclose(np.exp(outputs["zero_logit"]).sum(axis=(1, 2)), [1, 10, 500])
