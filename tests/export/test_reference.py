"""The right answers; `test_served.py` compares a SavedModel with them."""

import io

import keras
import numpy as np
import pytest
from PIL import Image

import keras_vae
from keras_vae.export.reference import SEEDS, reference
from keras_vae.networks import mlp_decoder, mlp_encoder


def make_vae(shape, likelihood="bernoulli"):
    vae = keras_vae.VAE(mlp_encoder(shape, 2, hidden=(8,)), mlp_decoder(shape, 2, hidden=(8,)),
                        likelihood, seed=0)  # fmt: skip
    rng = np.random.default_rng(0)
    vae.set_weights([w + 0.3 * rng.standard_normal(w.shape) for w in vae.get_weights()])
    return vae


def test_every_signature_has_its_question():
    vae = make_vae((4, 5))
    assert set(reference(vae, 2)) == {
        "serving_default", "reconstruct", "encode", "decode", "sample", "score",
    }  # fmt: skip
    images = set(reference(vae, 2, "none")) - set(reference(vae, 2))
    assert images == {"reconstruct_image", "encode_image", "score_image"}


def test_the_seeds_hold_a_repetition_neighbours_and_the_ends_of_their_range():
    assert {7, 8, 9, 0, -1, 2**63 - 1, -(2**63)} == set(SEEDS.tolist())
    assert SEEDS.dtype == "int64"


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian", "continuous_bernoulli"])
def test_examples_hold_both_edges_and_stay_in_the_support(likelihood):
    vae = make_vae((40,), likelihood)  # so many entries that no two draws agree by chance
    x = reference(vae, 1)["encode"][0]["x"]
    assert x.dtype == "float32"
    assert (x[0] == 0).all()
    assert (x[1] == 1).all()
    vae.likelihood.check(x)
    assert len(np.unique(x, axis=0)) == len(x)
    if likelihood == "bernoulli":
        assert set(np.unique(x)) == {0, 1}


def test_examples_that_the_model_draws_near_an_edge_stay_in_the_support():
    vae = make_vae((6,), "continuous_bernoulli")
    vae.decoder.layers[-1].bias.assign([-20, 20, -20, 20, -20, 20])
    x = reference(vae, 1)["encode"][0]["x"]
    assert (x.min(), x.max()) == (0, 1)
    assert len(np.unique(x)) > 10


def test_layers_that_behave_otherwise_in_training_do_not():
    x, z = keras.Input((6,)), keras.Input((2,))
    h = keras.layers.Dropout(0.5)(x)
    encoder = keras.Model(x, [keras.layers.Dense(2)(h), keras.layers.Dense(2)(h)])
    decoder = keras.Model(z, keras.layers.Dropout(0.5)(keras.layers.Dense(6)(z)))
    vae = keras_vae.VAE(encoder, decoder)
    first, second = reference(vae, 2), reference(vae, 2)
    for signature, (inputs, outputs) in first.items():
        for name, right in outputs.items():
            np.testing.assert_array_equal(right, second[signature][1][name])
        if signature == "reconstruct":
            right = vae.predict(inputs["x"], verbose=0)
            np.testing.assert_allclose(outputs["reconstruction"], right, atol=1e-6)


def test_latents_hold_the_mean_of_the_prior_and_points_far_out():
    z = reference(make_vae((6,)), 1)["decode"][0]["z"]
    assert z.dtype == "float32"
    np.testing.assert_array_equal(z[:3], [[0, 0], [5, 5], [-5, -5]])
    assert len(np.unique(z, axis=0)) == len(z)


def test_the_scores_are_those_of_the_formulas():
    vae = make_vae((6,))
    (inputs, outputs), samples = reference(vae, 3)["score"], 3
    x = inputs["x"].astype("float64")
    z_mean, z_log_var = (part.astype("float64") for part in vae.encode(inputs["x"]))
    rate = 0.5 * np.sum(np.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1)
    np.testing.assert_allclose(outputs["rate"], rate, rtol=1e-5)
    np.testing.assert_allclose(outputs["elbo"], -outputs["distortion"] - rate, rtol=1e-6)
    # L_K and the distortion from draws by this test: the same in the mean over seeds
    rng = np.random.default_rng(0)
    z = z_mean + np.exp(z_log_var / 2) * rng.standard_normal((20_000, *z_mean.shape))
    logits = vae.decoder(z.reshape(-1, 2).astype("float32")).numpy().astype("float64")
    logits = logits.reshape(len(z), *x.shape)
    # not from probabilities, which far out are 0 or 1 in float32
    log_likelihood = np.sum(x * logits - np.logaddexp(0, logits), axis=-1)
    spread = log_likelihood.std(axis=0) / np.sqrt(samples)
    assert (np.abs(outputs["distortion"] + log_likelihood.mean(axis=0)) < 5 * spread).all()
    log_w = log_likelihood - 0.5 * np.sum(z**2, axis=-1) + np.sum(
        0.5 * ((z - z_mean) ** 2 / np.exp(z_log_var) + z_log_var), axis=-1
    )  # fmt: skip
    log_w = log_w[: len(z) // samples * samples].reshape(-1, samples, len(x))
    bounds = np.logaddexp.reduce(log_w, axis=1) - np.log(samples)
    deviations = np.abs(outputs["importance_weighted_bound"] - bounds.mean(axis=0))
    assert (deviations < 5 * bounds.std(axis=0)).all()
    # the mean over the rows is much sharper than that of one
    error = np.sqrt(np.sum(bounds.var(axis=0))) / len(x)
    assert abs(np.mean(outputs["importance_weighted_bound"] - bounds.mean(axis=0))) < 4 * error


def test_rows_of_one_seed_have_the_same_draws():
    outputs = reference(make_vae((6,)), 2)["sample"][1]
    assert SEEDS[0] == SEEDS[3]
    np.testing.assert_array_equal(outputs["z"][0], outputs["z"][3])
    assert len(np.unique(outputs["z"], axis=0)) == len(SEEDS) - 1


@pytest.mark.parametrize("shape", [(5, 6), (5, 6, 1), (5, 6, 3)])
def test_files_of_images_hold_what_the_model_is_asked_about(shape):
    vae = make_vae(shape)
    answers = reference(vae, 2, "none")
    inputs, outputs = answers["encode_image"]
    pixels = [np.asarray(Image.open(io.BytesIO(file))) for file in inputs["image_bytes"]]
    x = np.stack(pixels).reshape(-1, *shape) / np.float32(255)
    assert (x[0] == 0).all()
    assert (x[1] == 1).all()
    np.testing.assert_allclose(outputs["z_mean"], vae.encode(x)[0], atol=1e-6)
    np.testing.assert_allclose(
        answers["reconstruct_image"][1]["reconstruction"], vae.predict(x, verbose=0), atol=1e-6
    )


def test_gray_levels_are_binarised_before_the_model_sees_them():
    vae = make_vae((5, 6))
    answers = {name: reference(vae, 2, name) for name in ("none", "threshold", "dynamic")}
    files = answers["none"]["encode_image"][0]["image_bytes"]
    gray = np.stack([np.asarray(Image.open(io.BytesIO(file))) for file in files]) / 255
    cut = vae.encode((gray > 0.5).astype("float32"))[0]
    np.testing.assert_allclose(answers["threshold"]["encode_image"][1]["z_mean"], cut, atol=1e-6)
    z_means = [answer["encode_image"][1]["z_mean"] for answer in answers.values()]
    assert (z_means[0] != z_means[2]).any()
    assert (z_means[1] != z_means[2]).any()
    # black and white stay what they are, whatever is drawn
    np.testing.assert_allclose(z_means[2][:2], z_means[0][:2], atol=1e-6)
