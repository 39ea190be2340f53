import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from extensions import full_covariance
from made_families import SMALL, moved, posterior_of
from scipy import optimize

from keras_vae import VAE, KerasVAEError
from keras_vae.data import binarize, load_data
from keras_vae.distributions import POSTERIORS, PRIORS, MixturePrior, inverse_soft_bound
from keras_vae.errors import DoesNotApply, OptimizationDiverged
from keras_vae.evidence import elbo_by_quadrature, exact_evidence, gaps
from keras_vae.evidence.gaps import inference_gaps
from keras_vae.evidence.local_posterior import search_function
from keras_vae.traced import traced

TWO, SIX = [2.0, 1.0], [3.0, 2.0, 2.0, 1.0, 1.0, 0.5]


def posterior_kl(exact, x, z_mean, z_log_var):
    """KL of N(z_mean, S), S = diag(exp(z_log_var)), from p(z|x) = N(m, P^-1) of a linear model:

    1/2 (tr(P S) + (z_mean - m)^T P (z_mean - m) - d - log det(P S))
    """
    precision = exact.posterior_precision
    off, z_log_var = z_mean - exact.posterior_mean(x), z_log_var.astype("float64")
    trace = np.sum(np.diag(precision) * np.exp(z_log_var), axis=1)
    distance = np.sum(off @ precision * off, axis=1)
    log_det = np.linalg.slogdet(precision)[1] + np.sum(z_log_var, axis=1)
    return 0.5 * (trace + distance - len(precision) - log_det)


def arrays(result):
    return {name: value for name, value in vars(result).items() if name != "family"}


def with_parts(model, posterior="diagonal", prior="standard", shift=0.0, **options):
    """A linear model with another family of q(z|x), or prior. q(z|x) has the means of the true
    posterior, `shift` of its standard deviations off, and the variances of the best diagonal q;
    of full and iaf it begins without correlations."""
    kernel, bias, *_, log_var = model.vae.encoder.get_weights()
    family = POSTERIORS[posterior](**options)
    d = kernel.shape[1]
    inputs = keras.Input(kernel.shape[:1])
    heads = [keras.layers.Dense(size)(inputs) for size in family.heads(d).values()]
    encoder = keras.Model(inputs, heads)
    std = 1 / np.sqrt(np.diag(model.exact.posterior_precision))
    weights = [kernel, bias + shift * std, np.zeros_like(kernel), log_var]
    rest = [np.zeros(weight.shape) for weight in encoder.get_weights()[4:]]
    encoder.set_weights(weights + rest)
    likelihood = model.vae.likelihood
    return VAE(encoder, model.vae.decoder, likelihood, prior, posterior=family, seed=0)


def standard_mixture(d):
    """N(0, I) as a mixture of one component, whose KL is not known."""
    prior = MixturePrior(1)
    prior.build((None, d))
    bias = inverse_soft_bound(0.0, -7.0, 3.0)
    for weight, value in ((prior.means, 0.0), (prior.log_scales, bias)):
        weight.assign(np.full(weight.shape, value))
    return prior


def digits(run, count):
    return binarize(load_data("digits").test.x, run.config.binarize, "test")[:count]


@pytest.mark.parametrize(
    ("strengths", "widen", "shift"),
    [
        ([2.0], 1.0, 0.0),
        ([2.0], 2.0, 1.0),
        (TWO, 1.0, 0.0),
        (TWO, 0.5, 0.0),
        (SIX, 1.0, 0.0),
        (SIX, 2.0, 0.0),
        (SIX, 1.0, -1.5),
        (SIX, 0.5, 10.0),
        ([300.0, 10.0], 2.0, 0.5),
    ],
)
def test_both_gaps_have_the_closed_form_of_the_linear_model(linear, strengths, widen, shift):
    model = linear(strengths, widen).shift_means(shift)
    x = model.draw(80)
    evidence, best_gap = model.exact.log_evidence(x), model.exact.diagonal_gap()
    result = inference_gaps(model.vae, x, evidence)
    # The optimum is found, to a thousandth of a nat for each latent.
    left = posterior_kl(model.exact, x, result.z_mean, result.z_log_var) - best_gap
    assert left.min() > -1e-3
    assert left.mean() < 1e-3 * len(strengths)
    # The gaps are those of the q and the q* that were compared, within their standard errors.
    gap = posterior_kl(model.exact, x, *model.vae.encode(x))
    amortization_off = result.amortization_gap - (gap - best_gap - left)
    approximation_off = result.approximation_gap - (best_gap + left)
    for off, error in (
        (amortization_off, result.amortization_standard_error),
        (approximation_off, result.approximation_standard_error),
    ):
        z_scores = off / error
        assert np.abs(z_scores.mean()) < 4 / np.sqrt(len(x))
        assert 0.75 < np.sqrt(np.mean(z_scores**2)) < 1.25
    assert result.doubts == []
    np.testing.assert_allclose(result.inference_gap, evidence - result.elbo, atol=1e-9)
    np.testing.assert_allclose(
        result.amortization_gap, result.optimized_elbo - result.elbo, atol=1e-9
    )
    assert {value.dtype for value in arrays(result).values()} == {np.dtype(t) for t in "fd"}
    assert result.family == "DiagonalNormal"


@pytest.mark.slow
@pytest.mark.parametrize(("strengths", "shift"), [(TWO, 0.0), (SIX, 2.0), ([300.0, 10.0], 0.5)])
@pytest.mark.parametrize("prior", ["standard", "mixture"])
def test_a_normal_of_any_covariance_leaves_no_approximation_gap(linear, strengths, shift, prior):
    """p(z|x) of a linear model is such a normal; the diagonal one that q starts from misses it by
    1/2 (sum_j log P_jj - log det P), P its precision."""
    model, d = linear(strengths), len(strengths)
    x = model.draw(60)
    evidence, precision = model.exact.log_evidence(x), model.exact.posterior_precision
    of_start = (
        model.exact.diagonal_gap()
        + np.diag(precision) ** -0.5 @ precision @ (np.diag(precision) ** -0.5) * shift**2 / 2
    )
    vae = with_parts(model, "full", standard_mixture(d) if prior == "mixture" else prior, shift)
    assert vae.has_exact_rate == (prior == "standard")
    result = inference_gaps(vae, x, evidence)
    assert result.family == "FullNormal"
    error = result.approximation_standard_error
    assert result.approximation_gap.mean() == pytest.approx(
        0, abs=4 * np.sqrt(np.sum(error**2)) / 60 + 2e-3 * d
    )
    amortization_error = result.amortization_standard_error
    assert result.amortization_gap.mean() == pytest.approx(
        of_start, abs=4 * np.sqrt(np.sum(amortization_error**2)) / 60 + 2e-3 * d
    )
    # The parameters themselves, in closed form: KL(N(m, L L^T) || p(z|x)) of each x.
    z_mean, lower = search_function(vae, x, 500, 16, 0.1)(
        x, vae.posterior_parameters(x), np.array([0, 1], "int32")
    )
    lower, off = np.asarray(lower, "float64"), z_mean - model.exact.posterior_mean(x)
    left = np.einsum("nij,ik,nkj->n", lower, precision, lower) - d
    left += np.sum(off @ precision * off, axis=1) - np.linalg.slogdet(precision)[1]
    left = left / 2 - np.sum(np.log(np.diagonal(lower, axis1=1, axis2=2)), axis=1)
    assert left.min() > -1e-3
    assert left.mean() < 2e-3 * d


def test_a_rate_that_is_not_known_is_estimated_from_the_same_draws(linear):
    """Of a mixture of one component N(0, I) all is as of N(0, I), within errors."""
    model = linear(SIX, widen=2.0)
    x = model.draw(60)
    evidence = model.exact.log_evidence(x)
    vaes = [
        VAE(model.vae.encoder, model.vae.decoder, model.vae.likelihood, prior, seed=0)
        for prior in ("standard", standard_mixture(6))
    ]
    assert [vae.has_exact_rate for vae in vaes] == [True, False]
    exact, drawn = (inference_gaps(vae, x, evidence) for vae in vaes)
    for name in ("approximation", "amortization"):
        of_exact, of_drawn = (getattr(result, f"{name}_gap") for result in (exact, drawn))
        errors = [getattr(result, f"{name}_standard_error") for result in (exact, drawn)]
        z_scores = (of_drawn - of_exact) / np.hypot(*errors)
        assert np.abs(z_scores).max() < 5
        assert np.abs(z_scores.mean()) < 4 / np.sqrt(60)
        assert np.std(z_scores) > 0.05
    best = model.exact.diagonal_gap()
    assert drawn.approximation_gap.mean() == pytest.approx(
        best, abs=4 * np.sqrt(np.sum(drawn.approximation_standard_error**2)) / 60 + 1e-2
    )


def test_where_q_is_the_true_posterior_draws_of_the_rate_cancel_those_of_the_distortion(linear):
    model = linear(TWO)
    x = model.draw(20)
    vae = with_parts(model, "full", standard_mixture(2))
    result = inference_gaps(vae, x, model.exact.log_evidence(x))
    # log p(x, z) - log q(z|x) = log p(x) at every z
    assert result.approximation_standard_error.mean() < 0.01
    np.testing.assert_allclose(result.approximation_gap, 0, atol=0.02)


def test_a_flow_that_only_scales_has_the_gap_of_a_diagonal_normal(linear):
    model = linear(TWO)
    x = model.draw(60)
    options = {"steps": 2, "units": 4, "context": 3}
    vae = with_parts(model, "iaf", shift=1.0, **options)
    for network in vae.posterior_family.networks:  # m = 0, sigma the same for all
        network.kernel_out.assign(np.zeros(network.kernel_out.shape))
    result = inference_gaps(vae, x, model.exact.log_evidence(x))
    assert result.family == "InverseAutoregressiveFlow"
    error = np.sqrt(np.sum(result.approximation_standard_error**2)) / 60
    assert result.approximation_gap.mean() == pytest.approx(
        model.exact.diagonal_gap(), abs=4 * error + 5e-3
    )
    assert (result.amortization_gap > 3 * result.amortization_standard_error).all()


def test_a_flow_that_bends_comes_closer_to_a_slanted_posterior(linear):
    model = linear(TWO)
    x = model.draw(40)
    vae = with_parts(model, "iaf", steps=2, units=8, context=3)
    moved(vae.posterior_family, 0.3)
    result = inference_gaps(vae, x, model.exact.log_evidence(x))
    assert result.doubts == []
    assert (result.approximation_gap > -4 * result.approximation_standard_error - 1e-3).all()
    assert (result.amortization_gap > 2 * result.amortization_standard_error).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("posterior", "prior"),
    [
        ("diagonal", "vamp"),
        ("full", "flow"),
        ("full", "vamp"),
        ("iaf", "standard"),
        ("iaf", "mixture"),
    ],
)
def test_the_elbo_of_the_encoder_is_that_of_quadrature(posterior, prior):
    vae, x = small(posterior, prior)
    found = inference_gaps(vae, x, exact_evidence(vae, x).log_evidence, steps=60)
    # of each ELBO: paired draws without the common part would have about this error
    error = np.hypot(found.approximation_standard_error, found.amortization_standard_error)
    assert (np.abs(found.elbo - elbo_by_quadrature(vae, x)) < 5 * error + 0.02).all()
    assert found.amortization_gap.mean() > 0
    assert found.doubts == []


def small(posterior, prior):
    """(a VAE of two latents with such parts, its weights moved at random; 20 examples)."""
    family, _ = posterior_of(posterior, 2)
    keras.utils.set_random_seed(0)
    inputs, z = keras.Input((3,)), keras.Input((2,))
    heads = [keras.layers.Dense(size)(inputs) for size in family.heads(2).values()]
    encoder = keras.Model(inputs, heads)
    encoder.set_weights([0.3 * weight for weight in encoder.get_weights()])
    decoder = keras.Model(z, keras.layers.Dense(3)(keras.layers.Dense(8, "tanh")(z)))
    of_prior = PRIORS[prior](**SMALL[prior])
    vae = VAE(encoder, decoder, "gaussian", of_prior, posterior=family, seed=0)
    moved(of_prior, 0.05)
    return vae, np.random.default_rng(3).normal(size=(20, 3)).astype("float32")


def test_a_family_of_ones_own_is_refused(linear):
    vae = full_covariance.make(np.zeros((2, 4), "float32"))
    with pytest.raises(DoesNotApply, match=r"families of keras_vae alone.*extensions"):
        inference_gaps(vae, np.zeros((2, 4), "float32"), np.zeros(2))


def test_the_noise_of_both_elbos_is_the_same_and_cancels(linear):
    model = linear(SIX)
    x = model.draw(50)
    result = inference_gaps(model.vae, x, model.exact.log_evidence(x))
    assert (result.amortization_standard_error < 0.2 * result.approximation_standard_error).all()
    assert np.abs(result.amortization_gap).max() < result.approximation_standard_error.min()


def test_the_noise_is_that_of_the_draws_that_were_asked_for(linear):
    model = linear([2.0])
    x = model.draw(50)
    result = inference_gaps(model.vae, x, model.exact.log_evidence(x), evaluation_samples=400)
    # log p(x|z) = constant - W^2 std^2 epsilon^2 / 2, std^2 = 1 / (1 + W^2), and 200 pairs
    expected = 4 / 5 / 2 * np.sqrt(2 / 200)
    assert np.mean(result.approximation_standard_error) == pytest.approx(expected, rel=0.05)


@pytest.mark.slow
def test_the_optimum_of_a_nonlinear_model_is_the_one_that_quadrature_finds(digits_run):
    vae, x = digits_run.vae, digits(digits_run, 40)
    evidence = exact_evidence(vae, x)
    result = inference_gaps(vae, x, evidence.log_evidence)
    error = result.approximation_standard_error
    assert (result.optimized_elbo <= evidence.log_evidence + 4 * error + evidence.error).all()
    off = result.elbo - elbo_by_quadrature(vae, x)
    assert (np.abs(off) < 4.5 * error + 0.01).all()
    assert np.mean(result.amortization_gap > 2 * result.amortization_standard_error) > 0.9
    assert result.doubts == []

    nodes, weights = np.polynomial.hermite_e.hermegauss(24)
    nodes = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
    weights = np.outer(weights, weights).ravel() / (2 * np.pi)

    @traced  # it is asked a thousand times
    def log_prob(x, z):
        return vae.likelihood.log_prob(x, vae.decoder(z))

    def negative_elbo(parameters, x):
        z_mean, z_log_var = parameters[:2], parameters[2:]
        z = (z_mean + np.exp(z_log_var / 2) * nodes).astype("float32")
        log_likelihood = log_prob(tf.constant(x), tf.constant(z)).numpy()
        rate = 0.5 * np.sum(np.exp(z_log_var) + z_mean**2 - 1 - z_log_var)
        return rate - weights @ log_likelihood.astype("float64")

    for i in np.argsort(result.amortization_gap)[[0, 20, 39]]:
        image = x[i : i + 1]
        start = np.concatenate([part[0] for part in vae.encode(image)])
        found = np.concatenate([result.z_mean[i], result.z_log_var[i]])
        best = optimize.minimize(negative_elbo, start, image, method="Nelder-Mead")
        assert negative_elbo(found, image) == pytest.approx(best.fun, abs=0.005)
        gap = negative_elbo(start, image) - best.fun
        error = result.amortization_standard_error[i]
        assert result.amortization_gap[i] == pytest.approx(gap, abs=4 * error + 0.005)


def test_a_search_that_loses_elbo_is_an_error_that_says_by_how_much(digits_run):
    x = digits(digits_run, 20)
    with pytest.raises(OptimizationDiverged, match="can only improve it") as caught:
        inference_gaps(digits_run.vae, x, np.zeros(20), steps=3, learning_rate=3.0)
    assert isinstance(caught.value, KerasVAEError)
    message = str(caught.value)
    assert "\n" not in message
    assert re.search(r"it lost ELBO for \d+ of 20 examples, most for example \d+: ", message)
    assert "try learning_rate=1, more steps than 3 or more samples than 16" in message
    with pytest.raises(OptimizationDiverged, match=r"for 20 of 20 .* example 0: nan nats"):
        inference_gaps(digits_run.vae, x, np.zeros(20), steps=3, learning_rate=1e30)


@pytest.mark.slow
def test_from_the_best_q_one_step_of_known_length_loses_what_it_must(linear):
    """Adam's first step has the length of the learning rate a, up or down, wherever there is noise:
    in z_log_var, where it costs (exp(+-a) - 1 -+ a) / 2 for each latent. In z_mean there is none,
    because z_mean +- std * epsilon balance each other."""
    model = linear(TWO)
    x = model.draw(20)
    evidence = model.exact.log_evidence(x)

    def one_step(learning_rate):
        options = {"steps": 1, "learning_rate": learning_rate, "evaluation_samples": 20_000}
        return inference_gaps(model.vae, x, evidence, **options)

    result = one_step(0.3)
    assert result.amortization_gap.mean() == pytest.approx(-(np.cosh(0.3) - 1), rel=0.1)
    with pytest.raises(OptimizationDiverged, match=r"over 20 examples it lost 0\.07"):
        one_step(0.38)
    with pytest.raises(OptimizationDiverged, match=r"most for example \d+: 0\.1"):
        one_step(0.5)


def test_a_loss_within_the_noise_is_none(linear):
    model = linear(SIX)
    x = model.draw(60)
    gap = inference_gaps(model.vae, x, model.exact.log_evidence(x)).amortization_gap
    assert -gaps.MEAN_TOLERANCE / 4 < gap.mean() < 0
    error = np.array([0.1, 0.1])
    advice = {"steps": 1, "samples": 2, "learning_rate": 0.1}
    gaps._check_improvement(np.array([-0.39, 0.5]), error, **advice)
    with pytest.raises(OptimizationDiverged, match=r"example 0: 0\.41 nats with a standard error"):
        gaps._check_improvement(np.array([-0.41, 0.5]), error, **advice)
    # Of four such examples the mean has half the standard error.
    gaps._check_improvement(np.full(4, -0.14), np.full(4, 0.1), **advice)
    with pytest.raises(
        OptimizationDiverged, match=r"it lost 0\.16 nats .* on average, .* error of 0\.05"
    ):
        gaps._check_improvement(np.full(4, -0.16), np.full(4, 0.1), **advice)


def test_an_evidence_below_the_optimized_elbo_is_doubted(linear):
    model = linear(TWO)
    x = model.draw(30)
    evidence = model.exact.log_evidence(x)
    evidence[[3, 7]] -= [1.5, 5.0]
    result = inference_gaps(model.vae, x, evidence)
    (doubt,) = result.doubts
    below = -result.approximation_gap[7]
    assert below == pytest.approx(5 - model.exact.diagonal_gap(), abs=0.3)
    assert f"for 2 of 30 examples (example 7 by {below:.2f} nats): it is too low" in doubt


def test_the_figures_depend_on_the_seed_alone_and_the_model_stays_as_it_is(digits_run):
    vae, x = digits_run.vae, digits(digits_run, 10)
    before = [*vae.get_weights(), vae.sampling.seed_generator.state.numpy()]
    options = {"steps": 20, "samples": 4, "evaluation_samples": 50}
    first, again, other = (
        inference_gaps(vae, x, np.zeros(10), seed=seed, **options) for seed in (0, 0, 1)
    )
    for name, value in arrays(first).items():
        np.testing.assert_array_equal(value, getattr(again, name))
        assert not np.isin(value, getattr(other, name)).any()
    after = [*vae.get_weights(), vae.sampling.seed_generator.state.numpy()]
    for one, same in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, same)


@pytest.mark.slow
def test_the_figures_do_not_depend_on_batches_but_for_their_noise(linear, monkeypatch):
    model = linear(TWO, widen=2.0).shift_means(1.0)
    x = model.draw(50)
    evidence = model.exact.log_evidence(x)
    together = inference_gaps(model.vae, x, evidence, steps=200)
    monkeypatch.setattr(gaps, "ROWS", 16 * 30)  # 30 and 20 examples
    parts = inference_gaps(model.vae, x, evidence, steps=200)
    np.testing.assert_allclose(parts.z_mean, together.z_mean, atol=0.05)
    off = parts.amortization_gap - together.amortization_gap
    error = np.hypot(parts.amortization_standard_error, together.amortization_standard_error)
    assert (np.abs(off) < 4.5 * error + 0.02).all()
    assert (off != 0).any()
    # Examples of different batches have noise of their own.
    twins = inference_gaps(model.vae, np.repeat(x[:1], 60, axis=0), np.zeros(60), steps=1)
    assert len(set(twins.elbo)) == 60


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"log_evidence": np.zeros(2)}, r"has shape \(2,\) .* one finite number .* of 3 examples"),
        ({"log_evidence": np.zeros((3, 1))}, r"log_evidence has shape \(3, 1\)"),
        ({"log_evidence": np.array([0, np.nan, -np.inf])}, "and 2 values that are not finite"),
        ({"steps": 0}, "steps=0: expected at least 1"),
        ({"learning_rate": 0.0}, "learning_rate=0.0: expected a finite number above 0"),
        ({"learning_rate": np.inf}, "learning_rate=inf: expected"),
        ({"learning_rate": np.nan}, "learning_rate=nan: expected"),
        ({"samples": 0}, "samples=0: expected an even number of at least 2"),
        ({"samples": 5}, "samples=5: expected an even number of at least 2"),
        ({"evaluation_samples": 2}, "evaluation_samples=2: expected an even number of at least 4"),
        ({"evaluation_samples": 7}, "evaluation_samples=7: expected an even number of at least 4"),
    ],
)
def test_arguments_that_cannot_work_are_refused(linear, options, message):
    model = linear(TWO)
    with pytest.raises(ValueError, match=message):
        inference_gaps(model.vae, model.draw(3), **{"log_evidence": np.zeros(3), **options})
