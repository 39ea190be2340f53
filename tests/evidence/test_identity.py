import numpy as np
import tensorflow_probability as tfp
from extensions import full_covariance

from keras_vae import VAE
from keras_vae.distributions import inverse_soft_bound
from keras_vae.evidence import evidence_identity, exact, importance_weighted_bound
from keras_vae.evidence import identity as identity_module
from keras_vae.evidence.identity import identity_by_sampling


def test_up_to_three_latents_each_term_has_its_own_closed_form(linear):
    model = linear([2.0, 1.0])
    x = model.draw(20)
    evidence, gap = model.exact.log_evidence(x), model.exact.diagonal_gap()
    identity = evidence_identity(model.vae, x)
    np.testing.assert_allclose(identity.log_evidence, evidence, atol=1e-3)
    np.testing.assert_allclose(identity.elbo, evidence - gap, atol=1e-3)
    np.testing.assert_allclose(identity.posterior_kl, gap, atol=1e-3)
    assert identity.is_exact
    assert identity.method == "exact, by quadrature"
    assert 0 < identity.residual.max() < 1e-3


def with_full_covariance(model):
    """A linear model with q(z|x) = p(z|x), which is normal with correlations."""
    exact, (kernel, bias, *_) = model.exact, model.vae.encoder.get_weights()
    dimensions, latents = exact.weights.shape
    lower = np.linalg.cholesky(np.linalg.inv(exact.posterior_precision))
    log_diagonal = inverse_soft_bound(np.log(np.diag(lower)), *full_covariance.LOG_DIAGONAL_RANGE)
    lower[np.diag_indices(latents)] = log_diagonal
    entries = tfp.math.fill_triangular_inverse(lower.astype("float32")).numpy()
    encoder = full_covariance.encoder(dimensions, latents, hidden=0)
    encoder.set_weights([kernel, bias, np.zeros((dimensions, len(entries))), entries])
    parts = model.vae.decoder, model.vae.likelihood
    return VAE(encoder, *parts, posterior=full_covariance.FullNormal(), seed=0)


def test_a_posterior_of_full_covariance_closes_the_gap_that_a_diagonal_one_has(linear):
    model = linear([2.0, 1.0])
    x = model.draw(20)
    assert model.exact.diagonal_gap() > 0.1
    vae = with_full_covariance(model)
    identity = evidence_identity(vae, x)
    assert identity.is_exact
    np.testing.assert_allclose(identity.log_evidence, model.exact.log_evidence(x), atol=1e-3)
    np.testing.assert_allclose(identity.posterior_kl, 0, atol=0.01)
    np.testing.assert_allclose(identity.elbo, identity.log_evidence, atol=0.01)
    # every importance weight is p(x)
    bound = importance_weighted_bound(vae, x, [5], seed=3)
    np.testing.assert_allclose(bound.bounds[0], model.exact.log_evidence(x), atol=1e-3)


def test_a_kl_that_is_wrong_by_a_tenth_is_left_over(linear, monkeypatch):
    """The terms are not differences of each other: an error in one does not cancel."""
    model = linear([2.0, 1.0])
    right = identity_module.posterior_kl
    monkeypatch.setattr(identity_module, "posterior_kl", lambda *args: right(*args) + 0.1)
    identity = evidence_identity(model.vae, model.draw(3))
    np.testing.assert_allclose(identity.residual, 0.1, atol=1e-3)


def test_above_three_latents_the_bound_stands_for_the_evidence(linear):
    model = linear([1.0, 0.5, 1.0, 0.8])
    x = model.draw(300)
    identity = evidence_identity(model.vae, x, samples=500, seed=3)
    bound = importance_weighted_bound(model.vae, x, [500], seed=3)
    np.testing.assert_array_equal(identity.log_evidence, bound.bounds[0])
    np.testing.assert_array_equal(identity.error, bound.standard_error)
    off = identity.elbo - (model.exact.log_evidence(x) - model.exact.diagonal_gap())
    assert abs(off.mean()) < 4 * off.std() / np.sqrt(len(x))
    np.testing.assert_allclose(identity.posterior_kl, bound.bounds[0] - identity.elbo)
    assert identity.method == "L_500, a lower bound"
    assert not identity.is_exact
    by_sampling = identity_by_sampling(model.vae, x, bound, seed=3)
    np.testing.assert_array_equal(by_sampling.elbo, identity.elbo)


def test_quadrature_that_failed_for_some_is_not_called_exact(linear, monkeypatch):
    model = linear([40.0, 30.0])
    monkeypatch.setattr(exact, "FINEST_LEVEL", 0)
    identity = evidence_identity(model.vae, model.draw(20))
    failed = np.sum(identity.error > 0.01)
    assert failed > 0
    assert not identity.is_exact
    assert identity.method.startswith("quadrature, not exact: its rules differ by more than 0.01")
    assert identity.method.endswith(f"for {failed} of 20 examples")
