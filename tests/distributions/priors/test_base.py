import keras
import made_families
import numpy as np
import pytest
import tensorflow as tf

from keras_vae.distributions import PRIORS, Prior


def test_a_prior_says_what_it_must_define():
    with pytest.raises(NotImplementedError, match="Prior must define distribution"):
        Prior().distribution(2)


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("name", PRIORS)
def test_the_density_integrates_to_1_and_its_moments_are_those_of_the_draws(name, d):
    p = made_families.prior_of(name, d).distribution(d)
    assert (p.batch_shape, p.event_shape) == ((), (d,))
    nodes, volume = made_families.grid(d)
    density = np.exp(np.asarray(p.log_prob(nodes), "float64")) * volume
    assert density.sum() == pytest.approx(1, abs=2e-3)
    mean = density @ nodes
    variance = density @ (nodes - mean) ** 2
    z = np.asarray(p.sample(40_000, seed=(1, 2)), "float64")
    assert z.shape == (40_000, d)
    error = z.std(axis=0) / np.sqrt(len(z))
    assert (np.abs(z.mean(axis=0) - mean) < 5 * error).all()
    np.testing.assert_allclose(z.var(axis=0), variance, rtol=0.05)
    # those that it knows: of a flow from 4,096 fixed draws
    assert (np.abs(p.mean() - mean) < 5 * z.std(axis=0) / np.sqrt(4096)).all()
    np.testing.assert_allclose(p.variance(), variance, rtol=0.1)
    np.testing.assert_allclose(p.stddev(), np.sqrt(p.variance()), rtol=1e-4)


@pytest.mark.parametrize("name", PRIORS)
def test_the_draws_have_the_density_everywhere(name):
    """The share of draws in each of 36 cells is the integral of the density over it."""
    p = made_families.prior_of(name, 2).distribution(2)
    nodes, volume = made_families.grid(2)
    inner = made_families.between_nodes([-2, -1, 0, 1, 2])
    edges = [-np.inf, *inner, np.inf]
    density = np.exp(np.asarray(p.log_prob(nodes), "float64")) * volume
    expected, *_ = np.histogram2d(*nodes.T, bins=[edges, edges], weights=density)
    z = np.asarray(p.sample(50_000, seed=(3, 4)))
    found, *_ = np.histogram2d(*z.T, bins=[edges, edges])
    error = np.sqrt(expected * (1 - expected) / len(z)) + 2e-3
    assert (np.abs(found / len(z) - expected) < 4 * error).all()


@pytest.mark.parametrize("name", [name for name in PRIORS if name != "standard"])
def test_the_density_passes_a_gradient_to_every_weight_and_to_z(name):
    prior = made_families.prior_of(name, 3)
    z = tf.constant(np.random.default_rng(0).normal(size=(50, 3)), "float32")
    with tf.GradientTape() as tape:
        tape.watch(z)
        loss = -tf.reduce_mean(prior.distribution(3).log_prob(z))
    gradients = tape.gradient(loss, [*prior.trainable_variables, z])
    assert all(np.abs(gradient).max() > 0 for gradient in gradients)
    assert len(gradients) - 1 == len(prior.weights) > 0


@pytest.mark.parametrize("name", PRIORS)
def test_the_configuration_makes_the_same_prior(name):
    prior = made_families.prior_of(name, 2)
    config = keras.saving.serialize_keras_object(prior)
    copy = keras.saving.deserialize_keras_object(config)
    assert copy.get_config() == prior.get_config()
    assert prior.dtype == "float32"
