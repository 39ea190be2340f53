import keras
import pytest
import tf_keras

from keras_vae import ConfigError
from keras_vae.networks.contract import (
    check_examples,
    check_latents,
    check_network,
    posterior_pair,
)


def tensor(*shape, dtype="float32"):
    return keras.KerasTensor((None, *shape), dtype=dtype)


def test_a_pair_comes_back_as_float32():
    for outputs in ([tensor(3), tensor(3)], (tensor(3, dtype="float16"), tensor(3))):
        assert [part.dtype for part in posterior_pair(outputs)] == ["float32", "float32"]


@pytest.mark.parametrize(
    ("outputs", "received"),
    [
        (tensor(2), "got KerasTensor"),
        ([tensor(2)] * 3, "got 3 outputs"),
        ({"z_mean": tensor(2), "z_log_var": tensor(2)}, "got dict"),
    ],
)
def test_anything_else_than_a_pair_is_refused(outputs, received):
    with pytest.raises(ConfigError, match="must output the pair") as error:
        posterior_pair(outputs)
    assert received in str(error.value)


@pytest.mark.parametrize("shapes", [((2,), (3,)), ((4, 4, 2), (4, 4, 2)), ((), ())])
def test_a_pair_of_other_shapes_is_refused(shapes):
    with pytest.raises(ConfigError, match=r"must both be \(batch, d\)"):
        posterior_pair([tensor(*shape) for shape in shapes])


def test_shapes_that_fit_pass_and_others_name_both_sides():
    check_latents((None, 2), (None, 2))
    check_examples((None, 8, 8), tensor(8, 8))
    with pytest.raises(ConfigError, match=r"outputs 2 latents, but the decoder takes \(3,\)"):
        check_latents((None, 2), (None, 3))
    with pytest.raises(ConfigError, match=r"Reshape\(\(8, 8\)\)"):
        check_examples((None, 8, 8), tensor(64))


def test_a_decoder_with_several_outputs_is_refused():
    with pytest.raises(ConfigError, match="got 2; other parameters of p"):
        check_examples((None, 8), [tensor(8), tensor(8)])


def test_models_and_layers_of_keras_3_pass():
    for network in (keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]),
                    keras.layers.Dense(3)):  # fmt: skip
        check_network(network, "encoder")


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
        check_network(network, "decoder")


@pytest.mark.parametrize(
    "layer", [keras.layers.Masking(name="padding"),
              keras.layers.Embedding(5, 2, mask_zero=True, name="padding")]
)  # fmt: skip
def test_a_network_that_masks_padded_entries_is_refused(layer):
    network = keras.Sequential([layer, keras.layers.LSTM(2)])
    with pytest.raises(ConfigError, match="masks padded entries"):
        check_network(network, "encoder")


def test_a_network_with_two_inputs_is_refused():
    inputs = [keras.Input((2,)), keras.Input((2,))]
    network = keras.Model(inputs, keras.layers.Add()(inputs))
    with pytest.raises(ConfigError, match="the encoder takes 2 inputs"):
        check_network(network, "encoder")
