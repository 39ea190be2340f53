import base64
import json

import keras
import numpy as np
import pytest
from keras import layers

import keras_vae
from keras_vae import DoesNotApply
from keras_vae.data import Dataset, Examples, as_dataset
from keras_vae.networks import mlp_encoder
from keras_vae.reports import explorer
from keras_vae.reports.explorer import explorer_data, packed_decoder

Z = np.random.default_rng(0).normal(size=(30, 2)).astype("float32")


def unpacked(found):
    data = np.frombuffer(base64.b64decode(found["data"]), found["dtype"])
    return data.reshape(found["shape"])


@pytest.fixture(scope="module")
def vae(small_vae):
    return small_vae()


@pytest.fixture(scope="module")
def found(vae, binary_x):
    return explorer_data(vae, as_dataset(binary_x))


def test_the_page_decodes_what_the_model_decodes(vae, found, binary_x, decoded_by_page):
    decoder = found["decoder"]
    assert decoder["dtype"] == "float16"
    there = decoded_by_page(decoder, Z)
    np.testing.assert_allclose(there, vae.decode(Z), atol=0.25 / 255)
    assert np.abs(there - vae.decode(Z)).max() < 2 * decoder["difference"] + 1e-6


def test_a_table_is_decoded_in_the_units_of_its_columns(table_run, decoded_by_page):
    vae, dataset = table_run.vae, table_run.load_data()
    decoder = explorer_data(vae, dataset)["decoder"]
    expected = vae.decode(Z[:, :1] * np.ones(vae.latent_dim, "float32"))
    span = np.ptp(expected, axis=0) + 1e-6
    there = decoded_by_page(decoder, Z[:, :1] * np.ones(vae.latent_dim))
    assert np.max(np.abs(there - expected) / span) < 0.01


def test_weights_that_float16_moves_too_far_are_kept_in_float32(small_vae, binary_x):
    vae = small_vae()
    kernel = vae.decoder.layers[-3].weights[0]
    kernel.assign(300 * np.ones(kernel.shape) * np.tile([[1.001], [-1]], (8, 1)))
    assert packed_decoder(vae, Z, binary_x[:30])["dtype"] == "float32"


def test_a_decoder_that_differs_from_the_model_is_not_shown(vae, binary_x, monkeypatch):
    steps = explorer.decoder_steps(vae)
    wrong = steps.with_weights([1.1 * weight for weight in steps.weights])
    monkeypatch.setattr(explorer, "decoder_steps", lambda vae: wrong)
    with pytest.raises(DoesNotApply, match="differs"):
        packed_decoder(vae, Z, binary_x[:30])


def test_a_decoder_that_is_too_large_for_a_page_is_not_put_into_it(vae, binary_x, monkeypatch):
    monkeypatch.setattr(explorer, "MOST_WEIGHTS", 100)
    with pytest.raises(DoesNotApply, match="too large"):
        packed_decoder(vae, Z, binary_x[:30])


def test_the_codes_are_those_of_the_encoder(vae, found, binary_x):
    z_mean, z_log_var = vae.encode(binary_x)
    np.testing.assert_array_equal(unpacked(found["mean"]), z_mean)
    np.testing.assert_allclose(unpacked(found["sd"]), np.exp(z_log_var / 2), rtol=1e-3)
    draws, prior = unpacked(found["draws"]), unpacked(found["prior"])
    assert draws.shape == prior.shape == z_mean.shape
    # draws of q(z|x) are standard normal once standardised, 400 of them
    noise = (draws - z_mean) / np.exp(z_log_var / 2)
    assert abs(noise.mean()) < 4 / np.sqrt(400)
    assert abs(prior.std() - 1) < 4 / np.sqrt(800)
    assert (found["points"], found["total"], found["split"]) == (200, 200, "all")
    rates = vae.latent_rates(binary_x).mean(axis=0)
    np.testing.assert_allclose(found["rates"], rates, rtol=1e-4)
    assert (found["axes"], found["order"]) == ([0, 1], np.argsort(-rates).tolist())
    json.dumps(found, allow_nan=False)


def test_more_points_than_a_page_shows_are_the_first(vae, binary_x, monkeypatch):
    monkeypatch.setattr(explorer, "MOST_POINTS", 20)
    found = explorer_data(vae, as_dataset(binary_x))
    assert (found["points"], found["total"]) == (20, 200)
    np.testing.assert_array_equal(unpacked(found["mean"]), vae.encode(binary_x[:20])[0])


def test_points_have_the_colours_of_classes_and_of_columns(vae, table_run, binary_x):
    labels = np.arange(200) % 3 + 5
    part = Examples(binary_x, labels=labels)
    (of_class,) = explorer_data(vae, Dataset("x", part, part, part))["colours"]
    assert of_class["classes"] == ["5", "6", "7"]
    np.testing.assert_array_equal(unpacked(of_class["values"]), labels - 5)
    dataset = table_run.load_data()
    found = explorer_data(table_run.vae, dataset)
    names = [column.name for column in dataset.schema.modelled]
    assert [each["name"] for each in found["colours"]] == names
    height = unpacked(found["colours"][names.index("height")]["values"])
    there = dataset.test.mask[:, names.index("height")] > 0
    np.testing.assert_array_equal(np.isnan(height), ~there)
    town = found["colours"][names.index("town")]
    assert town["classes"] == list(dataset.schema["town"].categories)


def test_codes_by_epoch_are_given_on(vae, binary_x):
    codes = {"epochs": np.array([0, 3]), "z_mean": np.ones((2, 5, 2), "float16")}
    found = explorer_data(vae, as_dataset(binary_x), codes)["epochs"]
    assert (found["epochs"], found["count"]) == ([0, 3], 5)
    assert unpacked(found["codes"]).shape == (2, 5, 2)


def conditional():
    """A model of 6 entries that is told one of two classes."""
    options = {"hidden": (4,), "condition_shape": (2,)}
    decoder = keras_vae.networks.mlp_decoder((6,), 2, **options)
    return keras_vae.VAE(mlp_encoder((6,), 2, **options), decoder)


def test_a_conditional_model_is_told_what_its_examples_are(binary_x, decoded_by_page):
    vae = conditional()
    told = np.eye(2, dtype="float32")[np.arange(200) % 2]
    part = Examples(binary_x, condition=told)
    of_two = (keras_vae.conditions.Condition("label", ("no", "yes")),)
    found = explorer_data(vae, Dataset("x", part, part, part, conditions=of_two))
    np.testing.assert_array_equal(unpacked(found["condition"]["values"]), told)
    assert found["condition"]["parts"][0]["classes"] == ["no", "yes"]
    there = decoded_by_page(found["decoder"], Z, told[:30])
    np.testing.assert_allclose(there, vae.decode(Z, condition=told[:30]), atol=0.25 / 255)


def test_another_decoder_is_shown_by_a_grid_with_the_reason(binary_x):
    decoder = keras.Sequential([keras.Input((2,)), layers.BatchNormalization(), layers.Dense(6)])
    vae = keras_vae.VAE(mlp_encoder((6,), 2, hidden=(4,)), decoder)
    found = explorer_data(vae, as_dataset(binary_x))
    assert "decoder" not in found
    assert "BatchNormalization" in found["grid"]["reason"]
    assert not found["grid"]["of_first"]
    again = unpacked(found["grid"]["reconstructions"]["values"])
    np.testing.assert_allclose(again, vae.predict(binary_x, verbose=0), atol=1e-3)
