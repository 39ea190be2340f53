from dataclasses import replace

import keras
import numpy as np
import pytest
from distributions.entries import tiny_vae
from extensions import conditional

from keras_vae import DataError
from keras_vae.data import Dataset, Examples, as_dataset, from_arrays
from keras_vae.distributions import DiscretizedLogistic, Poisson
from keras_vae.evaluation import evaluate, independent_log_evidence, log_evidence_without_z
from keras_vae.evidence import posterior_terms


@pytest.fixture(scope="module")
def data(binary_x):
    return Dataset(
        "made", Examples(binary_x[:120]), Examples(binary_x[120:150]), Examples(binary_x[150:])
    )


@pytest.fixture(scope="module")
def vae(small_vae, data):
    """A trained model; read only."""
    vae = small_vae()
    vae.fit(data.train.x, epochs=20, batch_size=20, verbose=0)
    return vae


def test_the_figures_follow_from_the_terms(vae, data):
    report = evaluate(vae, data, "none", split="test", samples=7, seed=5)
    distortion, rate = posterior_terms(vae, data.test.x, samples=7, seed=5)
    elbos = -(distortion + rate)
    baselines = independent_log_evidence(vae.likelihood, data, "test")
    assert report.elbo == pytest.approx(elbos.mean())
    assert report.elbo_standard_error == pytest.approx(elbos.std(ddof=1) / np.sqrt(50))
    assert report.elbo == pytest.approx(-(report.distortion + report.rate))
    assert report.baseline == pytest.approx(baselines.mean())
    assert report.gain == pytest.approx(report.elbo - report.baseline)
    assert report.gain_standard_error < report.elbo_standard_error + baselines.std() / np.sqrt(50)
    assert report.bits_per_dim == pytest.approx(-elbos.mean() / (6 * np.log(2)))
    assert (report.examples, report.latent) == (50, 2)
    variances = vae.encode(data.test.x)[0].var(axis=0)
    assert report.active_units == np.count_nonzero(variances > 0.01)


def test_the_same_arguments_give_the_same_figures_and_leave_the_models_noise_alone(vae, data):
    state = np.array(vae.sampling.seed_generator.state)
    assert evaluate(vae, data, "none") == evaluate(vae, data, "none")
    assert evaluate(vae, data, "none") != evaluate(vae, data, "none", seed=1)
    np.testing.assert_array_equal(vae.sampling.seed_generator.state, state)


def test_the_protocol_names_data_split_binarisation_samples_and_seed(vae, data):
    protocol = evaluate(vae, data, "static", split="validation", samples=3, seed=9).protocol
    for words in (
        "made",
        "validation split, 30 examples",
        "static",
        "3 samples",
        "seed 9",
        "beta 1",
    ):
        assert words in protocol


def test_a_density_and_gray_values_have_no_bits_per_dimension(small_vae, data):
    assert evaluate(small_vae(likelihood="gaussian"), data, "none").bits_per_dim is None
    gray = Dataset("gray", *(Examples(0.5 * split.x) for split in data.splits.values()))
    assert evaluate(small_vae(), gray, "none").bits_per_dim is None
    assert evaluate(small_vae(), gray, "static").bits_per_dim > 0


def test_levels_have_bits_per_dimension_and_no_bernoulli_draws_stand_in_for_them():
    rng = np.random.default_rng(0)
    levels = (rng.integers(0, 256, (40, 3)) / 255).astype("float32")
    vae = tiny_vae(DiscretizedLogistic())
    report = evaluate(vae, levels)
    assert report.bits_per_dim == pytest.approx(-report.elbo / (3 * np.log(2)))
    assert evaluate(tiny_vae(Poisson()), np.round(levels * 9)).bits_per_dim > 0
    # the baseline of binarised data is fitted to binary data, and not to their gray levels
    drawn = as_dataset(levels).as_binarized("dynamic").given("all")
    expected = log_evidence_without_z(vae.likelihood, drawn, drawn).mean()
    assert evaluate(vae, levels, "dynamic").baseline == pytest.approx(expected, abs=0.3)


def test_an_array_is_evaluated_whole_as_a_test_split_is(vae, data):
    whole = evaluate(vae, data.test.x, "static")
    split = evaluate(vae, data, "static")
    assert (whole.elbo, whole.rate) == (split.elbo, split.rate)
    assert (whole.split, whole.examples) == ("all", 50)
    assert "arrays in memory of shape (50, 6) float32, sha256 " in whole.protocol
    assert "all of it, the baseline fitted to it too, 50 examples" in whole.protocol
    # the best Bernoulli for each entry, fitted to the 50 examples themselves
    p = data.test.x.mean(axis=0, dtype="float64")
    expected = np.mean(np.sum(data.test.x * np.log(p) + (1 - data.test.x) * np.log1p(-p), axis=1))
    assert whole.baseline == pytest.approx(expected, rel=1e-4)


def test_the_binarisation_is_that_of_the_models_own_training(vae, data, monkeypatch):
    gray = (0.8 * data.test.x + 0.1).astype("float32")
    monkeypatch.setattr(vae, "protocol", {"data": "made", "binarize": "static"})
    assert evaluate(vae, gray) == evaluate(vae, gray, "static")
    assert evaluate(vae, gray) != evaluate(vae, gray, "none")
    cut = as_dataset(gray).as_binarized("threshold")  # the data's own goes before the model's
    assert evaluate(vae, cut) == evaluate(vae, gray, "threshold")
    with pytest.raises(DataError, match=r"reads values as gray levels in \[0, 1\]"):
        evaluate(vae, 255 * gray)


MASK = np.random.default_rng(4).random((200, 6)) < 0.7


def test_of_data_with_gaps_the_figures_are_of_the_observed_entries(small_vae, binary_x):
    data = from_arrays({"x": np.where(MASK, binary_x, np.nan), "mask": MASK})
    vae = small_vae()
    report = evaluate(vae, data, samples=3, seed=5)
    given = data.given("test")
    x, mask = given["x"], given["mask"]
    generator, distortion = keras.random.SeedGenerator(5), []
    for _ in range(3):
        terms = vae.terms(given, seed=generator)
        p = 1 / (1 + np.exp(-vae.decoder(terms.z[0]).numpy().astype("float64")))
        distortion.append(-(mask * np.log(np.where(x == 1, p, 1 - p))).sum(axis=1))
    assert report.distortion == pytest.approx(np.mean(distortion), rel=1e-5)
    train = data.train
    p = ((train.x * train.mask).sum(0) + 0.5) / (train.mask.sum(0) + 1)
    baseline = (mask * np.log(np.where(x == 1, p, 1 - p))).sum(axis=1).mean()
    assert report.baseline == pytest.approx(baseline, rel=1e-5)
    assert report.bits_per_dim == pytest.approx(-report.elbo / (mask.sum(1).mean() * np.log(2)))
    assert f"of the observed entries alone, {mask.mean():.1%} of all" in report.protocol


def test_a_mask_of_ones_changes_nothing_but_the_words(vae, data, binary_x):
    whole = evaluate(vae, binary_x).to_dict()
    masked = evaluate(vae, {"x": binary_x, "mask": np.ones_like(binary_x)}).to_dict()
    assert "of the observed entries alone, 100.0% of all" in masked.pop("protocol")
    del whole["protocol"]
    assert masked.pop("split") == whole.pop("split")
    assert masked == pytest.approx(whole, rel=1e-5)


def test_the_baseline_of_a_conditional_model_is_said_not_to_see_the_condition():
    x = np.random.default_rng(0).normal(1, 1, (40, 3)).astype("float32")
    data = from_arrays(conditional.given(x))
    vae = conditional.make(x)
    report = evaluate(vae, data)
    assert report.protocol.endswith("; the baseline does not see the condition")
    assert report.is_conditional
    plain = independent_log_evidence(vae.likelihood, from_arrays(x), "test")
    assert report.baseline == pytest.approx(plain.mean())
    # the model does see it
    other = np.roll(data.test.condition, 1, axis=1)
    assert (
        report.elbo != evaluate(vae, replace(data, test=replace(data.test, condition=other))).elbo
    )
