import numpy as np
import pytest

from keras_vae.measures import noise_audit

CALLS, EXAMPLES, LATENTS = 64, 40, 3


@pytest.fixture
def codes():
    rng = np.random.default_rng(0)
    z_mean = rng.normal(0, 2, (EXAMPLES, LATENTS))
    return z_mean, rng.uniform(-4, 1, (EXAMPLES, LATENTS))


def noise(*shape, seed=1):
    return np.random.default_rng(seed).standard_normal(np.broadcast_shapes(shape))


def test_good_noise_is_standard_normal_within_its_errors(codes):
    z_mean, z_log_var = codes
    audits = [
        noise_audit(
            z_mean + np.exp(z_log_var / 2) * noise(CALLS, EXAMPLES, LATENTS, seed=seed),
            z_mean,
            z_log_var,
        )
        for seed in range(50)
    ]
    for name, expected in (("mean", 0), ("std", 1), ("std_slope", 1)):
        values = np.array([getattr(audit, name) for audit in audits])
        errors = np.array([getattr(audit, f"{name}_standard_error") for audit in audits])
        # as far from what is expected as its error says
        assert 0.75 < np.sqrt(np.mean(((values - expected) / errors) ** 2)) < 1.25, name
    for name in ("row_correlation", "call_correlation"):
        values = np.array([getattr(audit, name) for audit in audits])
        error = audits[0].correlation_standard_error
        assert 0.75 < np.sqrt(np.mean(values**2)) / error < 1.25, name


def test_noise_that_the_batch_shares_is_correlated_across_rows(codes):
    z_mean, z_log_var = codes
    z = z_mean + np.exp(z_log_var / 2) * noise(CALLS, 1, LATENTS)
    audit = noise_audit(z, z_mean, z_log_var)
    assert audit.row_correlation == pytest.approx(1)
    assert abs(audit.call_correlation) < 0.3


def test_noise_that_each_call_repeats_is_correlated_across_calls(codes):
    z_mean, z_log_var = codes
    z = z_mean + np.exp(z_log_var / 2) * np.repeat(noise(1, EXAMPLES, LATENTS), CALLS, axis=0)
    audit = noise_audit(z, z_mean, z_log_var)
    assert audit.call_correlation == pytest.approx(1)
    assert abs(audit.row_correlation) < 0.3


def test_without_noise_there_is_no_std_and_no_correlation(codes):
    z_mean, z_log_var = codes
    audit = noise_audit(np.repeat(z_mean[None], CALLS, axis=0), z_mean, z_log_var)
    assert audit.std == 0
    assert np.isnan(audit.row_correlation)
    assert np.isnan(audit.std_slope)


@pytest.mark.parametrize(("power", "slope"), [(1.0, 2), (0.25, 0.5), (0.0, 0)])
def test_a_std_that_is_not_exp_of_half_the_log_variance_shows_in_the_slope(codes, power, slope):
    z_mean, z_log_var = codes
    z = z_mean + np.exp(z_log_var * power) * noise(CALLS, EXAMPLES, LATENTS)
    audit = noise_audit(z, z_mean, z_log_var)
    assert abs(audit.std_slope - slope) < 4 * audit.std_slope_standard_error
    assert audit.std_slope_standard_error < 0.05


def test_one_std_for_all_has_no_slope(codes):
    z_mean, _ = codes
    z = z_mean + noise(CALLS, EXAMPLES, LATENTS)
    assert noise_audit(z, z_mean, np.zeros_like(z_mean)).std_slope_standard_error == np.inf


def test_one_call_or_one_example_says_nothing_about_correlation(codes):
    z_mean, z_log_var = codes
    for z in (z_mean[None], np.repeat(z_mean[None, :1], 3, axis=0)):
        with pytest.raises(ValueError, match="at least 2 calls of 2 examples"):
            noise_audit(z, z_mean[: z.shape[1]], z_log_var[: z.shape[1]])


def test_rounding_of_codes_far_out_is_no_wrong_noise():
    """Codes of a model without a rate: means of 10 and stds of a millionth of that, in float32."""
    rng = np.random.default_rng((31, 7))
    z_mean = np.stack([np.full(50, 10.0), rng.standard_normal(50)], axis=1)
    z_log_var = np.stack([np.full(50, 2 * np.log(1e-6)), np.zeros(50)], axis=1)
    z = z_mean + np.exp(z_log_var / 2) * rng.standard_normal((32, 50, 2))
    audit = noise_audit(z.astype("float32"), z_mean, z_log_var)
    assert abs(audit.std - 1) < 4 * audit.std_standard_error
