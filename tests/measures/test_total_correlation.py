import numpy as np
import pytest

from keras_vae.measures import total_correlation

RNG = np.random.default_rng(3)


def test_of_two_numbers_it_is_the_mutual_information_of_normal_ones_whatever_their_units():
    x, e = RNG.standard_normal((2, 1000))
    pair = np.stack([100 * x + 7, x + e], axis=1)
    correlation = np.corrcoef(pair.T)[0, 1]
    assert total_correlation(pair) == pytest.approx(-0.5 * np.log(1 - correlation**2))


def test_of_what_has_nothing_in_common_it_is_what_chance_makes():
    draws = [total_correlation(RNG.standard_normal((400, 6))) for _ in range(50)]
    # half of the squares of n (n - 1) / 2 correlations, of 1 / N each
    assert np.mean(draws) == pytest.approx(15 / (2 * 400), rel=0.2)


def test_a_copy_has_much_in_common_and_what_never_changes_nothing():
    x = RNG.standard_normal((100, 1))
    assert total_correlation(np.concatenate([x, x], axis=1)) > 5
    assert total_correlation(np.concatenate([x, 0 * x], axis=1)) == pytest.approx(0, abs=1e-9)
    assert total_correlation(np.zeros((10, 3))) == 0
