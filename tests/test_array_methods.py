"""Arrays in, arrays out; what draws, encodes and decodes is tested with the VAE."""

import numpy as np
import pytest
from extensions import full_covariance
from reference import kl_from_standard_normal

from keras_vae.errors import DoesNotApply


def test_the_latent_rates_add_up_to_the_closed_form(small_vae, binary_x):
    vae = small_vae()
    rates = vae.latent_rates(binary_x, batch_size=30)
    assert rates.shape == (len(binary_x), 2)
    expected = kl_from_standard_normal(*vae.encode(binary_x))
    np.testing.assert_allclose(rates.sum(axis=1), expected, rtol=1e-4, atol=1e-6)


def test_latents_that_are_not_independent_have_no_rates_of_their_own():
    vae = full_covariance.make(np.zeros((1, 4)))
    with pytest.raises(DoesNotApply, match="MultivariateNormalTriL"):
        vae.latent_rates(np.zeros((3, 4)))


def test_what_encode_gives_are_the_moments_of_any_family():
    x = np.random.default_rng(0).standard_normal((5, 4)).astype("float32")
    vae = full_covariance.make(x)
    z_mean, z_log_var = vae.encode(x)
    q = vae.posterior(x)
    np.testing.assert_allclose(z_mean, q.mean(), atol=1e-6)
    covariance = np.asarray(q.covariance())
    np.testing.assert_allclose(np.exp(z_log_var), np.diagonal(covariance, 0, 1, 2), rtol=1e-5)
