import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_vae.networks import conv_decoder, conv_encoder

EVENT_SHAPES = [(28, 28), (8, 8), (7, 9, 3), (13, 1), (5, 6, 2)]
CHANNELS = (4, 6)


def noise(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("event_shape", EVENT_SHAPES)
def test_the_encoder_maps_images_of_any_size_to_two_tensors_of_d_latents(event_shape):
    outputs = conv_encoder(event_shape, 3, CHANNELS)(noise(4, *event_shape))
    assert [tuple(output.shape) for output in outputs] == [(4, 3), (4, 3)]


@pytest.mark.parametrize("event_shape", EVENT_SHAPES)
@pytest.mark.parametrize("hidden", [(4,), CHANNELS, (4, 4, 4)])
def test_the_decoder_maps_d_latents_to_images_of_any_size(event_shape, hidden):
    parameters = conv_decoder(event_shape, 3, hidden)(noise(4, 3))
    assert tuple(parameters.shape) == (4, *event_shape)


@pytest.mark.parametrize("event_shape", EVENT_SHAPES)
def test_every_pixel_of_the_output_follows_z(event_shape):
    parameters = conv_decoder(event_shape, 3, CHANNELS)(noise(20, 3)).numpy()
    assert (parameters.std(axis=0) > 1e-6).all()


@pytest.mark.parametrize("event_shape", EVENT_SHAPES)
def test_every_pixel_of_the_input_reaches_the_posterior(event_shape):
    encoder = conv_encoder(event_shape, 3, CHANNELS)
    x = tf.constant(noise(20, *event_shape))
    with tf.GradientTape() as tape:
        tape.watch(x)
        z_mean, z_log_var = encoder(x)
        total = tf.reduce_sum(z_mean) + tf.reduce_sum(z_log_var)
    assert (np.abs(tape.gradient(total, x)).max(axis=0) > 0).all()


def test_each_stage_halves_the_image_and_the_decoder_mirrors_them():
    encoder, decoder = conv_encoder((28, 28), 2, CHANNELS), conv_decoder((28, 28), 2, CHANNELS)
    down = [layer for layer in encoder.layers if type(layer) is keras.layers.Conv2D]
    up = [layer for layer in decoder.layers if isinstance(layer, keras.layers.Conv2DTranspose)]
    assert [layer.output.shape[1:] for layer in down] == [(14, 14, 4), (7, 7, 6)]
    assert [layer.output.shape[1:] for layer in up] == [(14, 14, 6), (28, 28, 4)]


@pytest.mark.parametrize(("event_shape", "cuts"), [((28, 28), 0), ((28, 27), 1), ((7, 9, 3), 1)])
def test_the_decoder_cuts_only_what_stands_over(event_shape, cuts):
    layers = conv_decoder(event_shape, 2, CHANNELS).layers
    assert sum(isinstance(layer, keras.layers.Cropping2D) for layer in layers) == cuts


@pytest.mark.parametrize("network", [conv_encoder, conv_decoder])
@pytest.mark.parametrize("event_shape", [(5,), (2, 3, 4, 5)])
def test_examples_that_are_not_images_are_refused(network, event_shape):
    with pytest.raises(ValueError, match="use the mlp network"):
        network(event_shape, 2)


@pytest.mark.parametrize("event_shape", EVENT_SHAPES)
def test_the_untrained_decoder_puts_out_the_bias_at_z_0(event_shape):
    bias = noise(*event_shape)
    decoder = conv_decoder(event_shape, 2, CHANNELS, output_bias=bias)
    np.testing.assert_array_equal(decoder(np.zeros((1, 2), "float32"))[0], bias)


def test_with_all_other_weights_zero_the_decoder_puts_out_the_bias_at_any_z():
    bias = noise(7, 9, 3)
    decoder = conv_decoder((7, 9, 3), 2, CHANNELS, output_bias=bias)
    *others, _ = decoder.weights
    for weight in others:
        weight.assign(np.zeros(weight.shape))
    np.testing.assert_array_equal(decoder(10 * noise(3, 2)), np.stack([bias] * 3))


@pytest.mark.usefixtures("mixed_precision")
def test_under_mixed_precision_the_convolutions_are_float16_and_both_ends_float32():
    encoder = conv_encoder((8, 8), 2, CHANNELS)
    # 1e5 is beyond the largest float16; 1 + 2**-20 is between two of them
    bias = np.full((8, 8), 1 + 2**-20, "float32")
    decoder = conv_decoder((8, 8), 2, CHANNELS, output_bias=bias)
    down = next(layer for layer in encoder.layers if isinstance(layer, keras.layers.Conv2D))
    assert down.compute_dtype == "float16"
    for head in ("z_mean", "z_log_var"):
        encoder.get_layer(head).bias.assign([1e5, 1e5])
    for output in encoder(np.zeros((3, 8, 8), "float32")):
        assert output.dtype == "float32"
        np.testing.assert_array_equal(output, np.full((3, 2), 1e5))
    parameters = decoder(np.zeros((1, 2), "float32"))
    assert parameters.dtype == "float32"
    np.testing.assert_array_equal(parameters[0], bias)


@pytest.mark.usefixtures("mixed_precision")
def test_under_mixed_precision_the_output_may_be_larger_than_a_float16():
    decoder = conv_decoder((8, 8), 2, CHANNELS)
    is_convolution = (keras.layers.Conv2D, keras.layers.Conv2DTranspose)
    *_, hidden, last = [layer for layer in decoder.layers if isinstance(layer, is_convolution)]
    hidden.bias.assign(np.ones(4))
    last.kernel.assign(np.full((3, 3, 4, 1), 1e5))
    parameters = decoder(np.zeros((1, 2), "float32"))
    # away from the border each output sums 3 x 3 positions of 4 channels
    np.testing.assert_allclose(parameters[0, 1:-1, 1:-1], np.full((6, 6), 36e5), rtol=1e-6)
