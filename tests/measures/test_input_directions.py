from itertools import pairwise

import numpy as np
import pytest

from keras_vae.measures import input_directions

ENTRIES, LATENTS = 30, 3
X = np.random.default_rng(0).standard_normal((50, ENTRIES)).astype("float32")


def network(*widths, seed=1):
    """x -> (z_mean, z_log_var) of a multilayer perceptron of tanh, float32."""
    rng = np.random.default_rng(seed)
    sizes = (ENTRIES, *widths, 2 * LATENTS)
    layers = [
        (rng.standard_normal(pair) / np.sqrt(pair[0])).astype("float32") for pair in pairwise(sizes)
    ]

    def encode(x):
        h = x.reshape(len(x), -1)
        for layer in layers[:-1]:
            h = np.tanh(h @ layer)
        return np.split(h @ layers[-1], 2, axis=1)

    return encode


@pytest.mark.parametrize("units", [1, 2, 4, 9])
def test_there_are_as_many_as_units_of_the_first_layer(units):
    assert input_directions(network(units), X) == units


def test_a_narrow_layer_behind_a_wide_one_is_another_matter():
    # four units in the middle, but each looks at x in many directions
    assert input_directions(network(64, 4), X) > 20


def test_a_linear_encoder_has_as_many_as_outputs():
    assert input_directions(network(), X) == 2 * LATENTS


def test_a_wide_one_looks_at_nearly_all():
    assert input_directions(network(64, 64), X) > 25


@pytest.mark.parametrize("scale", [1e-4, 1e5])
def test_the_scale_of_x_changes_nothing(scale):
    encode = network(4)
    assert input_directions(lambda x: encode(x / np.float32(scale)), scale * X) == 4


def test_images_of_more_entries_than_directions_are_looked_at_in_some():
    x = np.random.default_rng(2).standard_normal((50, 20, 20)).astype("float32")
    first = np.random.default_rng(3).standard_normal((400, 5)).astype("float32") / 20

    def encode(x):
        h = np.tanh(x.reshape(len(x), -1) @ first)
        return h[:, :2] ** 2 + h[:, 2:4], h[:, 3:] * h[:, :2]

    assert input_directions(encode, x) == 5


def test_a_constant_encoder_has_none():
    assert input_directions(lambda x: 2 * [np.zeros((len(x), LATENTS))], X) == 0


def test_x_without_spread_has_a_width_too():
    assert input_directions(network(4), np.zeros_like(X)) == 4


def test_an_encoder_is_asked_only_for_values_in_the_range_of_its_data():
    x = (X > 0).astype("float32")
    encode, asked = network(4), []

    def encode_in_range(x):
        asked.append((x.min(), x.max()))
        return encode(x)

    assert input_directions(encode_in_range, x) == 4
    assert min(low for low, _ in asked) >= 0
    assert max(high for _, high in asked) <= 1
