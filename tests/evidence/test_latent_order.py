"""The order of latents by their rates, or by their means where they have none."""

import numpy as np
from extensions import full_covariance
from reference import kl_from_standard_normal

from keras_vae.evidence.latent_order import latents_by_rate, order_words

# columns in which the second varies most
Z_MEAN = np.random.default_rng(0).standard_normal((9, 2)) * [0.1, 3]


def test_the_latent_with_the_highest_rate_comes_first(small_vae, binary_x):
    vae = small_vae()
    order, rates = latents_by_rate(vae, binary_x, Z_MEAN)
    z_mean, z_log_var = vae.encode(binary_x)
    each = [kl_from_standard_normal(z_mean[:, [j]], z_log_var[:, [j]]).mean() for j in range(2)]
    np.testing.assert_allclose(rates, each, rtol=1e-4)
    assert order == np.argsort(each)[::-1].tolist()


def test_without_rates_the_latent_whose_mean_varies_most_comes_first():
    x = np.zeros((9, 4))
    order, rates = latents_by_rate(full_covariance.make(x), x, Z_MEAN)
    assert rates is None
    assert order == [1, 0]
    assert latents_by_rate(full_covariance.make(x), x, Z_MEAN[:, ::-1])[0] == [0, 1]


def test_a_picture_says_which_latents_it_shows_and_of_an_order_that_is_not_that_of_rates():
    rates = np.ones(4)
    assert order_words(rates, 4, 4) == ""
    assert order_words(rates, 3, 4) == "the first 3 of 4 latents by their rates"
    by_variance = "latents by the variance of their means: none has a rate of its own"
    assert order_words(None, 4, 4) == by_variance
    assert order_words(None, 3, 4) == f"the first 3 of 4 {by_variance}"
