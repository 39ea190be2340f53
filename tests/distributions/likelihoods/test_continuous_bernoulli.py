import numpy as np
import pytest
import reference
from distributions.entries import LOGITS, log_prob, pairs
from scipy import integrate

from keras_vae.distributions import ContinuousBernoulli


def test_continuous_bernoulli_gives_the_log_density_near_0_and_at_any_logit():
    x, logits = pairs([0, 0.25, 0.5, 1], LOGITS)
    expected = reference.continuous_bernoulli_log_density(x, logits)
    result = log_prob(ContinuousBernoulli(), x, logits)
    np.testing.assert_allclose(result, expected, rtol=1e-6, atol=2e-6)


@pytest.mark.parametrize("logit", LOGITS)
def test_the_density_of_the_oracle_integrates_to_1(logit):
    def density(x):
        return np.exp(reference.continuous_bernoulli_log_density(x, logit))

    total, _ = integrate.quad(density, 0, 1, points=[0.02, 0.1, 0.9, 0.98])
    assert total == pytest.approx(1, rel=1e-7)


@pytest.mark.parametrize("logit", LOGITS)
def test_the_mean_of_continuous_bernoulli_is_the_integral_of_x_times_its_density(logit):
    def integrand(x):
        return x * np.exp(reference.continuous_bernoulli_log_density(x, logit))

    expected, _ = integrate.quad(integrand, 0, 1, points=[0.02, 0.1, 0.9, 0.98])
    result = ContinuousBernoulli()(np.float32([[logit]])).numpy().item()
    assert result == pytest.approx(expected, rel=1e-5)


def test_the_continuous_bernoulli_fit_meets_means_near_both_ends_and_one_half():
    means = np.array([0.0, 1e-3, 0.49999, 0.5, 0.50001, 0.999, 1.0], "float32")
    x = np.tile(means, (5000, 1))
    logits = ContinuousBernoulli().fit_without_z(x)
    smoothed = (5000 * means.astype("float64") + 0.5) / 5001
    for logit, expected in zip(logits, smoothed, strict=True):

        def integrand(x, a=logit):
            return x * np.exp(reference.continuous_bernoulli_log_density(x, a))

        ends = [1e-4, 1e-3, 0.01, 0.99, 0.999, 0.9999]
        mean, _ = integrate.quad(integrand, 0, 1, points=ends)
        assert mean == pytest.approx(expected, rel=1e-5)
