import numpy as np
import pytest

from keras_vae import DataError
from keras_vae.distributions import Poisson
from keras_vae.distributions.likelihoods.counts import Counts

FAMILIES = Counts.__subclasses__()


def test_the_mean_is_the_exponential_of_the_output_and_stays_in_its_range():
    found = Poisson().mean_count(np.float32([-1e30, -5, 0, 10, 1e30]))
    np.testing.assert_allclose(found, np.exp([-20.0, -5, 0, 10, 20.0]), rtol=1e-4)


@pytest.mark.parametrize("x", [0.5, 3.25])
@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_not_a_whole_number_is_refused(family, x):
    rows = np.float32([[1, 2], [3, x], [0, 1e6]])
    with pytest.raises(DataError, match=rf"{family.__name__} describes counts.* {x} in row 1"):
        family().check(rows)
    family().check(np.floor(rows))


def test_negative_counts_and_nan_are_refused():
    with pytest.raises(DataError, match="first -1 in row 0"):
        Poisson().check(np.float32([[-1, 2]]))
    with pytest.raises(DataError, match="1 NaN value"):
        Poisson().check(np.float32([[np.nan, 2]]))


def test_an_entry_without_a_count_gets_half_a_one_and_others_their_mean():
    x = np.float32([[0, 1], [0, 5], [0, 0], [0, 0]])
    log_mean, mean = Poisson().best_log_mean(x)
    np.testing.assert_allclose(mean, [0.5 / 4, 1.5])
    np.testing.assert_allclose(Poisson().mean_count(log_mean), mean, rtol=1e-6)
    _, of_observed = Poisson().best_log_mean(x, np.float32([[0, 1], [0, 1], [0, 0], [0, 0]]))
    np.testing.assert_allclose(of_observed, [0.5, 3])
