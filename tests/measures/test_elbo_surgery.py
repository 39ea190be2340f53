import importlib

import numpy as np
import pytest
from reference import kl_from_standard_normal, monte_carlo_mean, normal_log_density
from scipy import stats

from keras_vae.measures import elbo_surgery

# The package exports the function under the name of its file.
module = importlib.import_module("keras_vae.measures.elbo_surgery")


@pytest.fixture
def codes():
    """60 codes in 3 dimensions: of different widths, correlated, off centre, overlapping."""
    rng = np.random.default_rng(0)
    z_mean = rng.normal(size=(60, 3)) @ [[1.5, 0.8, 0.0], [0.0, 0.7, 0.0], [0.0, 0.0, 0.05]] + 0.5
    return z_mean, rng.uniform(-3, 0.5, size=(60, 3)) * [1.0, 1.0, 0.1]


@pytest.fixture
def mixture():
    """9 codes in one dimension, and the integrals of their mixture."""
    rng = np.random.default_rng(1)
    z_mean, z_log_var = 1.5 * rng.normal(size=(9, 1)), rng.uniform(-3, 0, size=(9, 1))
    z = np.linspace(-12, 12, 40_001)
    log_q = normal_log_density(z, z_mean, z_log_var)
    log_mixture = np.log(np.mean(np.exp(log_q), axis=0))
    information = np.trapezoid(np.exp(log_q) * (log_q - log_mixture), z, axis=1).mean()
    log_prior = normal_log_density(z, 0.0, 0.0)
    marginal_kl = np.trapezoid(np.exp(log_mixture) * (log_mixture - log_prior), z)
    return z_mean, z_log_var, information, marginal_kl


def gaussian_codes(variance, points=70):
    """z_mean on the (points^2, 2) quantiles of N(0, 1 - v): q(z) is N(0, I) but for the grid."""
    axis = np.sqrt(1 - variance) * stats.norm.ppf((np.arange(points) + 0.5) / points)
    z_mean = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    return z_mean, np.full(z_mean.shape, np.log(variance))


def test_the_rate_is_the_mean_kl_of_the_closed_form(codes):
    surgery = elbo_surgery(*codes)
    assert surgery.rate == pytest.approx(kl_from_standard_normal(*codes).mean())
    assert surgery.latent_rates.shape == (3,)
    for j, rate in enumerate(surgery.latent_rates):
        alone = kl_from_standard_normal(codes[0][:, [j]], codes[1][:, [j]]).mean()
        assert rate == pytest.approx(alone)
    assert surgery.examples == 60


def test_the_density_of_q_z_is_that_of_the_whole_mixture(codes, monkeypatch):
    z = np.random.default_rng(2).normal(size=(50, 3))
    z_mean, z_log_var = codes
    each = normal_log_density(z[:, np.newaxis], z_mean, z_log_var).sum(axis=-1)
    expected = np.log(np.mean(np.exp(each), axis=1))
    # all examples at once, 7 and a rest, one at a time
    for chunk in (10**6, 7 * 50, 1):
        monkeypatch.setattr(module, "CHUNK", chunk)
        np.testing.assert_allclose(module._log_aggregated(z, *codes), expected, rtol=1e-10)


def test_the_size_of_the_chunks_changes_nothing(codes, monkeypatch):
    whole = elbo_surgery(*codes, samples=200)
    monkeypatch.setattr(module, "CHUNK", 1000)
    parts = elbo_surgery(*codes, samples=200)
    assert parts.mutual_information == pytest.approx(whole.mutual_information, rel=1e-10)
    assert parts.marginal_kl == pytest.approx(whole.marginal_kl, rel=1e-10)


def test_narrow_posteriors_far_from_the_origin_keep_their_density():
    # -14 is the smallest log variance of a network; the squares in the matrix product are 1e8
    z_mean = np.random.default_rng(0).normal(size=(50, 4)) + 10
    z_log_var = np.full((50, 4), -14.0)
    log_posterior, log_aggregated, _ = module._log_densities(z_mean, z_log_var, 100, seed=0)
    np.testing.assert_allclose(log_aggregated, log_posterior - np.log(50), atol=1e-5)


def test_the_draws_obey_the_identity_that_the_terms_are_fitted_to(codes):
    # E[log q(z|x) - log q(z)] + E[log q(z) - log p(z)] = rate: here nothing enforces it
    surgery = elbo_surgery(*codes)
    log_posterior, log_aggregated, log_prior = module._log_densities(*codes, 6000, seed=5)
    information, information_error = monte_carlo_mean(log_posterior - log_aggregated)
    kl, kl_error = monte_carlo_mean(log_aggregated - log_prior)
    assert information + kl == pytest.approx(surgery.rate, abs=4 * (information_error + kl_error))
    # and the reported terms are those of these other draws
    error = surgery.mutual_information_standard_error
    assert surgery.marginal_kl_standard_error == error > 0
    assert surgery.mutual_information == pytest.approx(
        information, abs=4 * (error + information_error)
    )
    assert surgery.marginal_kl == pytest.approx(kl, abs=4 * (error + kl_error))
    assert surgery.mutual_information + surgery.marginal_kl == pytest.approx(surgery.rate)


def test_both_terms_are_the_integrals_over_the_mixture_in_one_dimension(mixture):
    z_mean, z_log_var, information, marginal_kl = mixture
    assert information > 0.5
    assert marginal_kl > 0.1
    surgery = elbo_surgery(z_mean, z_log_var)
    error = surgery.mutual_information_standard_error
    assert error < 0.03
    assert surgery.mutual_information == pytest.approx(information, abs=4 * error)
    assert surgery.marginal_kl == pytest.approx(
        marginal_kl, abs=4 * surgery.marginal_kl_standard_error
    )


def test_the_standard_error_is_the_spread_over_seeds_of_draws_of_different_examples(mixture):
    z_mean, z_log_var, information, _ = mixture
    # copies of all examples leave q(z) and the mutual information what they were
    codes = np.tile(z_mean, (200, 1)), np.tile(z_log_var, (200, 1))
    runs = [elbo_surgery(*codes, samples=100, seed=seed) for seed in range(300)]
    errors = np.array([run.mutual_information for run in runs]) - information
    reported = np.mean([run.mutual_information_standard_error for run in runs])
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(reported, rel=4 / np.sqrt(2 * 300))
    assert errors.mean() == pytest.approx(0, abs=4 * reported / np.sqrt(300))


def test_draws_spread_evenly_over_few_examples_err_less_than_they_say(mixture):
    z_mean, z_log_var, information, _ = mixture
    runs = [elbo_surgery(z_mean, z_log_var, samples=90, seed=seed) for seed in range(200)]
    errors = np.array([run.mutual_information for run in runs]) - information
    reported = np.mean([run.mutual_information_standard_error for run in runs])
    assert np.sqrt(np.mean(errors**2)) < 0.9 * reported


@pytest.mark.parametrize("variance", [0.1, 0.5, 0.9])
def test_a_linear_gaussian_encoder_spends_its_whole_rate_on_information(variance):
    # x = W z + noise: q(z) = p(z), and I(x; z) = d / 2 log(1 / v)
    surgery = elbo_surgery(*gaussian_codes(variance))
    information = np.log(1 / variance)
    error = surgery.mutual_information_standard_error
    # the grid of quantiles ends at 2.5 standard deviations
    assert surgery.mutual_information == pytest.approx(information, abs=4 * error + 0.02)
    assert surgery.marginal_kl == pytest.approx(0, abs=4 * error + 0.01)
    assert not surgery.is_saturated


def test_the_rate_removes_most_of_the_noise():
    codes = gaussian_codes(0.5)
    log_posterior, log_aggregated, _ = module._log_densities(*codes, 2000, seed=0)
    plain_error = monte_carlo_mean(log_posterior - log_aggregated)[1]
    assert elbo_surgery(*codes).mutual_information_standard_error < 0.2 * plain_error


def test_a_scaled_aggregated_posterior_has_the_marginal_kl_of_its_variance():
    # q(z) = N(0, s I): KL = d / 2 (s - 1 - log s), and I(x; z) stays as it is
    z_mean, z_log_var = gaussian_codes(0.3)
    surgery = elbo_surgery(2 * z_mean, z_log_var + np.log(4))
    error = surgery.marginal_kl_standard_error
    assert surgery.mutual_information == pytest.approx(np.log(1 / 0.3), abs=4 * error + 0.02)
    assert surgery.marginal_kl == pytest.approx(3 - np.log(4), abs=4 * error + 0.05)


def test_separate_posteriors_reach_the_ceiling_exactly():
    z_mean = 10.0 * np.arange(50)[:, np.newaxis] * [1.0, -1.0]
    surgery = elbo_surgery(z_mean, np.full((50, 2), -4.0))
    assert surgery.ceiling == pytest.approx(np.log(50))
    assert surgery.mutual_information == pytest.approx(surgery.ceiling, abs=1e-9)
    assert surgery.mutual_information_standard_error < 1e-9
    assert surgery.marginal_kl == pytest.approx(surgery.rate - np.log(50))
    assert surgery.is_saturated


def test_saturation_begins_half_a_nat_below_the_ceiling():
    # pairs of equal posteriors, and then of triples: I = log(N / 2), log(N / 3)
    for copies, is_saturated in ((1, True), (2, False), (3, False)):
        z_mean = np.repeat(100.0 * np.arange(20), copies)[:, np.newaxis]
        surgery = elbo_surgery(z_mean, np.zeros(z_mean.shape))
        assert surgery.mutual_information == pytest.approx(np.log(20), abs=1e-9)
        assert surgery.is_saturated is is_saturated
    # overlap costs 0.4 nats of log N
    near = elbo_surgery(np.repeat(100.0 * np.arange(50), 2)[:90, np.newaxis], np.zeros((90, 1)))
    assert not near.is_saturated
    mostly_alone = np.append(100.0 * np.arange(80), 100.0 * np.arange(20))[:, np.newaxis]
    assert elbo_surgery(mostly_alone, np.zeros((100, 1))).is_saturated


def test_equal_posteriors_inform_about_nothing():
    z_mean, z_log_var = np.tile([0.5, -1.0], (40, 1)), np.tile([-1.0, 0.3], (40, 1))
    surgery = elbo_surgery(z_mean, z_log_var)
    assert surgery.mutual_information == pytest.approx(0, abs=1e-12)
    assert surgery.marginal_kl == pytest.approx(surgery.rate)
    assert surgery.marginal_kl_standard_error < 1e-12
    assert not surgery.is_saturated


def test_a_collapsed_posterior_has_nothing_to_split():
    surgery = elbo_surgery(np.zeros((40, 2)), np.zeros((40, 2)))
    for value in (surgery.rate, surgery.mutual_information, surgery.marginal_kl):
        assert value == pytest.approx(0, abs=1e-12)
    assert surgery.mutual_information_standard_error == pytest.approx(0, abs=1e-12)


def test_the_moments_of_q_z_are_those_of_its_samples(codes):
    z_mean, z_log_var = codes
    surgery = elbo_surgery(z_mean, z_log_var, samples=100)
    rng = np.random.default_rng(3)
    drawn = rng.integers(0, 60, size=200_000)
    z = z_mean[drawn] + np.exp(z_log_var[drawn] / 2) * rng.normal(size=(200_000, 3))
    mean, error = monte_carlo_mean(z)
    assert np.all(np.abs(surgery.aggregated_mean - mean) < 4 * error)
    mean, error = monte_carlo_mean((z - z.mean(axis=0)) ** 2)
    assert np.all(np.abs(surgery.aggregated_variance - mean) < 4 * error)
    correlation = np.corrcoef(z.T)
    assert correlation[0, 1] > 0.3
    # sd of a sample correlation is at most 1 / sqrt(N) for tails no heavier than these
    np.testing.assert_allclose(
        surgery.aggregated_correlation, correlation, atol=4 / np.sqrt(200_000)
    )
    np.testing.assert_allclose(np.diag(surgery.aggregated_correlation), 1)


def test_the_draws_are_spread_evenly_over_the_examples():
    # log variances 100 apart tell from log q(z|x) which example a z came from
    z_log_var = -100.0 * np.arange(5)[:, np.newaxis]
    log_posterior, _, _ = module._log_densities(np.zeros((5, 1)), z_log_var, 12, seed=0)
    counts = np.bincount(np.round(log_posterior / 50).astype(int), minlength=5)
    assert sorted(counts.tolist()) == [2, 2, 2, 3, 3]


def test_fewer_draws_than_examples_come_from_all_over_the_data():
    # sorted data: the second half is far away
    z_mean = np.repeat([0.0, 10.0], 5000)[:, np.newaxis]
    _, _, log_prior = module._log_densities(z_mean, np.full((10_000, 1), -4.0), 400, seed=0)
    assert np.mean(log_prior < -20) == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(400))


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(codes):
    first, again, other = (elbo_surgery(*codes, samples=50, seed=seed) for seed in (1, 1, 2))
    assert first.mutual_information == again.mutual_information
    assert first.mutual_information != other.mutual_information
    assert first.rate == other.rate


def test_float32_codes_are_split_in_float64(codes):
    z_mean, z_log_var = (values.astype("float32") for values in codes)
    single = elbo_surgery(z_mean, z_log_var)
    double = elbo_surgery(z_mean.astype("float64"), z_log_var.astype("float64"))
    assert single.latent_rates.dtype == "float64"
    assert single.mutual_information == double.mutual_information


@pytest.mark.parametrize(
    ("z_mean", "z_log_var"),
    [
        (np.zeros(5), np.zeros(5)),
        (np.zeros((5, 2)), np.zeros((5, 1))),
        (np.zeros((1, 2)), np.zeros((1, 2))),
    ],
)
def test_codes_of_another_shape_are_refused(z_mean, z_log_var):
    with pytest.raises(ValueError, match=r"expected \(N, d\) of both, with at least 2 examples"):
        elbo_surgery(z_mean, z_log_var)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_codes_that_are_not_finite_are_refused_by_name(codes, broken):
    for position, name in enumerate(("z_mean", "z_log_var")):
        arrays = [values.copy() for values in codes]
        arrays[position][3, 1] = broken
        with pytest.raises(ValueError, match=f"^{name} holds 1 value"):
            elbo_surgery(*arrays)


def test_two_draws_have_no_error_to_report(codes):
    with pytest.raises(ValueError, match="samples=2: expected at least 3"):
        elbo_surgery(*codes, samples=2)
