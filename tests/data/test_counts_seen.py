import numpy as np
import pytest

from keras_vae.data.counts_seen import columns_seen, count_family, variance_over_mean

RNG = np.random.default_rng(0)
MEANS = np.array([0.2, 1, 5, 30])
POISSON = RNG.poisson(MEANS, (400, 4)).astype("float64")
SPREAD = RNG.poisson(RNG.gamma(2, MEANS / 2, (400, 4))).astype("float64")
HOLES = np.where(RNG.random((400, 4)) < 0.4, 0, RNG.poisson(RNG.gamma(4, 2, (400, 4)))) * 1.0


@pytest.mark.parametrize(
    ("x", "family"),
    [
        (POISSON, "poisson"),
        (SPREAD, "negative_binomial"),
        (HOLES, "zero_inflated_negative_binomial"),
    ],
)
def test_counts_call_for_the_family_that_drew_them_with_and_without_gaps(x, family):
    assert count_family(x)[0] == family
    gaps = np.where(RNG.random(x.shape) < 0.2, np.nan, x)
    assert count_family(gaps)[0] == family


def test_sparse_counts_of_a_poisson_are_no_others_by_chance():
    for seed in range(30):
        x = np.random.default_rng(seed).poisson([0.02, 0.1, 1, 20], (30, 4)) * 1.0
        assert count_family(x)[0] == "poisson"


def test_whole_numbers_that_hardly_vary_are_no_counts():
    assert count_family(2000 + RNG.integers(0, 20, (100, 3)) * 1.0) is None


def test_the_ratio_is_that_of_all_entries_together():
    ratio, chance = variance_over_mean(SPREAD)
    np.testing.assert_allclose(ratio, SPREAD.var(0, ddof=1).sum() / SPREAD.mean(0).sum())
    # of a Poisson, chance is four standard errors: sd of the ratio over many draws
    draws = [variance_over_mean(RNG.poisson(MEANS, (60, 4)) * 1.0)[0] for _ in range(400)]
    chance = variance_over_mean(RNG.poisson(MEANS, (60, 4)) * 1.0)[1]
    assert 0.75 < chance / 4 / np.std(draws) < 1.33


def test_the_reason_has_the_figures():
    reason = count_family(HOLES)[1]
    assert f"{variance_over_mean(HOLES)[0]:.2g} times" in reason
    assert f"{np.mean(HOLES == 0):.0%} are 0" in reason


def test_what_is_missing_is_nan_and_an_entry_without_values_left_out():
    x, mask = np.arange(12.0).reshape(3, 2, 2), np.ones((3, 2, 2))
    mask[:, 0, 1] = 0
    mask[1, 1, 1] = 0
    expected = [[0, 2, 3], [4, 6, np.nan], [8, 10, 11]]
    np.testing.assert_array_equal(columns_seen(x, mask), expected)
    np.testing.assert_array_equal(columns_seen(x), x.reshape(3, 4))
