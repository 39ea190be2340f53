import numpy as np
import pytest
from scipy import stats

from keras_vae.distributions import NegativeBinomial, Poisson


def made(theta):
    likelihood = NegativeBinomial()
    likelihood.build_for(np.shape(theta))
    likelihood.set_log_theta(np.log(theta))
    return likelihood


@pytest.mark.parametrize(("mean", "theta"), [(0.2, 0.1), (5.0, 0.7), (80.0, 30.0)])
def test_negative_binomial_gives_the_probability_of_every_count(mean, theta):
    x = np.arange(500, dtype="float32")[:, None]
    likelihood, outputs = made([theta]), np.full_like(x, np.log(mean))
    expected = stats.nbinom.logpmf(x[:, 0], theta, theta / (theta + mean))
    np.testing.assert_allclose(likelihood.log_prob(x, outputs), expected, rtol=2e-5, atol=5e-6)
    np.testing.assert_allclose(likelihood(outputs[:1]), [[mean]], rtol=1e-5)
    variance = likelihood.distribution(outputs[:1]).variance()
    np.testing.assert_allclose(variance, [[mean + mean**2 / theta]], rtol=1e-5)


def test_each_entry_has_its_own_theta_and_it_stays_in_its_range():
    likelihood = made([0.1, 2.0, 500.0])
    np.testing.assert_allclose(likelihood.theta, [0.1, 2.0, 500.0], rtol=1e-5)
    likelihood.log_theta.assign([-1e6, 0.0, 1e6])
    np.testing.assert_allclose(likelihood.theta, np.exp([-7.0, 0.0, 14.0]), rtol=1e-2)


def test_the_fit_finds_the_dispersion_that_counts_were_drawn_with():
    rng, theta, mean = np.random.default_rng(0), np.array([0.3, 2.0, 10.0]), np.array([2, 10, 50])
    x = rng.negative_binomial(theta, theta / (theta + mean), (4000, 3)).astype("float32")
    likelihood = NegativeBinomial()
    log_mean = likelihood.fit_without_z(x)
    np.testing.assert_allclose(likelihood.mean_count(log_mean), x.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(likelihood.theta, theta, rtol=0.15)  # 4 standard errors


def test_counts_that_vary_no_more_than_a_poisson_get_that():
    x = np.float32([[4, 0], [5, 0], [6, 0], [5, 0]])
    both = NegativeBinomial(), Poisson()
    ours, theirs = (p.log_prob(x, np.stack([p.fit_without_z(x)] * 4)) for p in both)
    assert both[0].theta[0] > 1e5
    np.testing.assert_allclose(ours, theirs, rtol=1e-3)
