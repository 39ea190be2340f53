from dataclasses import replace

import numpy as np
import pytest
from evaluation.linear_with_gaps import MEAN, conditional, linear_vae
from extensions.conditional import make as conditional_vae
from scipy import stats

from keras_vae import VAE, ConfigError, DataError, impute
from keras_vae.distributions import Ordinal
from keras_vae.evaluation.impute import _most_frequent
from keras_vae.networks import mlp_decoder, mlp_encoder

X = np.float32([[2.0, 9.0, 9.0], [0.5, -0.2, 9.0], [9.0, 9.0, 9.0]])
MASK = np.float32([[1, 0, 0], [1, 1, 0], [0, 0, 0]])
SAMPLES = 20_000


@pytest.fixture(scope="module")
def vae():
    return linear_vae()


@pytest.fixture(scope="module")
def filled(vae):
    return impute(vae, {"x": X, "mask": MASK}, SAMPLES, seed=1, interval=0.8)


def test_the_mean_of_a_gap_is_that_of_the_conditional_normal_distribution(filled):
    for x, mask, value, effective in zip(X, MASK, filled.x, filled.effective_samples, strict=True):
        mean = conditional(x, mask)[0] if mask.any() else MEAN
        error = 2.1 / np.sqrt(effective)  # no entry spreads wider than that
        np.testing.assert_allclose(value[mask == 0], mean, atol=4 * error)


def test_the_interval_holds_the_share_of_the_conditional_distribution(filled):
    mean, covariance = conditional(X[0], MASK[0])
    std = np.sqrt(np.diag(covariance))
    for low, high, m, s in zip(filled.low[0, 1:], filled.high[0, 1:], mean, std, strict=True):
        held = stats.norm.cdf(high, m, s) - stats.norm.cdf(low, m, s)
        assert held == pytest.approx(0.8, abs=0.03)


def test_what_was_observed_stays_as_it_was_bit_for_bit(filled):
    for part in (filled.x, filled.low, filled.high):
        np.testing.assert_array_equal(part[MASK == 1], X[MASK == 1])


def test_what_stands_in_a_gap_changes_nothing(vae, filled):
    other = np.where(MASK == 1, X, np.nan)
    again = impute(vae, {"x": other, "mask": MASK}, SAMPLES, seed=1, interval=0.8)
    np.testing.assert_array_equal(again.x, filled.x)


def test_the_effective_number_of_samples_is_that_of_the_weights(filled):
    # nothing observed: the prior is the posterior, and all weights are equal
    assert filled.effective_samples[2] == pytest.approx(SAMPLES, rel=1e-3)
    assert filled.effective_samples[1] < 0.8 * SAMPLES


def test_a_binary_gap_takes_the_more_probable_value(small_vae, binary_x):
    x = binary_x[:4]
    mask = np.ones_like(x)
    mask[:, 0] = 0
    found = impute(small_vae(), {"x": x, "mask": mask}, samples=50)
    assert set(np.unique(found.x[:, 0])) <= {0, 1}
    assert "most probable" in found.protocol


def test_a_gap_in_an_order_takes_the_median():
    # P = 0.4, 0.05, 0.1, 0.2, 0.25: the mode is 0, the mean 1.85, the median 2
    x = np.repeat(np.float32([[0], [1], [2], [3], [4]]), [40, 5, 10, 20, 25], axis=0)
    likelihood = Ordinal(5)
    bias = likelihood.fit_without_z(x)
    decoder = mlp_decoder((1,), 1, (2,), output_bias=bias)
    for weight in decoder.trainable_variables:
        if weight.name == "kernel":
            weight.assign(0 * weight)  # z says nothing
    vae = VAE(mlp_encoder((1,), 1, (2,)), decoder, likelihood)
    gaps = np.zeros((3, 1), "float32")
    filled = impute(vae, {"x": gaps, "mask": gaps}, samples=2000)
    np.testing.assert_array_equal(filled.x, 2)


def test_the_most_frequent_value_is_that_of_scipy():
    draws = np.random.default_rng(0).integers(0, 4, (31, 5, 2)).astype("float32")
    np.testing.assert_array_equal(_most_frequent(draws), stats.mode(draws, axis=0).mode)


def test_a_model_of_conditions_fills_in_what_they_say():
    x = np.float32(np.random.default_rng(0).integers(0, 2, (6, 5)))
    model = conditional_vae(x)
    mask = np.ones_like(x)
    mask[:, 0] = 0
    given = {"x": x, "mask": mask, "condition": np.zeros((6, *model.condition_shape), "float32")}
    before = impute(model, given, samples=400)
    np.testing.assert_array_equal(before.x[:, 1:], x[:, 1:])
    other = impute(model, {**given, "condition": 5 + given["condition"]}, samples=400)
    assert (before.effective_samples != other.effective_samples).all()


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"samples": 1}, ConfigError, "samples=1"),
        ({"interval": 1.0}, ConfigError, "interval=1.0"),
    ],
)
def test_options_out_of_their_range_are_refused(vae, options, error, said):
    with pytest.raises(error, match=said):
        impute(vae, {"x": X, "mask": MASK}, **options)


def test_without_a_mask_there_is_nothing_to_fill_in(vae):
    with pytest.raises(DataError, match="there is no mask"):
        impute(vae, X)


def test_rows_whose_draws_are_worth_few_are_counted_where_they_have_gaps(filled):
    few = replace(filled, effective_samples=np.array([9.9, 3.0, 10.0]))
    assert few.told(MASK).startswith("2 of 3 rows with gaps")
    assert few.told(np.float32([[1, 1, 1], [1, 1, 0], [1, 0, 0]])).startswith("1 of 2 rows")
    assert few.told(np.ones_like(MASK)) is None
    assert filled.told(MASK) is None
