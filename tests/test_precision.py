import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_vae
from keras_vae.networks import conv_decoder, conv_encoder
from keras_vae.precision import in_float32, layers_in, resolve_precision, training_epsilon


def policies(vae):
    networks = vae.encoder.layers + vae.decoder.layers
    return {layer.compute_dtype for layer in networks} | {vae.likelihood.compute_dtype}


def test_a_float32_model_has_no_coarser_numbers(small_vae):
    assert training_epsilon(small_vae()) is None


@pytest.mark.parametrize(
    ("policy", "dtype"), [("mixed_float16", "float16"), ("mixed_bfloat16", "bfloat16")]
)
def test_a_copy_in_float32_has_the_same_weights_and_is_closer_to_the_truth(policy, dtype, binary_x):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        encoder = keras_vae.networks.mlp_encoder((6,), 2, hidden=(16,))
        decoder = keras_vae.networks.mlp_decoder((6,), 2, hidden=(16,))
        vae = keras_vae.VAE(encoder, decoder, "gaussian", beta=0.5, seed=1)
        copy = in_float32(vae)
        assert keras.config.dtype_policy().name == policy  # as it was
    finally:
        keras.config.set_dtype_policy(before)
    assert dtype in policies(vae)
    assert policies(copy) == {"float32"}
    assert training_epsilon(copy) is None
    # the distance from 1 to the next number
    assert training_epsilon(vae) == {"float16": 2**-10, "bfloat16": 2**-7}[dtype]
    for received, expected in zip(copy.get_weights(), vae.get_weights(), strict=True):
        np.testing.assert_array_equal(received, expected)
    assert copy.beta == 0.5
    # float64, by hand
    w1, b1, w_mean, b_mean, _, _ = (weight.astype("float64") for weight in encoder.get_weights())
    z_mean = np.maximum(binary_x @ w1 + b1, 0) @ w_mean + b_mean
    np.testing.assert_allclose(copy.encode(binary_x)[0], z_mean, atol=1e-6)
    assert np.abs(vae.encode(binary_x)[0] - z_mean).max() > 1e-5


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_a_single_layer_of_half_precision_is_found_and_copied(dtype):
    x, z = keras.Input((6,)), keras.Input((2,))
    h = keras.layers.Dense(4, dtype=dtype)(x)
    encoder = keras.Model(x, [keras.layers.Dense(2, dtype="float32")(h) for _ in range(2)])
    vae = keras_vae.VAE(encoder, keras.Model(z, keras.layers.Dense(6)(z)))
    assert training_epsilon(vae) == {"float16": 2**-10, "bfloat16": 2**-7}[dtype]
    copy = in_float32(vae)
    assert policies(copy) == {"float32"}
    for received, expected in zip(copy.get_weights(), vae.get_weights(), strict=True):
        np.testing.assert_array_equal(received, expected.astype("float32"))


def test_the_coarsest_of_two_precisions_counts():
    def network(inputs, outputs, policy):
        x = keras.Input((inputs,))
        return keras.Model(x, [keras.layers.Dense(outputs, dtype=policy)(x) for _ in range(2)])

    encoder = network(6, 2, "mixed_float16")
    z = keras.Input((2,))
    decoder = keras.Model(z, keras.layers.Dense(6, dtype="mixed_bfloat16")(z))
    assert training_epsilon(keras_vae.VAE(encoder, decoder)) == 2**-7


def test_convolutions_and_layers_of_ones_own_are_copied(mixed_precision):
    vae = keras_vae.VAE(conv_encoder((8, 8), 2, hidden=(4,)), conv_decoder((8, 8), 2, hidden=(4,)))
    copy = in_float32(vae)
    assert policies(copy) == {"float32"}
    x = np.random.default_rng(0).random((3, 8, 8)).astype("float32")
    np.testing.assert_allclose(copy(x), vae(x), atol=1e-2)


@keras.saving.register_keras_serializable(package="test_precision")
class Encoder(keras.Model):
    """Does not know the shape of x before it is called."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mean, self.log_var = keras.layers.Dense(2), keras.layers.Dense(2)

    def call(self, x):
        return self.mean(x), self.log_var(x)


def test_an_encoder_that_learns_its_shape_when_called_is_copied(mixed_precision, binary_x):
    decoder = keras_vae.networks.mlp_decoder((6,), 2, hidden=(4,))
    vae = keras_vae.VAE(Encoder(), decoder)
    vae(binary_x)
    copy = in_float32(vae)
    np.testing.assert_allclose(copy.encode(binary_x)[0], vae.encode(binary_x)[0], atol=1e-2)
    assert copy.encoder.mean.compute_dtype == "float32"
    assert (copy.built, copy.event_shape, copy.latent_dim) == (True, (6,), 2)


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ([], "float32"),
        ([(8, 0)], "mixed_bfloat16"),
        ([(9, 0), (8, 6)], "mixed_bfloat16"),
        ([(7, 5)], "float32"),
        ([(9, 0), (7, 0)], "float32"),
    ],
)
def test_automatic_precision_is_bfloat16_where_every_gpu_has_units_for_it(
    capabilities, expected, monkeypatch
):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: capabilities)
    monkeypatch.setattr(
        tf.config.experimental, "get_device_details", lambda gpu: {"compute_capability": gpu}
    )
    assert resolve_precision("auto") == expected
    assert resolve_precision("mixed_float16") == "mixed_float16"


def test_layers_are_made_in_a_precision_only_within_its_scope():
    with layers_in("mixed_bfloat16"):
        assert keras.layers.Dense(1).compute_dtype == "bfloat16"
    assert keras.layers.Dense(1).compute_dtype == "float32"


def test_an_error_among_the_layers_leaves_the_precision_as_it_was():
    with pytest.raises(ZeroDivisionError), layers_in("mixed_bfloat16"):
        raise ZeroDivisionError
    assert keras.layers.Dense(1).compute_dtype == "float32"


@pytest.mark.slow
@pytest.mark.parametrize("network", ["mlp", "conv"])
@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_what_needs_digits_or_range_stays_float32(network, precision):
    half = precision.removeprefix("mixed_")
    networks = keras_vae.networks
    with layers_in(precision):
        encoder = networks.ENCODERS[network]((8, 8, 1), 2, hidden=(4, 4))
        decoder = networks.DECODERS[network]((8, 8, 1), 2, hidden=(4, 4))
        vae = keras_vae.VAE(encoder, decoder)
        vae.compile("adam", jit_compile=False)
    x = np.random.default_rng(0).integers(0, 2, (16, 8, 8, 1)).astype("float32")
    # products of the hidden layers are half precision, all that enters the bound is not
    assert half in {layer.compute_dtype for layer in vae.encoder.layers}
    assert half in {layer.compute_dtype for layer in vae.decoder.layers}
    z_mean, z_log_var = vae.posterior_parameters(x)
    parameters = vae.decoder(z_mean)
    terms = vae.terms(x)
    for name, value in {
        "z_mean": z_mean,
        "z_log_var": z_log_var,
        "z": vae.sampling([z_mean, z_log_var]),
        "decoder output": parameters,
        "distortion": terms.distortion,
        "rate": terms.rate,
    }.items():
        assert value.dtype == "float32", name
    vae.fit(x, verbose=0)
    assert {variable.dtype for variable in vae.trainable_variables} == {"float32"}
    moments = [v for v in vae.optimizer.variables if v.shape not in ((), None)]
    assert {variable.dtype for variable in moments} == {"float32"}
    assert vae.metrics[0].total.dtype == "float64"
    is_scaled = isinstance(vae.optimizer, keras.optimizers.LossScaleOptimizer)
    assert is_scaled == (precision == "mixed_float16")


def test_steps_whose_gradient_overflows_in_float16_change_no_weight_and_halve_the_scale(
    mixed_precision, small_vae, binary_x
):
    vae = small_vae()
    before = vae.get_weights()
    assert vae.optimizer.initial_scale == 2.0**15
    vae.optimizer.dynamic_scale.assign(1e38)
    vae.train_on_batch(binary_x)
    assert float(vae.optimizer.dynamic_scale) == pytest.approx(0.5e38)
    assert int(vae.optimizer.iterations) == 0
    for one, other in zip(vae.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
