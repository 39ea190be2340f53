import numpy as np
import pytest
import reference
import tensorflow as tf
from scipy import integrate

from keras_vae.distributions import DiagonalGaussian

RNG = np.random.default_rng(0)
X = RNG.normal([2000, 0, -3], [10, 1e-4, 5], size=(500, 3)).astype("float32")


def fitted(x=X):
    likelihood = DiagonalGaussian()
    return likelihood, likelihood.fit_without_z(x)


def rows(best, count):
    return {name: np.stack([part] * count) for name, part in best.items()}


def exact(x, likelihood, mean, log_var):
    """log density in float64, by float32 centers and scales."""
    center, scale = np.float64(likelihood.center), np.float64(likelihood.scale)
    low, high = likelihood.LOG_VAR_RANGE
    below = high - np.logaddexp(0, high - np.float64(log_var))
    log_var = low + np.logaddexp(0, below - low) + 2 * np.log(scale)
    return reference.normal_log_density(x, center + scale * np.float64(mean), log_var)


@pytest.mark.parametrize("log_var", [-1e4, -9.0, 0.0, 4.0, 1e4])
@pytest.mark.parametrize("mean", [-50.0, 0.0, 3.0])
def test_the_log_density_is_of_x_in_its_own_units_near_the_mean_and_far_from_it(mean, log_var):
    likelihood, _ = fitted()
    parameters = {"mean": np.full((500, 3), mean), "log_var": np.full((500, 3), log_var)}
    found = likelihood.log_prob_of_entries(X, parameters)
    expected = exact(X, likelihood, mean, log_var)
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-5)


def test_the_density_integrates_to_1():
    likelihood, _ = fitted()
    parameters = {"mean": np.float32([[0.3, 0, 0]]), "log_var": np.float32([[-1.0, 0, 0]])}

    def density(x):
        return np.exp(likelihood.log_prob_of_entries(np.float32([[x, 0, 0]]), parameters)[0, 0])

    center = float(likelihood(parameters)[0, 0])
    width = float(likelihood.distribution(parameters).variance()[0, 0]) ** 0.5
    grid = center + width * np.linspace(-8, 8, 401)
    total = integrate.simpson([float(density(x)) for x in grid], x=grid)
    assert total == pytest.approx(1, abs=1e-5)


def test_units_change_the_nats_by_the_logarithm_of_their_ratio_alone():
    metres, feet = X, X * np.float32(1 / 0.3048)
    (of_metres, best), (of_feet, same) = fitted(metres), fitted(feet)
    for name, part in best.items():
        np.testing.assert_allclose(part, same[name], atol=1e-6)
    parameters = {name: np.float32(RNG.normal(size=(500, 3))) for name in best}
    difference = of_metres.log_prob(metres, parameters) - of_feet.log_prob(feet, parameters)
    np.testing.assert_allclose(difference, 3 * np.log(1 / 0.3048), atol=2e-3)


def test_the_fit_is_mean_and_variance_of_each_entry():
    likelihood, best = fitted()
    exact_x = X.astype("float64")
    np.testing.assert_allclose(likelihood(rows(best, 1))[0], exact_x.mean(axis=0), rtol=1e-5)
    variance = likelihood.distribution(rows(best, 1)).variance()[0]
    np.testing.assert_allclose(variance, exact_x.var(axis=0), rtol=1e-4)
    assert likelihood.trainable_weights == []


def test_an_entry_that_never_changes_has_the_unit_1_and_the_floor():
    likelihood, best = fitted(np.tile(np.float32([7.7, 0, 1e6]), (20, 1)))
    np.testing.assert_array_equal(likelihood.scale, 1)
    sigma = np.sqrt(likelihood.distribution(rows(best, 1)).variance())
    np.testing.assert_allclose(sigma, 0.01, rtol=1e-2)


def test_slopes_are_finite_and_right_wherever_training_goes():
    likelihood, _ = fitted()
    parameters = {"mean": tf.constant([[0.2, -1e4, 0]]), "log_var": tf.constant([[0, 1e4, -1e4]])}
    with tf.GradientTape() as tape:
        tape.watch(parameters)
        log_p = likelihood.log_prob(X[:1], parameters)
    slopes = tape.gradient(log_p, parameters)
    assert all(np.isfinite(slope).all() for slope in slopes.values())
    step = 1e-4
    at = [exact(X[:1], likelihood, [[0.2 + sign * step, -1e4, 0]], [[0, 1e4, -1e4]]).sum()
          for sign in (1, -1)]  # fmt: skip
    assert slopes["mean"][0, 0].numpy() == pytest.approx((at[0] - at[1]) / (2 * step), rel=1e-3)
