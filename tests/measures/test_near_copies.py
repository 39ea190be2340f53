import numpy as np
import pytest
from scipy.stats import binom

from keras_vae.measures import near_copies

RNG = np.random.default_rng(0)


def test_rounded_and_noisy_copies_are_counted_wherever_they_stand():
    train = RNG.normal(size=(600, 5))
    test = RNG.normal(size=(100, 5))
    test[[0, 7, 99]] = np.round(train[[599, 3, 4]], 2)
    test[50:60] = train[50:60] + 1e-3 * RNG.normal(size=(10, 5))
    found = near_copies(test, train)
    # a sixth of the training examples are set aside
    assert 8 / 100 <= found.found <= 13 / 100
    assert found.expected == 0
    assert found.p_value < 1e-3
    other_units = near_copies(1e4 * test - 7e4, 1e4 * train - 7e4)
    assert other_units.found == found.found


def test_copies_are_found_among_many_entries_too():
    train = RNG.normal(size=(400, 12, 30)).astype("float32")
    test = np.concatenate([train[:30] + np.float32(0.01), RNG.normal(size=(70, 12, 30))])
    found = near_copies(test, train)
    assert 0.15 <= found.found <= 0.3
    assert near_copies(test[30:], train).found == 0


@pytest.mark.parametrize("columns", [1, 2])
def test_chance_is_as_often_as_the_volume_says_and_alike_in_both_splits(columns):
    x = RNG.random((4000, columns))
    found = near_copies(x[:500], x[500:])
    # 2 * 0.1 r of one entry's line on which r is exponential; pi (0.1 r)^2 of a plane
    low, high = binom.ppf([1e-4, 1 - 1e-4], 500, 0.1**columns) / 500
    assert low <= found.expected <= high
    assert low <= found.found <= high
    assert found.p_value > 1e-3


@pytest.mark.parametrize("levels", [2, 3, 50])
def test_tables_of_few_categories_and_one_number_are_no_leak(levels):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x = np.column_stack([rng.integers(0, levels, (800, 4)), rng.normal(size=800).round(1)])
        found = near_copies(x[:80], x[80:])
        assert found.p_value > 1e-3


def test_a_leak_is_found_beside_what_chance_does():
    x = np.column_stack([RNG.integers(0, 3, (2000, 3)), RNG.normal(size=2000)])
    leaked = np.concatenate([x[200:280] + np.array([0, 0, 0, 1e-4]), x[:120]])
    found = near_copies(leaked, x[200:])
    assert found.found - 2 * found.expected > 0.1
    assert found.p_value < 1e-3


def test_the_probability_by_chance_is_that_of_dealing_the_copies_out():
    train = RNG.normal(size=(2000, 6))
    test = np.concatenate([train[:4] + 1e-6, RNG.normal(size=(6, 6))])
    found = near_copies(test, train)
    assert (found.found, found.expected) == (0.4, 0)
    # all of 4 copies among the 10 of 20 examples that are test examples
    assert found.p_value == pytest.approx(10 * 9 * 8 * 7 / (20 * 19 * 18 * 17))


def test_gaps_count_as_the_mean_and_few_examples_find_nothing():
    train = RNG.normal(size=(300, 6))
    train[:, 2] = np.nan
    train[:50, 3] = np.nan
    assert near_copies(train[:60] + 1e-5, train).found > 0.7
    assert near_copies(train[:2], train[:3]).found == 0
