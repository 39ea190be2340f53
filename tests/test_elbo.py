import numpy as np
import pytest
import reference
import tensorflow_probability as tfp

from keras_vae import elbo
from keras_vae.distributions import Bernoulli, StandardNormal, normal_posterior

tfd = tfp.distributions


@pytest.fixture
def codes():
    rng = np.random.default_rng(1)
    z_mean = rng.normal(size=(5, 3)).astype("float32")
    z_log_var = rng.normal(scale=2, size=(5, 3)).astype("float32")
    return z_mean, z_log_var


def test_the_rate_is_the_closed_form_of_the_source_text(codes):
    z_mean, z_log_var = codes
    rate = elbo.rate(normal_posterior(z_mean, z_log_var), StandardNormal().distribution(3))
    m, log_var = z_mean.astype("float64"), z_log_var.astype("float64")
    # 1/2 (sigma + mu^2 - 1 - log sigma), where sigma stands for the VARIANCE
    expected = 0.5 * np.sum(np.exp(log_var) + m**2 - 1 - log_var, axis=-1)
    assert rate.shape == (5,)
    np.testing.assert_allclose(rate, expected, rtol=1e-5)


def test_the_rate_is_the_monte_carlo_mean_of_log_q_minus_log_p(codes):
    z_mean, z_log_var = codes
    posterior, prior = normal_posterior(z_mean, z_log_var), StandardNormal().distribution(3)
    z = posterior.sample(40_000, seed=(1, 2))
    draws = np.asarray(posterior.log_prob(z) - prior.log_prob(z), "float64")
    error = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    assert (np.abs(draws.mean(axis=0) - elbo.rate(posterior, prior)) < 4 * error).all()


def test_the_latent_rates_add_up_to_the_rate(codes):
    posterior, prior = normal_posterior(*codes), StandardNormal().distribution(3)
    rates = elbo.latent_rates(posterior, prior)
    assert rates.shape == (5, 3)
    np.testing.assert_allclose(np.sum(rates, -1), elbo.rate(posterior, prior), rtol=1e-5)


def test_the_distortion_is_minus_the_log_likelihood_summed_over_the_event():
    rng = np.random.default_rng(2)
    logits = rng.normal(size=(4, 3, 2)).astype("float32")
    x = rng.integers(0, 2, size=(4, 3, 2)).astype("float32")
    distortion = elbo.distortion(Bernoulli().distribution(logits), x)
    expected = -reference.bernoulli_log_prob(x, logits).sum(axis=(1, 2))
    np.testing.assert_allclose(distortion, expected, rtol=1e-5)


def test_the_elbo_is_minus_the_sum_of_distortion_and_rate():
    assert elbo.elbo(distortion=80.0, rate=20.0) == -100.0
