import importlib

import keras
import numpy as np
import pytest
from extensions import full_covariance, laplace_prior
from made_families import SMALL, grid, moved
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from keras_vae import VAE
from keras_vae.distributions import POSTERIORS, PRIORS
from keras_vae.errors import DoesNotApply
from keras_vae.evidence import posterior_terms, sampled_surgery
from keras_vae.measures import elbo_surgery

module = importlib.import_module("keras_vae.evidence.sampled_surgery")
N = 6
X = np.eye(N, dtype="float32")


def coded(family, prior="standard", d=2, spread=1.0, log_scale=-1.0, n=N):
    """A VAE of n examples, the rows of I, each with a q(z|x) of its own: means `spread` apart,
    log variances about `log_scale`."""
    if isinstance(family, str):
        family = POSTERIORS[family](**SMALL[family])
    if isinstance(prior, str):
        prior = PRIORS[prior](**SMALL[prior])
    inputs, z = keras.Input((n,)), keras.Input((d,))
    sizes = family.heads(d).values()
    heads = [keras.layers.Dense(size, use_bias=False)(inputs) for size in sizes]
    encoder = keras.Model(inputs, heads)
    rng = np.random.default_rng(d)
    kernels = [rng.normal(size=(n, size)) for size in sizes]
    kernels[0], kernels[1] = spread * kernels[0], log_scale + 0.3 * kernels[1]
    encoder.set_weights(kernels)
    vae = VAE(encoder, keras.Model(z, keras.layers.Dense(n)(z)), prior=prior, posterior=family)
    moved(vae.prior, 0.05)
    return vae


def by_quadrature(vae, d):
    """(mutual information, marginal KL) on a grid in float64, q(z|x) from its parameters."""
    nodes, volume = grid(d)
    z_mean, scale = (np.asarray(part, "float64") for part in vae.posterior_parameters(X))
    if scale.ndim == 2:
        covariances = np.exp(scale)[:, :, None] * np.eye(d)
    else:
        covariances = scale @ np.swapaxes(scale, 1, 2)
    log_q = np.stack(
        [
            np.reshape(multivariate_normal(mean, covariance).logpdf(nodes), -1)
            for mean, covariance in zip(z_mean, covariances, strict=True)
        ]
    )
    log_p = np.asarray(vae.prior.distribution(d).log_prob(nodes), "float64")
    log_aggregated = logsumexp(log_q, axis=0) - np.log(N)
    information = np.sum(np.exp(log_q) * (log_q - log_aggregated)) * volume / N
    return information, np.sum(np.exp(log_aggregated) * (log_aggregated - log_p)) * volume


CASES = [
    ("diagonal", "standard", 1),
    ("diagonal", "mixture", 1),
    ("diagonal", "flow", 2),
    ("diagonal", "vamp", 2),
    ("full", "standard", 2),
    ("full", "mixture", 2),
    ("full", "vamp", 2),
]


@pytest.mark.parametrize(("family", "prior", "d"), CASES)
def test_both_parts_are_those_of_quadrature(family, prior, d):
    vae = coded(family, prior, d)
    information, marginal = by_quadrature(vae, d)
    found = sampled_surgery(vae, X, samples=6000)
    for value, error, expected in (
        (found.mutual_information, found.mutual_information_standard_error, information),
        (found.marginal_kl, found.marginal_kl_standard_error, marginal),
        (found.rate, found.rate_standard_error + 1e-6, information + marginal),
    ):
        assert value == pytest.approx(expected, abs=4 * error + 1e-4)
        assert error < 0.05 * max(1, expected)
    assert found.rate == pytest.approx(found.mutual_information + found.marginal_kl)
    assert vae.has_exact_rate == (prior == "standard") == (found.rate_standard_error == 0)
    assert (found.examples, found.samples, found.ceiling) == (N, 6000, np.log(N))
    assert not found.is_saturated


@pytest.mark.slow
@pytest.mark.parametrize("prior", ["standard", "mixture"])
def test_standard_errors_are_those_of_repeated_draws(prior):
    """One draw an example: the draws are independent, but that each example comes once."""
    vae = coded("diagonal", prior, 1)
    expected = np.array(by_quadrature(vae, 1))
    runs = [sampled_surgery(vae, X, samples=60, seed=seed) for seed in range(100)]
    values = np.array([(run.mutual_information, run.marginal_kl) for run in runs])
    errors = np.array(
        [(run.mutual_information_standard_error, run.marginal_kl_standard_error) for run in runs]
    )
    z_scores = (values - expected) / errors
    assert np.all(np.abs(z_scores.mean(axis=0)) < 0.4)
    assert np.all(np.sqrt(np.mean(z_scores**2, axis=0)) < 1.25)
    assert np.all(np.sqrt(np.mean(z_scores**2, axis=0)) > 0.4)


def test_of_a_diagonal_normal_and_a_standard_prior_it_is_elbo_surgery():
    vae = coded("diagonal", d=3, n=40)
    x = np.eye(40, dtype="float32")
    found, exact = sampled_surgery(vae, x, seed=1), elbo_surgery(*vae.encode(x), seed=2)
    assert found.rate == pytest.approx(exact.rate, rel=1e-5)
    assert found.rate_standard_error == 0
    for name in ("mutual_information", "marginal_kl"):
        errors = [getattr(each, f"{name}_standard_error") for each in (found, exact)]
        assert errors[0] == pytest.approx(errors[1], rel=0.2)
        off = getattr(found, name) - getattr(exact, name)
        assert abs(off) < 4 * np.hypot(*errors)
    for name in ("aggregated_mean", "aggregated_variance"):
        np.testing.assert_allclose(getattr(found, name), getattr(exact, name), rtol=1e-5)
    np.testing.assert_array_equal(found.prior_mean, np.zeros(3))
    np.testing.assert_array_equal(found.prior_variance, np.ones(3))
    # the same draws: all but the rounding of float32
    same = elbo_surgery(*vae.encode(x), seed=1)
    assert found.mutual_information == pytest.approx(same.mutual_information, abs=1e-3)


@pytest.mark.parametrize("prior", ["mixture", "standard"])
def test_where_no_q_overlaps_the_information_is_at_its_ceiling(prior):
    found = sampled_surgery(coded("full", prior, spread=40.0, log_scale=-4.0), X, samples=600)
    assert found.mutual_information == pytest.approx(np.log(N), abs=1e-4)
    assert found.mutual_information_standard_error < 1e-4
    assert found.is_saturated


def test_where_all_q_are_the_same_the_rate_is_all_marginal():
    vae = coded("full", "mixture")
    found = sampled_surgery(vae, np.repeat(X[:1], 5, axis=0), samples=100)
    assert found.mutual_information == pytest.approx(0, abs=1e-5)
    assert found.marginal_kl == pytest.approx(found.rate)
    assert found.marginal_kl_standard_error == pytest.approx(found.rate_standard_error, rel=1e-4)


def test_the_moments_are_those_of_the_aggregated_posterior_and_of_the_prior():
    vae = coded("full", "mixture")
    z_mean, lower = (np.asarray(part, "float64") for part in vae.posterior_parameters(X))
    z = z_mean + np.einsum(
        "nij,snj->sni", lower, np.random.default_rng(0).normal(size=(100_000, N, 2))
    )
    found = sampled_surgery(vae, X, samples=20)
    np.testing.assert_allclose(found.aggregated_mean, z.mean((0, 1)), atol=0.01)
    np.testing.assert_allclose(found.aggregated_variance, z.var((0, 1)), rtol=0.02)
    drawn = np.asarray(vae.prior.distribution(2).sample(200_000, seed=1))
    np.testing.assert_allclose(found.prior_mean, drawn.mean(0), atol=0.02)
    np.testing.assert_allclose(found.prior_variance, drawn.var(0), rtol=0.02)


def test_batches_and_chunks_change_nothing(monkeypatch):
    vae = coded("full", "flow")
    whole = sampled_surgery(vae, X, samples=50)
    monkeypatch.setattr(module, "BATCH_SIZE", 4)
    monkeypatch.setattr(module, "PAIRS", 7 * 4 * 6)
    parts = sampled_surgery(vae, X, samples=50)
    for name, value in vars(whole).items():
        np.testing.assert_allclose(value, getattr(parts, name), rtol=1e-4, atol=1e-5)
    other = sampled_surgery(vae, X, samples=50, seed=1)
    assert other.mutual_information != parts.mutual_information


def test_parts_of_ones_own_need_no_more_than_log_prob():
    x = np.random.default_rng(0).normal(size=(30, 4)).astype("float32")
    for extension in (laplace_prior, full_covariance):
        vae = extension.make(x)
        found = sampled_surgery(vae, x, samples=2000)
        rate, error = found.rate, found.rate_standard_error
        assert rate == pytest.approx(found.mutual_information + found.marginal_kl)
        assert (error == 0) == vae.has_exact_rate
        _, drawn = posterior_terms(vae, x, samples=400)  # of each example six times as many
        assert abs(rate - drawn.mean()) < 5 * error + 1e-4


def test_a_flow_does_not_apply_and_arguments_that_cannot_work_are_refused():
    with pytest.raises(DoesNotApply, match=r"InverseAutoregressiveFlow .* a pass for each latent"):
        sampled_surgery(coded("iaf"), X)
    vae = coded("diagonal", "mixture")
    with pytest.raises(ValueError, match=r"1 examples .* at least 2"):
        sampled_surgery(vae, X[:1])
    with pytest.raises(ValueError, match="samples=2: expected"):
        sampled_surgery(vae, X, samples=2)
    vae.encoder.set_weights([np.full(w.shape, np.nan) for w in vae.encoder.get_weights()])
    with pytest.raises(ValueError, match="NaN or infinite for 20 of 20 draws"):
        sampled_surgery(vae, X, samples=20)
