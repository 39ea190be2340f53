import keras
import numpy as np
import pytest
from keras import layers

import keras_vae
from keras_vae import DoesNotApply
from keras_vae.networks import conv_decoder, conv_encoder, mlp_decoder, mlp_encoder
from keras_vae.networks.counts import LibraryShares
from keras_vae.reports.decoder import decoder_steps

Z = np.random.default_rng(0).normal(size=(20, 2)).astype("float32")


def vae_with(decoder, **options):
    return keras_vae.VAE(mlp_encoder((6,), 2, hidden=(4,)), decoder, **options)


def expect_the_same(vae, condition=None):
    steps = decoder_steps(vae)
    expected = vae.decode(Z, condition=condition).reshape(len(Z), -1)
    np.testing.assert_allclose(steps.run(Z, condition), expected, rtol=1e-4, atol=1e-6)


def test_dense_layers_with_any_known_activation_are_computed():
    z = keras.Input((2,))
    h = layers.Dropout(0.5)(layers.Dense(5, "silu")(z))
    h = layers.Concatenate()([layers.ReLU()(h), layers.Activation("tanh")(h), z])
    x = layers.Reshape((3, 2))(layers.Flatten()(layers.Dense(6, use_bias=False)(h)))
    decoder = keras.Model(z, x)
    encoder = mlp_encoder((3, 2), 2, hidden=(4,))
    expect_the_same(keras_vae.VAE(encoder, decoder, "gaussian"))


def test_a_sequence_of_layers_is_computed():
    decoder = keras.Sequential([keras.Input((2,)), layers.Dense(4, "elu"), layers.Dense(6)])
    expect_the_same(vae_with(decoder))


def test_a_condition_and_a_library_size_are_taken_in():
    options = {"hidden": (4,), "condition_shape": (3,)}
    decoder = mlp_decoder((6,), 2, shares=LibraryShares(7.0, 0.5), linear_path=True, **options)
    vae = keras_vae.VAE(mlp_encoder((6,), 2, **options), decoder, "poisson")
    expect_the_same(vae, np.random.default_rng(1).normal(size=(20, 3)).astype("float32"))


class Own(layers.Layer):
    def call(self, inputs):
        return 2 * inputs


class NoGraph(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(6)

    def call(self, z):
        return self.dense(z)


def ending_with(*parts):
    return keras.Sequential([keras.Input((2,)), *parts, layers.Dense(6)])


@pytest.mark.parametrize(
    ("decoder", "words"),
    [
        (lambda: ending_with(Own()), "a layer Own"),
        (lambda: ending_with(layers.BatchNormalization()), "BatchNormalization"),
        (lambda: ending_with(layers.ReLU(negative_slope=0.1)), "not a plain ReLU"),
        (lambda: ending_with(layers.Dense(3, "gelu")), "gelu"),
        (NoGraph, "NoGraph"),
    ],
)
def test_what_the_page_does_not_compute_is_refused_by_name(decoder, words):
    with pytest.raises(DoesNotApply, match=words):
        decoder_steps(vae_with(decoder()))


def test_a_layer_that_is_used_twice_or_along_an_axis_is_refused():
    z = keras.Input((2,))
    same = layers.Dense(2)
    with pytest.raises(DoesNotApply, match="2 times"):
        decoder_steps(vae_with(keras.Model(z, layers.Dense(6)(same(same(z))))))
    x = layers.Dense(3)(layers.Reshape((2, 1))(z))
    with pytest.raises(DoesNotApply, match="along an axis"):
        decoder_steps(vae_with(keras.Model(z, layers.Flatten()(x))))


def test_convolutions_are_refused():
    shape = (8, 8, 1)
    vae = keras_vae.VAE(conv_encoder(shape, 2, (4,)), conv_decoder(shape, 2, (4,)))
    with pytest.raises(DoesNotApply, match="a layer"):
        decoder_steps(vae)
