import numpy as np
import pytest
from scipy import optimize, special

from keras_vae.distributions.by_entry import Histogram, best_by_entry, moments

RNG = np.random.default_rng(0)
X = RNG.integers(0, 4, (50, 2, 3)).astype("float32")
MASK = RNG.integers(0, 2, X.shape).astype("float32")


@pytest.mark.parametrize("mask", [None, MASK])
def test_moments_are_those_of_what_was_observed(mask):
    kept = np.ma.array(X.astype("float64"), mask=False if mask is None else mask == 0)
    count, mean, variance = moments(X, mask)
    np.testing.assert_array_equal(count, kept.count(axis=0))
    np.testing.assert_allclose(mean, kept.mean(axis=0))
    np.testing.assert_allclose(variance, kept.var(axis=0))


@pytest.mark.parametrize("mask", [None, MASK])
def test_a_histogram_counts_each_value_of_each_entry(mask):
    histogram = Histogram.of(X, mask)
    seen = np.ones_like(X) if mask is None else mask
    np.testing.assert_allclose(histogram.sums(), seen.sum(axis=0).ravel())
    squares = (seen * X**2).sum(axis=0).ravel()
    np.testing.assert_allclose(histogram.sums(histogram.values**2), squares)
    np.testing.assert_allclose(histogram.means(2.0), 2.0)
    assert len(histogram.values) == 4 * 6


def test_many_values_are_taken_together_by_neighbours_and_both_ends_stay_alone():
    x = np.concatenate([RNG.integers(0, 65536, (3000, 1)), np.zeros((900, 1)), [[65535.0]]])
    histogram = Histogram.of(x)
    assert 200 < len(histogram.values) <= 256
    assert histogram.values[[0, -1]].tolist() == [0, 65535]
    assert histogram.counts[0] == np.sum(x == 0)
    assert (np.diff(histogram.values) > 0).all()
    np.testing.assert_allclose(histogram.sums(), len(x))
    np.testing.assert_allclose(histogram.means(histogram.values), x.mean())
    # what is smooth has the same mean: a logistic log p
    u = (histogram.values - 3e4) / 5e3
    exact = (x - 3e4) / 5e3
    found = histogram.means(-u - 2 * np.logaddexp(0, -u))
    np.testing.assert_allclose(found, np.mean(-exact - 2 * np.logaddexp(0, -exact)), rtol=1e-4)


def test_an_entry_that_was_never_observed_has_a_mean_of_0():
    mask = np.ones_like(X)
    mask[:, 0, 0] = 0
    assert Histogram.of(X, mask).means(1.0).tolist() == [0, 1, 1, 1, 1, 1]
    assert moments(X, mask)[1][0, 0] == 0


def test_a_histogram_of_some_entries_is_that_of_their_columns():
    some, alone = Histogram.of(X).only(np.array([1, 4])), Histogram.of(X.reshape(50, 6)[:, [1, 4]])
    assert some.entries == 2
    for ours, theirs in zip(some[:3], alone[:3], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def log_logistic(x, loc, log_scale):
    u = (x - loc) / np.exp(log_scale)
    return -u - log_scale - 2 * np.logaddexp(0, -u)


def test_the_best_parameters_of_each_entry_are_those_that_a_search_of_its_own_finds():
    x = RNG.logistic([0, 50, -3], [1, 0.1, 20], size=(200, 3))
    start = [x.mean(axis=0) + 1, np.zeros(3)]
    best = best_by_entry(log_logistic, Histogram.of(x), start, [(-100, 100), (-9, 9)])
    for i, column in enumerate(x.T):

        def loss(parameters, values=column):
            return -log_logistic(values, *parameters).mean()

        found = optimize.minimize(loss, [np.median(column), np.log(column.std())], tol=1e-12)
        assert loss([part[i] for part in best]) <= found.fun + 1e-9


def test_a_parameter_stays_in_its_range_and_the_others_are_best_there():
    x = RNG.logistic(5, 1, size=(200, 1))
    loc, _ = best_by_entry(log_logistic, Histogram.of(x), [[0.0], [0.0]], [(-9, 9), (2, 9)])
    assert loc[0] == pytest.approx(5, abs=0.3)

    def slope(at):  # of the mean of log p, at the scale of the range's end
        return np.mean(special.expit((x - at) / np.exp(2 + 2e-4)) - 0.5)

    assert slope(loc[0]) == pytest.approx(0, abs=1e-5)
