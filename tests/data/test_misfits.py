import numpy as np
import pytest

from keras_vae.data import load_data
from keras_vae.data.misfits import DENSITIES, misfit
from keras_vae.data.supports import COUNTS

RNG = np.random.default_rng(0)
LEVELS = (RNG.integers(0, 256, (200, 4, 3)) / 255).astype("float32")
NOISY = (255 * LEVELS + RNG.random(LEVELS.shape)).astype("float32") / 256
POISSON = RNG.poisson([1, 5, 30], (400, 3)).astype("float32")
SPREAD = RNG.poisson(RNG.gamma(1, [[1, 5, 30]] * np.ones((400, 1)))).astype("float32")
HOLES = np.where(RNG.random((400, 3)) < 0.5, 0, RNG.poisson(RNG.gamma(4, 2, (400, 3)))) * 1.0
SKEWED = np.exp(RNG.standard_normal((400, 3))).astype("float32")
GRADES = RNG.integers(1, 6, (200, 3)).astype("float32")


@pytest.mark.parametrize("likelihood", DENSITIES)
def test_levels_of_images_are_no_matter_of_a_density(likelihood):
    x = np.maximum(LEVELS, np.float32(1 / 255))
    assert "--likelihood discretized_logistic" in misfit(x, likelihood)
    assert "65536 levels" in misfit((257 * np.rint(255 * x) - 1) / np.float32(65535), likelihood)
    # as the diagnosis of levels under a density advises: with noise they are real numbers
    assert misfit(NOISY, likelihood) is None


def test_levels_that_reading_knows_need_not_be_guessed():
    x = (RNG.integers(0, 17, (50, 8, 8)) / 16).astype("float32")
    assert misfit(x, "gaussian") is None
    assert "17 levels" in misfit(x, "gaussian", 17)


@pytest.mark.parametrize("likelihood", ["discretized_logistic", "bernoulli"])
def test_levels_are_fit_for_a_probability(likelihood):
    assert misfit(LEVELS, likelihood) is None


@pytest.mark.parametrize(
    ("x", "family"),
    [
        (POISSON, "poisson"),
        (SPREAD, "negative_binomial"),
        (HOLES, "zero_inflated_negative_binomial"),
    ],
)
def test_counts_under_a_gaussian_are_told_of_their_family(x, family):
    for likelihood in ("gaussian", "diagonal_gaussian"):
        line = misfit(x, likelihood)
        assert line.startswith("all values are counts")
        assert f"--likelihood {family}" in line
    assert misfit(x, family) is None
    assert misfit(x, "zero_inflated_negative_binomial") is None


def test_real_numbers_and_whole_ones_below_0_are_no_counts():
    x = RNG.normal(0, 5, (400, 3)).astype("float32")
    assert misfit(x, "gaussian") is None
    assert misfit(np.rint(x), "gaussian") is None
    assert misfit(POISSON / 2, "gaussian") is None


def test_counts_that_vary_more_than_a_poisson_are_told_of_where_it_is_clear():
    assert "--likelihood negative_binomial" in misfit(SPREAD, "poisson")
    assert "z has to explain" in misfit(SPREAD, "poisson")
    assert "--likelihood zero_inflated" in misfit(HOLES, "negative_binomial")
    # two groups of examples, which z can tell apart
    mild = RNG.poisson(np.where(RNG.random((400, 1)) < 0.5, 2, 4) * np.ones(3)) * 1.0
    assert misfit(mild, "poisson") is None


def test_positive_skewed_values_are_told_of_their_logarithm_with_the_gain():
    line = misfit(SKEWED, "gaussian")
    assert "--likelihood log_normal" in line
    log_x = np.log(SKEWED.astype("float64"))
    gain = np.mean(0.5 * np.log(SKEWED.var(0) / log_x.var(0)) - log_x.mean(0))
    assert f"{gain:.2g} nats an entry" in line
    assert misfit(SKEWED, "log_normal") is None
    assert misfit(SKEWED - 1, "gaussian") is None
    # lengths around 50, as of people: all above 0, and not skewed
    assert misfit(RNG.normal(50, 5, (400, 3)).astype("float32"), "gaussian") is None
    assert misfit(RNG.random((400, 3)) + 0.1, "gaussian") is None


@pytest.mark.parametrize("likelihood", ["gaussian", "diagonal_gaussian", *COUNTS])
def test_small_whole_numbers_of_which_the_largest_is_common_look_like_categories(likelihood):
    line = misfit(GRADES, likelihood)
    assert "5 whole numbers from 1 to 5" in line
    assert "Categorical" in line
    few = RNG.poisson(1.0, (200, 3)) * 1.0  # as small, but the largest is rare
    assert "Categorical" not in (misfit(few, likelihood) or "")


@pytest.mark.parametrize("likelihood", ["gaussian", *COUNTS])
def test_levels_that_were_not_divided_are_told_of_their_dtype(likelihood):
    x = np.rint(255 * LEVELS)
    assert "store them as uint8" in misfit(x, likelihood)
    assert "uint16" in misfit(257 * x, likelihood)
    assert "store them" not in (misfit(x - (x == 255), likelihood) or "")
    assert "store them" not in (misfit(x.reshape(200, 12), likelihood) or "")


@pytest.mark.parametrize("x", [LEVELS, POISSON, SPREAD, HOLES, SKEWED, GRADES])
def test_what_is_missing_counts_for_nothing(x):
    more = np.concatenate([x, np.full_like(x, -7.3)])
    mask = np.concatenate([np.ones_like(x), np.zeros_like(x)])
    assert misfit(more, "gaussian", mask=mask) == misfit(x, "gaussian") is not None


def test_a_named_data_set_that_is_binarised_by_default_is_no_misfit_of_a_bernoulli():
    assert misfit(load_data("digits").train.x, "bernoulli") is None
