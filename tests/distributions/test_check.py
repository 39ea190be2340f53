import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from keras_vae import ConfigError
from keras_vae.distributions import StandardNormal, check_rate, normal_posterior

tfd = tfp.distributions
STEPS = np.array([[-1, -1], [0, 0], [1, 1]], "float32")
POSTERIOR = normal_posterior(STEPS, STEPS)


def independent(*parameters, family=tfd.Normal):
    return tfd.Independent(family(*parameters), 1)


class HalfNormal(tfd.Normal):
    """A density of its own, with the KL that is registered for its base."""

    def log_prob(self, value, **options):
        return 0.5 * super().log_prob(value, **options)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_a_normal_prior_of_any_mean_and_width_is_let_pass(scale):
    check_rate(POSTERIOR, StandardNormal().distribution(2), 2)
    check_rate(POSTERIOR, independent(tf.range(2.0), scale), 2)


@pytest.mark.parametrize(
    "prior",
    [
        tfd.MultivariateNormalDiag(tf.zeros(2)),
        tfd.Sample(tfd.Normal(0.0, 1.0), 2),
        independent(tf.zeros(2), 1.0, family=tfd.Laplace),
    ],
    ids=lambda prior: type(prior).__name__,
)
def test_a_prior_whose_kl_is_not_known_is_let_pass(prior):
    check_rate(POSTERIOR, prior, 2)


@pytest.mark.parametrize(
    ("prior", "said"),
    [
        (tfd.Normal(tf.zeros(2), 1.0), r"batch shape \(2,\)"),
        (independent(tf.zeros(3), 1.0), r"event shape \(3,\)"),
        (independent(tf.zeros((3, 2)), 1.0), r"batch shape \(3,\)"),
        (independent(tf.zeros(2), 1.0, family=HalfNormal), "contradicts draws of z"),
    ],
)
def test_a_prior_that_is_none_or_whose_kl_is_wrong_is_refused(prior, said):
    with pytest.raises(ConfigError, match=said):
        check_rate(POSTERIOR, prior, 2)


def test_a_posterior_of_other_latents_is_refused():
    with pytest.raises(ConfigError, match=r"q.z.x. must be one distribution over \(3,\)"):
        check_rate(POSTERIOR, StandardNormal().distribution(3), 3)
