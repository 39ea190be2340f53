import numpy as np
import pytest
import tensorflow as tf
from scipy import special

from keras_vae.distributions.counts import (
    deviance,
    log_negative_binomial,
    log_poisson,
    stirling_remainder,
)

COUNTS = [0, 1, 2, 3, 4, 5, 16, 100, 999, 123456, 1e6]
MEANS = [2e-9, 1e-6, 1e-3, 0.1, 1, 3, 30, 1e3, 1e5, 1e6, 5e6]
THETAS = [1e-3, 0.01, 0.3, 1, 10, 1e3, 1e5, 1.2e6]


def grid(*axes):
    """float32 arrays of all combinations, and the same numbers in float64."""
    values = [np.float32(axis).ravel() for axis in np.meshgrid(*map(np.float32, axes))]
    return values, [value.astype("float64") for value in values]


def exact_poisson(x, mean):
    return special.xlogy(x, mean) - mean - special.gammaln(x + 1)


def exact_negative_binomial(x, mean, theta):
    log_of_ways = special.gammaln(x + theta) - special.gammaln(theta) - special.gammaln(x + 1)
    return log_of_ways - theta * np.log1p(mean / theta) + special.xlogy(x, mean / (theta + mean))


def with_gradients(function, x, *parameters):
    parameters = [tf.constant(parameter) for parameter in parameters]
    with tf.GradientTape() as tape:
        tape.watch(parameters)
        log_p = function(x, *parameters)
    return log_p.numpy(), [gradient.numpy() for gradient in tape.gradient(log_p, parameters)]


def test_what_stirlings_formula_leaves_is_exact_on_both_sides_of_where_its_series_begins():
    x = np.concatenate([np.linspace(0, 20, 2001), np.geomspace(20, 1e7, 100)]).astype("float32")
    exact = x.astype("float64")
    expected = special.gammaln(exact + 1) - special.xlogy(exact, exact) + exact
    np.testing.assert_allclose(stirling_remainder(x), expected, rtol=2e-6, atol=2e-7)


def test_the_deviance_is_that_of_float64_near_the_mean_and_far_from_it():
    (x, mean), (exact_x, exact_mean) = grid(COUNTS, MEANS)
    expected = special.xlogy(exact_x, exact_x / exact_mean) - (exact_x - exact_mean)
    found = deviance(x, mean, x - mean)
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-7)
    near = np.float32([1e6 + 1])
    found = deviance(near, np.float32([1e6]), np.float32([1.0])).numpy().item()
    assert found == pytest.approx(5e-7, abs=1e-6)


def test_a_poisson_probability_of_up_to_a_million_counts_is_that_of_float64():
    (x, mean), exact = grid(COUNTS, MEANS)
    log_p, (by_mean,) = with_gradients(log_poisson, x, mean)
    np.testing.assert_allclose(log_p, exact_poisson(*exact), rtol=3e-6, atol=3e-6)
    # d log p / d log(mean) = x - mean
    scale = 1 + np.maximum(*exact)
    np.testing.assert_array_less(np.abs(mean * by_mean - (exact[0] - exact[1])) / scale, 1e-6)


def test_a_negative_binomial_probability_of_up_to_a_million_counts_is_that_of_float64():
    (x, mean, theta), exact = grid(COUNTS, MEANS, THETAS)
    log_p, (by_mean, by_theta) = with_gradients(log_negative_binomial, x, mean, theta)
    np.testing.assert_allclose(log_p, exact_negative_binomial(*exact), rtol=4e-6, atol=4e-6)
    x, mean, theta = exact
    total = theta + mean
    # d log p / d log(mean) = (x - mean) theta / (theta + mean)
    error = np.abs(mean * by_mean - (x - mean) * theta / total)
    np.testing.assert_array_less(error / (1 + np.maximum(x, mean)), 1e-6)
    # d log p / d theta = psi(x + theta) - psi(theta) - log(1 + mean / theta) + (mean - x) / total
    slope = special.digamma(x + theta) - special.digamma(theta) - np.log1p(mean / theta)
    slope = theta * (slope + (mean - x) / total)
    error = np.abs(theta * by_theta - slope) / (1 + np.abs(slope) + np.maximum(x, mean))
    np.testing.assert_array_less(error, 2e-6)


def test_a_negative_binomial_becomes_a_poisson_distribution_as_theta_grows():
    (x, mean), _ = grid([0, 1, 7, 1000], [1e-3, 1.0, 30.0, 900.0])
    theta = np.full_like(x, 1e12)
    expected = log_poisson(x, mean)
    found, gradients = with_gradients(log_negative_binomial, x, mean, theta)
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-6)
    assert all(np.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.parametrize(("mean", "theta"), [(3.0, 0.5), (40.0, 8.0), (0.01, 100.0)])
def test_the_probabilities_of_all_counts_sum_to_1(mean, theta):
    x = np.arange(4000, dtype="float32")
    for log_p in (log_negative_binomial(x, mean, theta), log_poisson(x, mean)):
        assert np.exp(np.float64(log_p)).sum() == pytest.approx(1, abs=2e-6)
