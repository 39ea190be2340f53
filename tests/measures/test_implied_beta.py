import numpy as np
import pytest

from keras_vae.measures import implied_beta

WEIGHTS = np.array([3.0, 1.0, 0.2])
SIGMA = 0.5

# Nats that scaling the means may gain where training has ended.
LEFT = 0.03


def trained(beta, count=2000, latents=3):
    """Codes of the linear-Gaussian VAE x = W z + sigma e, W orthogonal, at the optimum of
    D + beta R, and its distortion; entries where W is 0 have collapsed."""
    rng = np.random.default_rng(10_000)
    weights = WEIGHTS[:latents]
    x = rng.standard_normal((count, latents)) * np.sqrt(weights**2 + SIGMA**2)
    # q of least D + beta R: precision 1 + w^2 / (beta sigma^2)
    variance = 1 / (1 + weights**2 / (beta * SIGMA**2))
    z_mean = variance * weights * x / (beta * SIGMA**2)
    z_log_var = np.broadcast_to(np.log(variance), z_mean.shape)

    def distortion(z):
        return np.sum((x - weights * z) ** 2, axis=1) / (2 * SIGMA**2)

    return z_mean, z_log_var, distortion


@pytest.mark.parametrize("beta", [0.1, 1.0, 4.0, 20.0])
def test_a_linear_vae_shows_the_weight_that_it_was_trained_with(beta):
    measured = implied_beta(*trained(beta))
    assert measured.is_determined
    assert abs(measured.beta - beta) < 4 * measured.standard_error
    assert measured.standard_error < 0.1 * beta


def test_the_standard_error_is_the_spread_over_seeds():
    z_mean, z_log_var, distortion = trained(1.0, count=500)
    measured = [implied_beta(z_mean, z_log_var, distortion, seed) for seed in range(200)]
    spread = np.std([each.beta for each in measured])
    # nearly all of it is the noise's; x stays the same here
    assert spread == pytest.approx(np.mean([each.standard_error for each in measured]), rel=0.15)


def test_the_slopes_are_the_derivatives_by_the_scale_of_the_std():
    z_mean, z_log_var, distortion = trained(1.0, count=20_000)
    measured = implied_beta(z_mean, z_log_var, distortion)
    variance = np.exp(z_log_var[0])
    assert measured.rate_slope == pytest.approx(np.sum(variance - 1), rel=1e-12)
    expected = np.sum(WEIGHTS**2 * variance) / SIGMA**2
    assert measured.distortion_slope == pytest.approx(expected, rel=0.05)


def test_the_noise_is_that_of_the_seed():
    codes = trained(1.0)
    assert implied_beta(*codes, seed=3) == implied_beta(*codes, seed=3)
    assert implied_beta(*codes, seed=3) != implied_beta(*codes, seed=4)


def test_after_a_full_collapse_there_is_no_weight():
    z = np.zeros((100, 4))
    measured = implied_beta(z, z, lambda z: np.ones(len(z)))
    assert not measured.is_determined
    assert np.isnan(measured.beta)
    assert measured.rate_slope == 0
    # nearly so: a distortion that was averaged over 784 entries beside a rate that was not
    assert not implied_beta(*trained(784.0)).is_determined


@pytest.mark.parametrize("beta", [0.1, 1.0, 4.0])
def test_the_means_tell_of_the_same_weight(beta):
    measured = implied_beta(*trained(beta))
    assert abs(measured.by_means - beta) < 4 * measured.by_means_standard_error
    assert measured.is_settled(LEFT)


@pytest.mark.parametrize(("means", "stds"), [(1.0, 0.3), (0.3, 1.0), (-1.0, 1.0)])
def test_an_encoder_that_is_not_where_training_ends_is_not_settled(means, stds):
    z_mean, z_log_var, distortion = trained(1.0)
    measured = implied_beta(means * z_mean, z_log_var + 2 * np.log(stds), distortion)
    assert measured.is_determined
    assert not measured.is_settled(LEFT)


def test_the_means_scaled_give_the_weight_of_the_closed_form():
    z_mean, z_log_var, distortion = trained(1.0, count=20_000)
    scale = 0.5
    measured = implied_beta(scale * z_mean, z_log_var, distortion)
    # D = |x - W z|^2 / 2 sigma^2 and mean = c W x: dD/dlog s = -(w s c x)(x - w s c x) / sigma^2
    weights = WEIGHTS
    variance = 1 / (1 + weights**2 / SIGMA**2)
    code = scale * variance * weights / SIGMA**2  # mean = code * x
    power = weights**2 + SIGMA**2
    slope = np.sum(-weights * code * power * (1 - weights * code)) / SIGMA**2
    expected = -slope / np.sum(code**2 * power)
    assert measured.by_means == pytest.approx(expected, abs=4 * measured.by_means_standard_error)


@pytest.mark.parametrize(("scale", "size"), [(0.95, None), (0.5, 0.1)])
def test_the_gain_is_what_scaling_the_means_by_up_to_a_tenth_gains(scale, size):
    z_mean, z_log_var, distortion = trained(1.0, count=20_000)
    measured = implied_beta(scale * z_mean, z_log_var, distortion)
    # D + R by the scale s of means c W x: sum_j (1 - s w c)^2 P / 2 sigma^2 + s^2 c^2 P / 2
    code = scale / (1 + WEIGHTS**2 / SIGMA**2) * WEIGHTS / SIGMA**2
    power = WEIGHTS**2 + SIGMA**2

    def loss(s):
        parts = (1 - s * WEIGHTS * code) ** 2 / SIGMA**2 + (s * code) ** 2
        return np.sum(parts * power) / 2

    best = 1 / scale if size is None else 1 + size
    expected = loss(1) - loss(best)
    assert measured.gain == pytest.approx(expected, abs=4 * measured.gain_standard_error)
    assert measured.gain_standard_error < 0.05 * expected


def test_means_that_are_off_by_next_to_nothing_have_settled():
    z_mean, z_log_var, distortion = trained(1.0, count=20_000, latents=1)
    measured = implied_beta(1.02 * z_mean, z_log_var, distortion)
    # another weight, which would be 1 - (scale - 1) * w^2 / sigma^2 = 0.28, and 0.007 nats
    assert measured.by_means < 0.5
    assert measured.beta == pytest.approx(1.0, abs=4 * measured.standard_error)
    assert measured.is_settled(LEFT)


def test_a_weight_below_0_is_none():
    """A posterior that would explain more if it were wider: no training leaves that."""
    z_mean, z_log_var, _ = trained(1.0)
    measured = implied_beta(z_mean, z_log_var, lambda z: -np.sum((z - z_mean) ** 2, axis=1))
    assert measured.beta < 0
    assert not measured.is_settled(LEFT)
    # at the weight 0: D by the scale of the means is -|(s - 1) mean + noise|^2
    expected = 0.1**2 * np.mean(np.sum(z_mean**2, axis=1))
    assert measured.gain == pytest.approx(expected, abs=4 * measured.gain_standard_error)
