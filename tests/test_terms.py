import numpy as np
import pytest
import reference
import tensorflow as tf
import tensorflow_probability as tfp

from keras_vae import terms
from keras_vae.distributions import StandardNormal, normal_posterior
from keras_vae.errors import DoesNotApply

tfd = tfp.distributions


@pytest.fixture
def codes():
    rng = np.random.default_rng(1)
    z_mean = rng.normal(size=(5, 3)).astype("float32")
    z_log_var = rng.normal(scale=2, size=(5, 3)).astype("float32")
    return z_mean, z_log_var


def test_the_rate_is_the_closed_form_of_the_source_text(codes):
    z_mean, z_log_var = codes
    rate = terms.rate(normal_posterior(z_mean, z_log_var), StandardNormal().distribution(3))
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
    assert (np.abs(draws.mean(axis=0) - terms.rate(posterior, prior)) < 4 * error).all()


def test_the_latent_rates_add_up_to_the_rate(codes):
    posterior, prior = normal_posterior(*codes), StandardNormal().distribution(3)
    rates = terms.latent_rates(posterior, prior)
    assert rates.shape == (5, 3)
    np.testing.assert_allclose(np.sum(rates, -1), terms.rate(posterior, prior), rtol=1e-5)


def test_the_elbo_is_minus_the_sum_of_distortion_and_rate():
    assert terms.elbo(distortion=80.0, rate=20.0) == -100.0


# ---- a KL that is not known --------------------------------------------------------------


LAPLACE = tfd.Independent(tfd.Laplace(np.zeros(3, "float32"), np.ones(3, "float32")), 1)


def test_a_rate_without_closed_form_is_the_mean_of_log_q_minus_log_p(codes):
    posterior = normal_posterior(*codes)
    assert terms.has_exact_rate(posterior, StandardNormal().distribution(3))
    assert not terms.has_exact_rate(posterior, LAPLACE)
    z = posterior.sample(7, seed=(3, 4))
    m, log_var = codes
    expected = reference.normal_log_density(z, m, log_var) + np.abs(z) + np.log(2)
    expected = expected.sum(axis=-1).mean(axis=0)
    np.testing.assert_allclose(terms.rate(posterior, LAPLACE, z), expected, rtol=1e-4)
    with pytest.raises(NotImplementedError):
        terms.rate(posterior, LAPLACE)


def test_an_exact_rate_heeds_no_draws(codes):
    posterior, prior = normal_posterior(*codes), StandardNormal().distribution(3)
    z = posterior.sample(2, seed=(3, 4))
    np.testing.assert_array_equal(terms.rate(posterior, prior, z), terms.rate(posterior, prior))


def test_a_rate_of_each_latent_needs_independent_latents(codes):
    posterior = normal_posterior(*codes)
    full = tfd.MultivariateNormalTriL(codes[0], np.eye(3, dtype="float32"))
    for q, p in ((full, StandardNormal().distribution(3)), (posterior, full), (posterior, LAPLACE)):
        with pytest.raises(DoesNotApply, match="does not apply"):
            terms.latent_rates(q, p)


def test_the_terms_of_several_draws_are_their_means_and_weights(codes):
    posterior, prior = normal_posterior(*codes), StandardNormal().distribution(3)
    z = posterior.sample(4, seed=(5, 6))
    log_likelihood = np.random.default_rng(0).normal(size=(4, 5)).astype("float32")
    rate = terms.rate(posterior, prior)
    log_posterior = posterior.log_prob(z)
    found = terms.Terms(tf.constant(log_likelihood), rate, z, log_posterior, posterior, prior)
    np.testing.assert_allclose(found.distortion, -log_likelihood.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(found.elbo, log_likelihood.mean(axis=0) - rate, rtol=1e-5)
    log_p = reference.normal_log_density(z, 0, 0).sum(axis=-1)
    log_q = reference.normal_log_density(z, *codes).sum(axis=-1)
    np.testing.assert_allclose(
        found.log_weights, log_likelihood + log_p - log_q, rtol=1e-3, atol=1e-4
    )
