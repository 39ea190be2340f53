import itertools

import numpy as np
import pytest
from scipy import stats

from keras_vae.measures import dealt_by_chance


def distance(first, second):
    return np.abs(second - first)[:, 0]


def test_the_probability_is_that_of_all_ways_to_deal_the_examples_out():
    x = np.array([0.0, 0.4, 0.5, 1.1, 2.0, 2.5, 7.0])
    found = abs(x[4:].mean() - x[:4].mean())
    ways = [
        abs(x[list(second)].mean() - np.delete(x, second).mean())
        for second in itertools.combinations(range(7), 3)
    ]
    expected = np.mean(np.array(ways) >= found - 1e-12)
    chance = dealt_by_chance(distance, x[:4], x[4:], draws=5000)
    error = np.sqrt(expected * (1 - expected) / 5000)
    assert chance.p_value == pytest.approx(expected, abs=4 * error)
    assert chance.spread == pytest.approx(np.std(ways), rel=0.05)


@pytest.mark.parametrize("tails", [1.0, 100.0])
def test_probabilities_of_one_distribution_are_spread_evenly_however_heavy_its_tails(tails):
    p_values = []
    for seed in range(200):
        x = np.random.default_rng(seed).standard_t(tails, 40)
        p_values.append(dealt_by_chance(distance, x[:32], x[32:], draws=199).p_value)
    assert stats.kstest(p_values, "uniform").pvalue > 1e-3


def test_no_probability_is_below_that_of_a_draw_and_sameness_is_certain():
    x = np.arange(200.0)
    assert dealt_by_chance(distance, x[:100], x[100:], draws=99).p_value == 1 / 100
    same = dealt_by_chance(distance, np.ones((5, 1)), np.ones((3, 1)), draws=99)
    assert (same.p_value, same.spread) == (1, 0)


def test_a_difference_that_is_infinite_or_no_number_is_counted_as_such():
    def log_ratio(first, second):
        return np.abs(np.log(second / first))[:, 0]

    # a 1 in the first sample only: infinite wherever the draw puts it
    x = np.array([1.0, 0, 0, 0, 0, 0])
    assert dealt_by_chance(log_ratio, x[:3], x[3:], draws=99).p_value == 1
    # none anywhere: no difference
    assert dealt_by_chance(log_ratio, 0 * x[:3], 0 * x[3:], draws=99).p_value == 1
