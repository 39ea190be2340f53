import numpy as np
import pytest
import tensorflow as tf

from keras_vae import ConfigError
from keras_vae.distributions import MixturePrior


def test_it_starts_with_equal_weights_unit_scales_and_means_from_the_standard_normal():
    prior = MixturePrior(400, seed=3)
    prior.build((None, 5))
    p = prior.distribution(5)
    np.testing.assert_array_equal(prior.logits, np.zeros(400))
    assert abs(np.mean(prior.means)) < 4 / np.sqrt(2000)
    assert np.std(prior.means) == pytest.approx(1, abs=0.1)
    # of unit scales around draws of N(0, I): variance 2
    np.testing.assert_allclose(p.variance(), 2, rtol=0.4)
    other = MixturePrior(400, seed=4)
    other.build((None, 5))
    assert not np.array_equal(other.means, prior.means)


def test_it_learns_two_clusters():
    rng = np.random.default_rng(0)
    z = (rng.choice([-3, 3], (2000, 1)) + 0.3 * rng.normal(size=(2000, 1))).astype("float32")
    prior = MixturePrior(2, seed=0)
    prior.build((None, 1))
    for _ in range(200):
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(prior.distribution(1).log_prob(z))
        for variable, gradient in zip(
            prior.trainable_variables, tape.gradient(loss, prior.trainable_variables), strict=True
        ):
            variable.assign_sub(0.1 * gradient)
    truth = np.log(2) + np.log(0.3) + 0.5 * np.log(2 * np.pi * np.e)  # entropy of the clusters
    assert float(loss) == pytest.approx(truth, abs=0.05)


@pytest.mark.parametrize("components", [0, 2.5, True, None])
def test_a_number_of_components_that_is_none_is_refused(components):
    with pytest.raises(ConfigError, match=f"components={components!r}: expected a whole number"):
        MixturePrior(components)
