"""The terms of models whose ELBO is known in closed form."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import (
    EXACT,
    SIGMA,
    WEIGHTS,
    assert_mean,
    binary_subject,
    kl,
    linear_subject,
    squares_subject,
)
from reference import kl_from_standard_normal, normal_log_density

from keras_vae.diagnosis.measurements import Measurements
from keras_vae.errors import DoesNotApply


def test_the_elbo_of_the_exact_posterior_is_log_p_of_x(linear):
    for terms in (linear.train_terms, linear.test_terms):
        assert_mean(terms.elbo - EXACT.log_evidence(terms.x), 0.0)


def test_the_rate_is_the_closed_form_of_each_example(linear):
    terms = linear.test_terms
    encoded = linear.subject.encode(terms.x)
    np.testing.assert_allclose(terms.rate, kl_from_standard_normal(*encoded), rtol=1e-5)
    # 1/2 log P_jj, on average over the data
    for rates, exact in zip(terms.latent_rates.T, EXACT.latent_rates(), strict=True):
        assert_mean(rates, exact)


def test_the_distortion_is_that_of_one_draw_of_the_posterior(linear):
    terms = linear.train_terms
    expected = -normal_log_density(terms.x, terms.z * WEIGHTS, 2 * np.log(SIGMA)).sum(axis=1)
    np.testing.assert_allclose(terms.distortion, expected, rtol=1e-5)
    noise = (terms.z - terms.z_mean) / np.exp(terms.z_log_var / 2)
    assert_mean(noise.ravel(), 0.0)
    assert_mean(noise.ravel() ** 2, 1.0)
    # E_q[-log p(x|z)] = n/2 log(2 pi sigma^2) + (|x - W m|^2 + sum_j w_j^2 var_j) / 2 sigma^2
    squares = np.sum((terms.x - terms.z_mean * WEIGHTS) ** 2, axis=1)
    spread = np.sum(np.square(WEIGHTS) * np.exp(terms.z_log_var), axis=1)
    exact = 1.5 * np.log(2 * np.pi * SIGMA**2) + (squares + spread) / (2 * SIGMA**2)
    assert_mean(terms.distortion - exact, 0.0)


def test_the_baseline_is_a_normal_distribution_fitted_to_the_data(linear):
    x = np.asarray(linear.train, "float64")
    # sigma is fitted anew: 0.5 is what is left when z is known
    log_var = np.log(np.mean((x - x.mean(axis=0)) ** 2))
    expected = normal_log_density(x, x.mean(axis=0), log_var).sum(axis=1).mean()
    assert linear.baseline == pytest.approx(expected, rel=1e-5)
    assert linear.worth == pytest.approx(linear.train_terms.elbo.mean() - expected, rel=1e-5)


def test_the_baseline_of_binary_data_is_that_of_their_frequencies():
    m = Measurements(binary_subject(causes=1, entries=4, count=400, weight=0.5))
    p = m.train.mean(axis=0, dtype="float64")
    entropy = -np.sum(p * np.log(p) + (1 - p) * np.log(1 - p))
    assert m.baseline == pytest.approx(-entropy, abs=1e-4)


def test_a_model_that_gained_nothing_is_worth_one_nat():
    m = Measurements(linear_subject(decode=lambda z: 0 * z))
    assert m.train_terms.elbo.mean() < m.baseline
    assert m.worth == 1.0


def test_the_gaussian_without_sigma_gets_the_one_that_fits_its_errors():
    m = Measurements(squares_subject())
    # x - W z = sigma e, for z ~ p(z|x)
    squares = (m.train - m.train_terms.z * WEIGHTS) ** 2
    assert m.likelihood.sigma == pytest.approx(np.sqrt(squares.mean()), rel=1e-5)
    assert_mean(squares.ravel(), SIGMA**2)
    assert m.variance_ratio[0] == pytest.approx(1.0, rel=1e-5)


def test_log_prob_stands_in_for_the_decoder():
    def log_prob(x, z):
        return -np.sum(np.abs(x - z), axis=1)

    m = Measurements(linear_subject(log_prob=log_prob))
    terms = m.test_terms
    np.testing.assert_allclose(terms.distortion, np.abs(terms.x - terms.z).sum(axis=1), rtol=1e-5)
    z = np.zeros((1, 2, 3))
    log_prior = -1.5 * np.log(2 * np.pi)
    np.testing.assert_allclose(
        m._log_joint(terms.x[:2])(z)[0], log_prior - np.abs(terms.x[:2]).sum(axis=1), rtol=1e-5
    )


def test_a_model_that_has_diverged_is_measured_without_a_warning():
    def encode(x):
        z_mean = np.full((len(x), 3), np.nan, "float32")
        return z_mean, z_mean

    m = Measurements(linear_subject(encode=encode, count=50))
    assert np.isnan(m.train_terms.elbo).all()


def test_a_log_variance_that_overflows_is_measured_without_a_warning():
    m = Measurements(linear_subject(encode=lambda x: (x, 0 * x + 1e4), count=50))
    assert not np.isfinite(m.train_terms.elbo).any()


def test_without_test_examples_the_training_examples_are_looked_at():
    m = Measurements(linear_subject(count=100, test=None))
    assert m.test is None
    assert m.test_terms is None
    assert m.held_out is m.train_terms
    np.testing.assert_array_equal(m.inference.elbo, m.train_inference.elbo)
    assert m.figures["split"] == "train"
    assert "test" not in m.protocol


def test_no_more_examples_are_looked_at_than_were_asked_for():
    m = Measurements(linear_subject(count=100), examples=40, seed=3)
    assert m.train.shape == m.test.shape == (40, 3)
    assert len(m.held_out.z) == 40
    known = {row.tobytes(): place for place, row in enumerate(m.subject.train)}
    places = [known[row.tobytes()] for row in m.train]
    # in their order, none of them twice, and not always the same
    assert np.all(np.diff(places) > 0)
    other = Measurements(m.subject, examples=40, seed=4)
    assert not np.array_equal(m.train, other.train)
    assert "40 training examples, 40 test examples" in m.protocol
    assert "seed 3" in m.protocol


def test_a_draw_by_the_models_own_code_replaces_the_closed_form_and_what_needs_it_says_so():
    whole = linear_subject(count=600)

    def draw(x, seed):
        z_mean, z_log_var = whole.encode(x)
        noise = np.random.default_rng((8, seed)).standard_normal(z_mean.shape)
        return z_mean + np.exp(z_log_var / 2) * noise, kl(z_mean, z_log_var) + 0.25

    m = Measurements(dataclasses.replace(whole, draw=draw))
    terms = m.train_terms
    np.testing.assert_allclose(terms.rate, kl(terms.z_mean, terms.z_log_var) + 0.25, rtol=1e-6)
    # of the exact posterior the ELBO is log p(x), here less what the rate was made too large by
    assert_mean(terms.elbo - EXACT.log_evidence(terms.x), -0.25)
    for name in (
        *("implied_beta", "collapse_threshold", "inference"),
        *("noise", "training_mode_terms", "reported"),
    ):
        with pytest.raises(DoesNotApply, match="does not apply"):
            getattr(m, name)
    with pytest.raises(DoesNotApply):
        _ = terms.latent_rates
    assert m.figures["implied_beta"] is None
    assert m.figures["rate"] == pytest.approx(m.held_out.rate.mean())
