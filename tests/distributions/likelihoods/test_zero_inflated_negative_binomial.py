import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from keras_vae.distributions import NegativeBinomial, ZeroInflatedNegativeBinomial

X = np.arange(600, dtype="float32")[:, None]


def made(theta):
    likelihood = ZeroInflatedNegativeBinomial()
    likelihood.build_for((1,))
    likelihood.set_log_theta(np.log([theta]))
    return likelihood


def outputs(mean, zero_logit, count=600):
    return {
        "log_mean": np.full((count, 1), np.log(mean), "float32"),
        "zero_logit": np.full((count, 1), zero_logit, "float32"),
    }


@pytest.mark.parametrize("zero_logit", [-90.0, -2.0, 0.0, 3.0, 90.0])
@pytest.mark.parametrize(("mean", "theta"), [(0.2, 0.5), (60.0, 8.0)])
def test_zeros_have_two_reasons_and_other_counts_one(mean, theta, zero_logit):
    log_p = np.float64(made(theta).log_prob(X, outputs(mean, zero_logit)))
    counts = stats.nbinom.logpmf(X[:, 0], theta, theta / (theta + mean))
    expected = -np.logaddexp(0, zero_logit) + counts
    expected[0] = np.logaddexp(-np.logaddexp(0, -zero_logit), expected[0])
    np.testing.assert_allclose(log_p, expected, rtol=2e-5, atol=5e-6)
    assert np.exp(log_p).sum() == pytest.approx(1, abs=1e-5)


def test_mean_and_variance_are_those_of_the_mixture():
    likelihood, parameters = made(2.0), outputs(5.0, 0.5, 1)
    p = np.exp(np.float64(likelihood.log_prob(X, outputs(5.0, 0.5))))
    mean = p @ X[:, 0]
    assert likelihood(parameters).numpy().item() == pytest.approx(mean, rel=1e-5)
    variance = likelihood.distribution(parameters).variance().numpy().item()
    assert variance == pytest.approx(p @ (X[:, 0] - mean) ** 2, rel=1e-4)


@pytest.mark.parametrize("zero_logit", [-90.0, 0.0, 90.0])
def test_slopes_are_finite_wherever_training_goes(zero_logit):
    likelihood, x = made(1.0), np.float32([[0], [1], [1e6]])
    parameters = tf.nest.map_structure(tf.constant, outputs(3.0, zero_logit, 3))
    with tf.GradientTape() as tape:
        tape.watch(parameters)
        log_p = likelihood.log_prob(x, parameters)
    slopes = tape.gradient(log_p, [parameters, likelihood.log_theta.value])
    assert all(np.isfinite(part).all() for part in tf.nest.flatten(slopes))
    # of a count above 0: -pi
    pi = 1 / (1 + np.exp(-zero_logit))
    np.testing.assert_allclose(slopes[0]["zero_logit"][1:], [[-pi]] * 2, rtol=1e-5, atol=1e-30)


def test_the_fit_finds_what_the_zeros_were_drawn_with_and_none_where_there_are_none():
    rng = np.random.default_rng(0)
    counts = rng.negative_binomial(3.0, 3 / (3 + 8.0), (6000, 2))
    x = np.float32(counts * np.stack([rng.random(6000) > 0.4, np.ones(6000)], axis=1))
    best = ZeroInflatedNegativeBinomial().fit_without_z(x)
    assert best["zero_logit"][0] == pytest.approx(np.log(0.4 / 0.6), abs=0.15)
    np.testing.assert_allclose(best["log_mean"], np.log(8.0), atol=0.1)
    assert best["zero_logit"][1] < -3
    # then it is as good as the negative binomial
    plain = NegativeBinomial()
    few = {name: np.stack([part] * 5) for name, part in best.items()}
    likelihood = ZeroInflatedNegativeBinomial()
    likelihood.fit_without_z(x)
    own = likelihood.log_prob_of_entries(x[:5], few)[:, 1]
    expected = plain.log_prob_of_entries(x[:5], np.stack([plain.fit_without_z(x)] * 5))[:, 1]
    np.testing.assert_allclose(own, expected, atol=0.03)
