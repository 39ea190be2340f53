"""The Gaussian at the mode of p(z|x), against closed forms."""

import numpy as np
import pytest
from scipy.special import expit

from keras_vae.evidence.linear_gaussian import LinearGaussian
from keras_vae.measures import mode_posterior
from tests.reference import normal_log_density

VARIANCE = 0.5
WEIGHTS = np.array([[2.0, 0.8], [0, 1.0], [0.5, 0.5]])


def linear(count=40):
    """x of the linear-Gaussian model, log p(x|z), the moments of p(x|z), and the model."""
    rng = np.random.default_rng(77)
    z = rng.standard_normal((count, 2))
    x = z @ WEIGHTS.T + np.sqrt(VARIANCE) * rng.standard_normal((count, 3))

    def moments(z):
        mean = z.astype("float64") @ WEIGHTS.T
        return mean, np.full_like(mean, VARIANCE)

    def log_prob(z):
        return normal_log_density(x, moments(z)[0], np.log(VARIANCE)).sum(axis=-1)

    return x, log_prob, moments, LinearGaussian(WEIGHTS, np.zeros(3), VARIANCE)


@pytest.mark.parametrize("start", [0.0, 5.0])
def test_of_a_linear_model_it_is_the_best_diagonal_gaussian(start):
    x, log_prob, moments, model = linear()
    z_mean, z_log_var = mode_posterior(log_prob, moments, x, np.full((len(x), 2), start))
    # mean of p(z|x), variances 1 / P_jj (Lucas et al. 2019)
    np.testing.assert_allclose(z_mean, model.posterior_mean(x), atol=1e-3)
    expected = -np.log(np.diag(model.posterior_precision))
    np.testing.assert_allclose(z_log_var, np.broadcast_to(expected, (len(x), 2)), atol=1e-3)


@pytest.mark.parametrize("beta", [0.1, 4.0])
def test_with_a_weight_it_is_where_distortion_plus_beta_rate_is_least(beta):
    x, log_prob, moments, _ = linear()
    z_mean, z_log_var = mode_posterior(log_prob, moments, x, np.zeros((len(x), 2)), beta)
    # beta sigma^2 in the place of sigma^2
    model = LinearGaussian(WEIGHTS, np.zeros(3), beta * VARIANCE)
    np.testing.assert_allclose(z_mean, model.posterior_mean(x), atol=1e-3)
    expected = -np.log(np.diag(model.posterior_precision))
    np.testing.assert_allclose(z_log_var, np.broadcast_to(expected, (len(x), 2)), atol=1e-3)


def test_of_a_curved_decoder_it_is_the_mode_that_a_fine_grid_finds():
    rng = np.random.default_rng(78)
    a = rng.standard_normal((12, 1))
    x = (rng.random((30, 12)) < expit(2 * rng.standard_normal((30, 1)) @ a.T)).astype("float64")

    def logits(z):
        return 2 * z.astype("float64") @ a.T

    def log_prob(z):
        return np.sum(x * logits(z) - np.logaddexp(0, logits(z)), axis=1)

    def moments(z):
        p = expit(logits(z))
        return p, p * (1 - p)

    z_mean, z_log_var = mode_posterior(log_prob, moments, x, np.zeros((30, 1)))
    grid = np.linspace(-5, 5, 4001)
    on_grid = np.stack([log_prob(np.full((30, 1), z)) - z**2 / 2 for z in grid])
    np.testing.assert_allclose(z_mean[:, 0], grid[np.argmax(on_grid, axis=0)], atol=5e-3)
    # 1 / var = 1 + sum_i p (1 - p) (2 a_i)^2
    p = expit(2 * z_mean @ a.T)
    precision = 1 + np.sum(p * (1 - p) * (2 * a.T) ** 2, axis=1)
    np.testing.assert_allclose(z_log_var[:, 0], -np.log(precision), atol=2e-2)


def test_where_no_step_is_better_z_stays():
    def moments(z):
        return np.zeros((len(z), 3)), np.ones((len(z), 3))

    start = np.zeros((5, 2))
    z_mean, z_log_var = mode_posterior(lambda z: np.zeros(len(z)), moments, np.ones((5, 3)), start)
    np.testing.assert_array_equal(z_mean, start)
    # a decoder that does not heed z leaves the prior
    np.testing.assert_allclose(z_log_var, 0, atol=1e-12)


def test_the_search_ends_where_no_step_would_gain_anything():
    x, log_prob, moments, model = linear()
    asked = []

    def counted(z):
        asked.append(len(z))
        return moments(z)

    far = np.full((len(x), 2), 5.0)
    mode_posterior(log_prob, counted, x, far)
    rounds = len(asked)  # each asks once: at z and at a step along each latent
    asked.clear()
    found, _ = mode_posterior(log_prob, counted, x, model.posterior_mean(x))
    assert asked == [3 * len(x)]  # it is there
    np.testing.assert_allclose(found, model.posterior_mean(x), atol=1e-3)
    assert 3 <= rounds <= 7
