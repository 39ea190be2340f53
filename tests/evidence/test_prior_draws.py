"""Draws of a prior for pictures."""

import numpy as np
from made_families import SMALL

from keras_vae import VAE
from keras_vae.distributions import PRIORS
from keras_vae.evidence.prior_draws import prior_draws
from keras_vae.networks import mlp_decoder, mlp_encoder


def vae_with(name):
    prior = PRIORS[name](**SMALL[name])
    return VAE(mlp_encoder((4,), 2, (8,)), mlp_decoder((4,), 2, (8,)), "gaussian", prior=prior)


def test_they_are_those_of_the_prior_and_always_the_same():
    vae = vae_with("mixture")
    vae(np.zeros((2, 4), "float32"))
    draws = prior_draws(vae)
    assert draws.shape == (20_000, 2)
    np.testing.assert_array_equal(draws, prior_draws(vae))
    prior = vae.prior.distribution(2)
    error = 5 * np.asarray(prior.stddev()) / np.sqrt(len(draws))
    assert (np.abs(draws.mean(axis=0) - prior.mean()) < error).all()
    np.testing.assert_allclose(draws.std(axis=0), prior.stddev(), rtol=0.05)


def test_of_a_standard_normal_none_are_needed():
    assert prior_draws(vae_with("standard")) is None
