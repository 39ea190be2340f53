import numpy as np
import pytest

from keras_vae.data import binarize, load_data
from keras_vae.evidence import elbo_by_quadrature, exact_evidence, posterior_kl, posterior_terms


def gaussian_kl(exact, widen):
    """KL of N(m, diag(widen^2 / P_jj)) from N(m, P^-1): 1/2 (tr(P S) - d - log det(P S))."""
    precision = exact.posterior_precision
    covariance = np.diag(widen**2 / np.diag(precision))
    product = precision @ covariance
    return 0.5 * (np.trace(product) - len(precision) - np.linalg.slogdet(product)[1])


@pytest.mark.parametrize("widen", [1.0, 2.0, 0.5])
@pytest.mark.parametrize("strengths", [[2.0], [2.0, 1.0], [1.0, 2.0, 0.5]])
def test_both_terms_have_the_closed_form_of_the_linear_model(linear, strengths, widen):
    model = linear(strengths, widen=widen)
    x = model.draw(20)
    evidence, gap = model.exact.log_evidence(x), gaussian_kl(model.exact, widen)
    assert gaussian_kl(model.exact, 1.0) == pytest.approx(model.exact.diagonal_gap())
    np.testing.assert_allclose(posterior_kl(model.vae, x, evidence), gap, atol=1e-3)
    np.testing.assert_allclose(elbo_by_quadrature(model.vae, x), evidence - gap, atol=1e-3)


def test_the_elbo_is_what_draws_of_z_give_on_average(digits_run):
    dataset = load_data("digits")
    x = binarize(dataset.test.x, digits_run.config.binarize, "test")[:40]
    distortion, rate = posterior_terms(digits_run.vae, np.repeat(x, 400, axis=0), samples=1)
    elbos = -(distortion + rate).reshape(len(x), 400)
    error = elbos.std(axis=1, ddof=1) / np.sqrt(400)
    assert (np.abs(elbo_by_quadrature(digits_run.vae, x) - elbos.mean(axis=1)) < 4 * error).all()


def test_evidence_is_elbo_plus_the_kl_from_the_true_posterior_for_each_digit(digits_run):
    dataset = load_data("digits")
    x = binarize(dataset.test.x, digits_run.config.binarize, "test")[:40]
    result = exact_evidence(digits_run.vae, x)
    elbo = elbo_by_quadrature(digits_run.vae, x)
    gap = posterior_kl(digits_run.vae, x, result.log_normaliser)
    assert result.is_exact.all()
    assert gap.min() > 0
    assert gap.max() > 0.1
    np.testing.assert_allclose(result.log_evidence - elbo - gap, 0, atol=0.01)


def test_a_normaliser_that_is_off_shows_in_the_kl(linear):
    model = linear([2.0, 1.0])
    x = model.draw(5)
    right = model.exact.log_evidence(x)
    difference = posterior_kl(model.vae, x, right + 0.5) - posterior_kl(model.vae, x, right)
    np.testing.assert_allclose(difference, 0.5, atol=1e-6)


def test_four_latents_are_refused(linear):
    model = linear([1.0, 1.0, 1.0, 1.0])
    x = model.draw(2)
    with pytest.raises(ValueError, match="has 4 latents"):
        elbo_by_quadrature(model.vae, x)
    with pytest.raises(ValueError, match="has 4 latents"):
        posterior_kl(model.vae, x, np.zeros(2))
