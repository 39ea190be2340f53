import keras
import pytest
import tf_keras

from keras_vae import ConfigError
from keras_vae.networks.contract import (
    check_examples,
    check_latents,
    check_network,
)
from keras_vae.networks.named_inputs import DECODER_INPUTS, ENCODER_INPUTS


def tensor(*shape, dtype="float32"):
    return keras.KerasTensor((None, *shape), dtype=dtype)


def test_shapes_that_fit_pass_and_others_name_both_sides():
    check_latents((None, 2), (None, 2))
    check_examples((None, 8, 8), tensor(8, 8), (8, 8))
    with pytest.raises(ConfigError, match=r"outputs 2 latents, but the decoder takes \(3,\)"):
        check_latents((None, 2), (None, 3))
    with pytest.raises(ConfigError, match=r"Reshape\(\(8, 8\)\)"):
        check_examples((None, 8, 8), tensor(64), (8, 8))


def test_a_decoder_with_several_outputs_is_refused():
    with pytest.raises(ConfigError, match="got 2; other parameters of p"):
        check_examples((None, 8), [tensor(8), tensor(8)], (8,))


@pytest.mark.parametrize(
    ("output", "found"),
    [
        (tensor(8), "got KerasTensor"),
        ({"mean": tensor(8)}, "got {'mean': (8,)}"),
        ({"mean": tensor(8), "log_var": tensor(4)}, "'log_var': (4,)"),
    ],
)
def test_a_decoder_of_named_outputs_has_those_of_the_likelihood(output, found):
    shapes = {"mean": (8,), "log_var": (8,)}
    check_examples((None, 8), {name: tensor(8) for name in shapes}, shapes)
    with pytest.raises(ConfigError, match="must output a dictionary") as error:
        check_examples((None, 8), output, shapes)
    assert found in str(error.value)


def test_a_likelihood_may_take_another_shape_than_that_of_an_example():
    check_examples((None, 8), tensor(8, 3), (8, 3))
    with pytest.raises(ConfigError, match=r"takes \(8, 3\)"):
        check_examples((None, 8), tensor(8), (8, 3))


def test_models_and_layers_of_keras_3_pass():
    for network in (keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]),
                    keras.layers.Dense(3)):  # fmt: skip
        check_network(network, "encoder", ENCODER_INPUTS)


@pytest.mark.parametrize(
    ("network", "name"),
    [
        (tf_keras.Sequential([tf_keras.layers.Dense(3)]), "tf_keras.*Sequential"),
        (lambda x: x, "function"),
        (keras.layers.Dense, "type"),
        (None, "NoneType"),
    ],
)
def test_networks_that_are_not_of_keras_3_are_named(network, name):
    with pytest.raises(ConfigError, match=f"the decoder must be .*, got .*{name}"):
        check_network(network, "decoder", DECODER_INPUTS)


@pytest.mark.parametrize(
    "layer", [keras.layers.Masking(name="padding"),
              keras.layers.Embedding(5, 2, mask_zero=True, name="padding")]
)  # fmt: skip
def test_a_network_that_masks_padded_entries_is_refused(layer):
    network = keras.Sequential([layer, keras.layers.LSTM(2)])
    with pytest.raises(ConfigError, match="masks padded entries"):
        check_network(network, "encoder", ENCODER_INPUTS)


def test_a_network_with_two_inputs_is_refused():
    inputs = [keras.Input((2,)), keras.Input((2,))]
    network = keras.Model(inputs, keras.layers.Add()(inputs))
    with pytest.raises(ConfigError, match="the encoder takes 2 inputs"):
        check_network(network, "encoder", ENCODER_INPUTS)


@pytest.mark.parametrize(
    ("names", "is_right"),
    [
        (("x", "condition"), True),
        (("x", "mask"), True),
        (("mask", "condition"), False),
        (("x", "label"), False),
        (("x",), True),
        (("image",), False),
    ],
)
def test_named_inputs_are_those_that_an_encoder_is_given(names, is_right):
    inputs = {name: keras.Input((2,), name=name) for name in names}
    network = keras.Model(inputs, keras.layers.Dense(2)(sum(inputs.values())))
    if is_right:
        check_network(network, "encoder", ENCODER_INPUTS)
    else:
        with pytest.raises(ConfigError, match=f"takes inputs of the names {', '.join(names)}, but"):
            check_network(network, "encoder", ENCODER_INPUTS)
