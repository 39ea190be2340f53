import math

import numpy as np
import pytest
from reference import monte_carlo_mean
from scipy import stats

from keras_vae.measures.pareto_k import (
    _zhang_stephens,
    pareto_k,
    pareto_k_threshold,
    tail_size,
)


def largest(log_weights):
    """The M + 1 largest of (K, N) log weights."""
    m = tail_size(len(log_weights))
    return np.sort(log_weights, axis=0)[-(m + 1) :]


def textbook_k(weights):
    """One example's k-hat from the formulas as printed, without logs: theta, k and l(theta)."""
    w = np.sort(weights)
    x = w[1:] - w[0]
    n = len(x)
    quartile = x[math.floor(n / 4 + 0.5) - 1]
    m = 30 + math.floor(math.sqrt(n))
    thetas = [1 / x[-1] + (1 - math.sqrt(m / (j - 0.5))) / (3 * quartile) for j in range(1, m + 1)]
    # Zhang and Stephens write k for minus the shape
    ks = [-np.mean(np.log(1 - theta * x)) for theta in thetas]
    logs = [n * (math.log(theta / k) + k - 1) for theta, k in zip(thetas, ks, strict=True)]
    posterior = [1 / sum(math.exp(other - one) for other in logs) for one in logs]
    theta = np.dot(thetas, posterior)
    shape = np.mean(np.log(1 - theta * x))
    return n / (n + 10) * shape + 10 / (n + 10) * 0.5


def without_prior(k, exceedances):
    return (k * (exceedances + 10) - 5) / exceedances


@pytest.mark.parametrize(
    ("samples", "size"), [(1, 1), (20, 4), (21, 5), (225, 45), (226, 46), (400, 60), (5000, 213)]
)
def test_the_tail_is_a_fifth_of_few_weights_and_three_roots_of_many(samples, size):
    assert tail_size(samples) == size


@pytest.mark.parametrize(
    ("samples", "threshold"), [(10, 0.0), (100, 0.5), (1000, 2 / 3), (2155, 0.7), (10**6, 0.7)]
)
def test_few_samples_need_a_smaller_k(samples, threshold):
    assert pareto_k_threshold(samples) == pytest.approx(threshold, abs=1e-4)


def test_a_single_sample_is_never_trusted():
    assert pareto_k_threshold(1) == -math.inf


@pytest.mark.parametrize("exceedances", [5, 6, 7, 8, 37, 200])
def test_it_is_the_estimator_as_it_is_printed(exceedances):
    log_w = np.random.default_rng(exceedances).normal(size=(exceedances + 1, 8)) * np.arange(1, 9)
    expected = [textbook_k(np.exp(column)) for column in log_w.T]
    np.testing.assert_allclose(pareto_k(log_w), expected, rtol=1e-9)


# Values of psislw of ArviZ 0.23.4.
@pytest.mark.parametrize(
    ("samples", "quantiles", "k"),
    [
        (25, lambda p: -0.9 * np.log1p(-p), 0.6042117338168266),
        (100, lambda p: -0.9 * np.log1p(-p), 0.7205967434897379),
        (100, lambda p: p, -0.360527669339651),
        (100, lambda p: 3 * stats.norm.ppf(p), 0.9651885908460256),
        (4000, lambda p: -0.9 * np.log1p(-p), 0.8703208341622388),
        (4000, lambda p: p, -0.8836468290347037),
    ],
)
def test_it_agrees_with_another_implementation(samples, quantiles, k):
    log_w = quantiles((np.arange(samples) + 0.5) / samples)
    assert pareto_k(largest(log_w[:, np.newaxis]))[0] == pytest.approx(k, rel=1e-9)


@pytest.mark.parametrize("k", [-0.3, 0.0, 0.4, 0.7, 1.2])
def test_it_recovers_the_shape_of_generalized_pareto_exceedances(k):
    exceedances = 2000
    y = stats.genpareto.rvs(k, scale=3.0, size=(exceedances, 100), random_state=0)
    log_w = np.log1p(np.vstack([np.zeros(100), y]))
    mean, error = monte_carlo_mean(without_prior(pareto_k(log_w), exceedances))
    # sqrt(var k-hat) ~ (1 + k) / sqrt(M), the Cramer-Rao bound
    assert error == pytest.approx((1 + k) / np.sqrt(exceedances * 100), rel=0.4)
    assert mean == pytest.approx(k, abs=4 * error)


def test_few_weights_leave_it_near_the_prior_and_many_do_not():
    # the quantiles of one light tail, k = -0.5, of 5 and of 5,000 weights
    quantiles = [stats.genpareto.ppf((np.arange(m + 1) + 0.5) / (m + 1), -0.5) for m in (5, 5000)]
    few, many = (pareto_k(np.log(weights)[:, np.newaxis])[0] for weights in quantiles)
    assert few > 0
    assert many == pytest.approx(-0.5, abs=0.02)


@pytest.mark.parametrize("std", [0.3, 0.6, 0.9])
def test_a_normal_in_two_dimensions_that_is_too_narrow_has_shape_1_minus_its_variance(std):
    # p = N(0, I), z ~ q = N(0, s^2 I): log w = |z|^2 (1 / s^2 - 1) / 2 + const, and |z|^2 / (2 s^2)
    # is exponential in two dimensions, so that P(w > t) ~ t^(-1 / (1 - s^2)) without a correction
    z = std * np.random.default_rng(0).normal(size=(10_000, 100, 2))
    log_w = np.sum(stats.norm.logpdf(z) - stats.norm.logpdf(z, scale=std), axis=-1)
    k = without_prior(pareto_k(largest(log_w)), tail_size(10_000))
    mean, error = monte_carlo_mean(k)
    # the estimator's own bias is of order 1 / M = 1 / 300
    assert mean == pytest.approx(1 - std**2, abs=4 * error + 0.003)


def test_a_normal_in_one_dimension_comes_close_to_its_shape_from_below():
    z = 0.5 * np.random.default_rng(0).normal(size=(50_000, 20))
    log_w = stats.norm.logpdf(z) - stats.norm.logpdf(z, scale=0.5)
    # P(w > t) ~ t^(-1 / k) / sqrt(log t) with k = 1 - 0.5^2
    assert 0.6 < pareto_k(largest(log_w)).mean() < 0.75


@pytest.mark.parametrize("samples", [100, 50_000])
def test_a_normal_that_is_too_wide_has_bounded_weights(samples):
    z = 1.5 * np.random.default_rng(0).normal(size=(samples, 20))
    log_w = stats.norm.logpdf(z) - stats.norm.logpdf(z, scale=1.5)
    assert np.all(pareto_k(largest(log_w)) < 0)


def test_only_differences_of_log_weights_count_and_not_their_order():
    rng = np.random.default_rng(0)
    log_w = 2 * rng.normal(size=(50, 4))
    shifted = rng.permuted(log_w, axis=0) + np.array([-1e5, -100.0, 300.0, 1e5])
    np.testing.assert_allclose(pareto_k(shifted), pareto_k(log_w), rtol=1e-7)


def test_weights_hundreds_of_nats_apart_are_hopeless_but_do_not_overflow():
    exponential = -np.log1p(-(np.arange(201) + 0.5) / 201)[:, np.newaxis]
    log_w = exponential * [1.0, 100.0, 1e4, 1e6]
    k = pareto_k(log_w)
    # log w = a E has shape a
    assert np.all(np.diff(np.log10(k)) > 1.5)
    assert 5e5 < k[-1] < 1e6


def test_a_grid_point_at_an_exactly_exponential_tail_is_no_zero_divided_by_zero():
    # m = 34 for 16 exceedances: theta_9 = 1 - (sqrt(34 / 8.5) - 1) / (3 / 3) = 0
    log_y = np.log([0.1, 0.2, 0.3, 1 / 3, *np.linspace(0.4, 1.0, 12)])[:, np.newaxis]
    at_zero = _zhang_stephens(log_y, np.array([16]))
    log_y[3] += 1e-6
    assert at_zero == pytest.approx(_zhang_stephens(log_y, np.array([16])), abs=1e-4)


def test_each_example_has_its_own_k():
    log_w = np.random.default_rng(0).normal(size=(40, 3)) * [0.5, 2.0, 5.0]
    alone = [pareto_k(log_w[:, [column]])[0] for column in range(3)]
    np.testing.assert_allclose(pareto_k(log_w), alone, rtol=1e-12)
    assert alone[0] < alone[1] < alone[2]


def test_constant_weights_have_no_tail_even_if_float32_rounded_them():
    rng = np.random.default_rng(0)
    log_w = np.full((100, 3), -543.4)
    log_w[:, 1] = np.float32(log_w[:, 1] + 1e-4 * rng.normal(size=100))
    log_w[:, 2] += 0.01 * rng.normal(size=100)
    k = pareto_k(log_w)
    assert k[:2].tolist() == [-np.inf, -np.inf]
    assert np.isfinite(k[2])


def test_too_few_weights_above_the_threshold_tell_nothing():
    log_w = np.random.default_rng(0).normal(size=(6, 2))
    assert np.isfinite(pareto_k(log_w)).all()
    assert np.isnan(pareto_k(log_w[:5])).all()
    assert np.isnan(pareto_k(log_w[:1])).all()
    # one weight that outweighs 99 equal ones is no tail either: ties do not exceed
    lonely = np.zeros((100, 1))
    lonely[7] = 50.0
    assert np.isnan(pareto_k(lonely)).all()


def test_weights_tied_with_the_threshold_are_left_out():
    log_w = np.random.default_rng(0).normal(size=(30, 1))
    tied = np.vstack([log_w, np.full((20, 1), log_w.min())])
    # only the grid of the quadrature still sees them
    assert pareto_k(tied)[0] == pytest.approx(pareto_k(log_w)[0], abs=0.01)


def test_weights_of_zero_are_below_every_threshold():
    log_w = np.random.default_rng(0).normal(size=(30, 1))
    # a threshold of zero is that of exceedances y = w
    zeros = np.vstack([np.full((9, 1), -np.inf), log_w])
    assert pareto_k(zeros)[0] == pytest.approx(textbook_k(np.append(0, np.exp(log_w))), abs=0.01)


def test_broken_log_weights_have_no_k_and_leave_the_others_theirs():
    log_w = np.random.default_rng(0).normal(size=(50, 5))
    expected = pareto_k(log_w)
    log_w[3, 0] = np.nan
    log_w[3, 1] = np.inf
    log_w[:, 2] = -np.inf
    log_w[:, 3] = np.inf
    k = pareto_k(log_w)
    assert np.isnan(k[:4]).all()
    assert k[4] == expected[4]


@pytest.mark.parametrize("shape", [(), (50,), (50, 2, 2)])
def test_log_weights_must_be_one_column_an_example(shape):
    with pytest.raises(ValueError, match=r"expected \(M \+ 1, N\)"):
        pareto_k(np.zeros(shape))
