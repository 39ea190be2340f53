import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_vae import ConfigError
from keras_vae.networks import resnet_decoder, resnet_encoder

EVENT_SHAPES = [(28, 28), (8, 8), (7, 9, 3), (5, 6, 2)]


def noise(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def strided(model):
    kinds = (keras.layers.Conv2D, keras.layers.Conv2DTranspose)
    return [
        layer.output.shape[1:]
        for layer in model.layers
        if isinstance(layer, kinds) and layer.strides[0] == 2
    ][::2]


@pytest.mark.parametrize("event_shape", EVENT_SHAPES)
def test_images_of_any_size_become_heads_and_latents_become_images(event_shape):
    encoder = resnet_encoder(event_shape, 3, (4, 6))
    assert [tuple(output.shape) for output in encoder(noise(4, *event_shape))] == [(4, 3)] * 2
    x = tf.constant(noise(20, *event_shape))
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.add_n([tf.reduce_sum(output) for output in encoder(x)])
    assert (np.abs(tape.gradient(total, x)).max(axis=0) > 0).all()
    parameters = resnet_decoder(event_shape, 3, (4, 6))(noise(20, 3)).numpy()
    assert parameters.shape == (20, *event_shape)
    assert (parameters.std(axis=0) > 1e-6).all()


@pytest.mark.parametrize(
    ("shape", "stages"),
    [
        ((28, 28), [(14, 14, 16), (7, 7, 32), (4, 4, 32)]),
        ((32, 32, 3), [(16, 16, 16), (8, 8, 32), (4, 4, 32)]),
        ((64, 64, 3), [(32, 32, 16), (16, 16, 32), (8, 8, 32), (4, 4, 32)]),
    ],
)
def test_by_default_it_has_the_stages_that_the_size_of_the_image_asks_for(shape, stages):
    assert strided(resnet_encoder(shape, 2)) == stages
    assert resnet_decoder(shape, 2).output.shape[1:] == shape


def test_a_block_is_nearly_the_identity_at_the_start():
    """A tenth of its convolutions is added to what they are given."""
    encoder = resnet_encoder((8, 8), 2, (4,))
    adds = [layer for layer in encoder.layers if isinstance(layer, keras.layers.Add)]
    parts = keras.Model(encoder.input, [adds[1].input[0], adds[1].output])
    before, after = parts(noise(10, 8, 8))
    change = np.std(np.asarray(after) - np.asarray(before)) / np.std(before)
    assert 0.001 < change < 0.2


def test_what_is_no_image_is_refused():
    for network in (resnet_encoder, resnet_decoder):
        with pytest.raises(ConfigError, match="conv networks need images"):
            network((5,), 2)


def test_a_condition_and_a_mask_are_seen():
    encoder = resnet_encoder((8, 8), 2, (4,), condition_shape=(3,), has_mask=True)
    x = {"x": noise(5, 8, 8), "mask": np.ones((5, 8, 8)), "condition": np.zeros((5, 3))}
    first = encoder(x)[0]
    for name, value in (("mask", np.zeros((5, 8, 8))), ("condition", np.ones((5, 3)))):
        assert np.abs(np.asarray(encoder({**x, name: value})[0] - first)).max() > 1e-6
    decoder = resnet_decoder((8, 8), 2, (4,), condition_shape=(3,))
    z = {"z": noise(5, 2), "condition": np.zeros((5, 3))}
    other = {**z, "condition": np.ones((5, 3))}
    assert np.abs(np.asarray(decoder(z) - decoder(other))).max() > 1e-6
