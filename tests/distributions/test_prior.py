import keras
import numpy as np
import pytest
import reference
import tensorflow as tf
import tensorflow_probability as tfp

from keras_vae import ConfigError
from keras_vae.distributions import StandardNormal, check_prior

tfd = tfp.distributions


def independent(*parameters, family=tfd.Normal):
    return tfd.Independent(family(*parameters), 1)


class Prior(keras.layers.Layer):
    """p(z) as a test has it."""

    def __init__(self, make):
        super().__init__()
        self.distribution = make


class HalfNormal(tfd.Normal):
    """A density of its own, with the KL that is registered for its base."""

    def log_prob(self, value, **options):
        return 0.5 * super().log_prob(value, **options)


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


@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_a_normal_prior_of_any_mean_and_width_is_let_pass(scale):
    check_prior(StandardNormal(), 3)
    check_prior(Prior(lambda d: independent(tf.range(float(d)), scale)), 3)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda d: tfd.MultivariateNormalDiag(tf.zeros(d)), "p.z. = MultivariateNormalDiag"),
        (lambda d: tfd.Sample(tfd.Normal(0.0, 1.0), d), "p.z. = Sample"),
        (lambda d: tfd.Normal(tf.zeros(d), 1.0), "p.z. = Normal"),
        (lambda d: independent(tf.zeros(d), 1.0, family=tfd.Laplace), "not known in closed form"),
        (lambda d: independent(tf.zeros(d + 1), 1.0), "not known in closed form"),
        (lambda d: independent(tf.zeros((3, d)), 1.0), r"batch shape \(3,\)"),
        (lambda d: independent(tf.zeros(d), 1.0, family=HalfNormal), "contradicts draws of z"),
        (lambda d: None, "p.z. = NoneType"),
    ],
)
def test_a_prior_whose_kl_is_not_known_or_wrong_is_refused(make, said):
    with pytest.raises(ConfigError, match=said):
        check_prior(Prior(make), 2)


def test_a_layer_that_is_not_a_prior_is_refused():
    with pytest.raises(ConfigError, match=r"prior Dense: expected a layer that defines"):
        check_prior(keras.layers.Dense(2), 2)
