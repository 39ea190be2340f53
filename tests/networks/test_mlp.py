import keras
import numpy as np
import pytest

from keras_vae.networks import mlp_decoder, mlp_encoder

EVENT_SHAPES = [(28, 28), (8, 8), (7, 9, 3), (5,), (6, 4)]


def noise(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def widths(model):
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    return [layer.units for layer in layers]


@pytest.mark.parametrize("event_shape", EVENT_SHAPES)
def test_the_encoder_maps_any_event_shape_to_two_tensors_of_d_latents(event_shape):
    outputs = mlp_encoder(event_shape, 3, hidden=(16,))(noise(4, *event_shape))
    assert [tuple(output.shape) for output in outputs] == [(4, 3), (4, 3)]


@pytest.mark.parametrize("event_shape", EVENT_SHAPES)
def test_the_decoder_maps_d_latents_to_any_event_shape(event_shape):
    parameters = mlp_decoder(event_shape, 3, hidden=(16,))(noise(4, 3))
    assert tuple(parameters.shape) == (4, *event_shape)


def test_the_decoder_mirrors_the_encoder():
    assert widths(mlp_encoder((5,), 2, hidden=(32, 16))) == [32, 16, 2, 2]
    assert widths(mlp_decoder((5,), 2, hidden=(32, 16))) == [16, 32, 5]


def test_the_encoder_is_its_dense_layers_with_relu_between_them():
    encoder = mlp_encoder((2, 3), 2, hidden=(8, 4))
    x = noise(5, 2, 3)
    h = x.reshape(5, 6)
    weights = encoder.get_weights()
    for kernel, bias in ((weights[0], weights[1]), (weights[2], weights[3])):
        h = np.maximum(h @ kernel + bias, 0)
    for name, output in zip(("z_mean", "z_log_var"), encoder(x), strict=True):
        kernel, bias = encoder.get_layer(name).get_weights()
        np.testing.assert_allclose(output, h @ kernel + bias, rtol=1e-4, atol=1e-6)


def test_by_the_linear_path_the_heads_see_the_first_layers_input_too():
    encoder = mlp_encoder((3,), 2, hidden=(4,), linear_path=True)
    decoder = mlp_decoder((3,), 2, hidden=(4,), linear_path=True)
    for model, first, head in ((encoder, noise(5, 3), "z_mean"), (decoder, noise(5, 2), None)):
        dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
        kernel, bias = dense[0].get_weights()
        h = np.concatenate([np.maximum(first @ kernel + bias, 0), first], axis=1)
        last = model.get_layer(head) if head else dense[-1]
        output = model(first)[0] if head else model(first)
        np.testing.assert_allclose(output, h @ last.get_weights()[0], rtol=1e-4, atol=1e-6)


def test_the_untrained_decoder_puts_out_the_bias_at_z_0():
    bias = noise(7, 9, 3)
    decoder = mlp_decoder((7, 9, 3), 2, hidden=(16,), output_bias=bias)
    np.testing.assert_array_equal(decoder(np.zeros((1, 2), "float32"))[0], bias)


def test_with_all_other_weights_zero_the_decoder_puts_out_the_bias_at_any_z():
    bias = noise(6, 4)
    decoder = mlp_decoder((6, 4), 2, hidden=(16, 8), output_bias=bias)
    *others, _ = decoder.weights
    for weight in others:
        weight.assign(np.zeros(weight.shape))
    np.testing.assert_array_equal(decoder(10 * noise(3, 2)), np.stack([bias] * 3))


def test_every_entry_of_the_output_follows_z():
    parameters = mlp_decoder((6, 4), 2, hidden=(16,))(noise(20, 2)).numpy()
    assert (parameters.std(axis=0) > 1e-6).all()


@pytest.mark.usefixtures("mixed_precision")
def test_under_mixed_precision_the_hidden_layers_are_float16_and_both_ends_float32():
    encoder = mlp_encoder((6, 4), 2, hidden=(16,))
    # 1e5 is beyond the largest float16; 1 + 2**-20 is between two of them
    bias = np.full((6, 4), 1 + 2**-20, "float32")
    decoder = mlp_decoder((6, 4), 2, hidden=(16,), output_bias=bias)
    for model in (encoder, decoder):
        hidden = next(layer for layer in model.layers if isinstance(layer, keras.layers.Dense))
        assert hidden.compute_dtype == "float16"
    for head in ("z_mean", "z_log_var"):
        encoder.get_layer(head).bias.assign([1e5, 1e5])
    for output in encoder(np.zeros((3, 6, 4), "float32")):
        assert output.dtype == "float32"
        np.testing.assert_array_equal(output, np.full((3, 2), 1e5))
    parameters = decoder(np.zeros((1, 2), "float32"))
    assert parameters.dtype == "float32"
    np.testing.assert_array_equal(parameters[0], bias)


@pytest.mark.usefixtures("mixed_precision")
def test_under_mixed_precision_the_output_may_be_larger_than_a_float16():
    decoder = mlp_decoder((6, 4), 2, hidden=(16,))
    hidden, last = [layer for layer in decoder.layers if isinstance(layer, keras.layers.Dense)]
    hidden.bias.assign(np.ones(16))
    last.kernel.assign(np.full((16, 24), 1e5))
    parameters = decoder(np.zeros((1, 2), "float32"))
    np.testing.assert_allclose(parameters, np.full((1, 6, 4), 16e5), rtol=1e-6)
