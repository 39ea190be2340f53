import numpy as np
import reference
import tensorflow_probability as tfp

from keras_vae.distributions import StandardNormal

tfd = tfp.distributions


def test_it_is_the_standard_normal_density_over_all_latents_at_once():
    z = np.random.default_rng(0).normal(scale=3, size=(6, 4)).astype("float32")
    prior = StandardNormal().distribution(4)
    assert (prior.batch_shape, prior.event_shape) == ((), (4,))
    expected = reference.normal_log_density(z, 0, 0).sum(axis=1)
    np.testing.assert_allclose(prior.log_prob(z), expected, rtol=1e-5)


def test_its_draws_have_mean_0_and_variance_1():
    z = StandardNormal().distribution(3).sample(20_000, seed=(1, 2)).numpy().astype("float64")
    for draws, expected in ((z, 0), (z**2, 1)):
        mean, error = reference.monte_carlo_mean(draws)
        assert (np.abs(mean - expected) < 4 * error).all()


def test_it_has_no_weights():
    assert StandardNormal().weights == []
