"""What a fitted prior gains, against the KL in closed form."""

import numpy as np
import pytest

from keras_vae.measures import mixture_gain, standard_error


def draws(mean, std, count=4000):
    rng = np.random.default_rng((31, 5))
    return mean + std * rng.standard_normal((2, count, 2))


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (2.0, 1.0), (0.0, 0.3), (-1.0, 2.0)])
def test_of_gaussian_codes_it_is_their_kl_from_the_prior(mean, std):
    gain = mixture_gain(*draws(mean, std))
    # KL(N(m, s^2) || N(0, 1)) of each of 2 latents; ten Gaussians fit a little worse than one
    kl = 0.5 * (std**2 + mean**2 - 1) - np.log(std)
    assert 2 * kl - 4 * standard_error(gain) - 0.05 < gain.mean()
    assert gain.mean() < 2 * kl + 4 * standard_error(gain)


def test_beside_another_prior_it_is_the_kl_from_that_one():
    z = draws(2.0, 0.5)
    # log N(z; 1, 4 I), of which KL(N(2, 0.25) || N(1, 4)) = log 4 + (0.25 + 1) / 8 - 1/2
    log_prior = -0.5 * np.sum((z[1] - 1) ** 2 / 4 + np.log(2 * np.pi * 4), axis=1)
    gain = mixture_gain(*z, log_prior=log_prior)
    kl = np.log(4) + 1.25 / 8 - 0.5
    assert gain.mean() == pytest.approx(2 * kl, abs=4 * standard_error(gain) + 0.05)


def test_of_two_clusters_it_knows_both():
    rng = np.random.default_rng((31, 6))
    sides = rng.choice([-3.0, 3.0], size=(2, 4000, 1))
    z = sides + 0.1 * rng.standard_normal(sides.shape)
    gain = mixture_gain(*z)
    # E[log q] = -log 2 - log 0.1 - 1/2 log 2 pi e, E[log p] = -1/2 log 2 pi - (9 + 0.01) / 2
    expected = -np.log(2) - np.log(0.1) - 0.5 + 4.505
    assert abs(gain.mean() - expected) < 4 * standard_error(gain) + 0.05


def test_of_few_codes_fewer_gaussians_are_fitted():
    few = np.random.default_rng(0).standard_normal((25, 2))
    assert np.isfinite(mixture_gain(few, few)).all()
