import keras
import made_families
import numpy as np
import pytest
import tensorflow_probability as tfp

from keras_vae.distributions import POSTERIORS, Posterior

tfd = tfp.distributions


@pytest.mark.parametrize("method", ["call", "latent_dim", "distribution"])
def test_a_family_says_what_it_must_define(method):
    with pytest.raises(NotImplementedError, match=f"must define {method}"):
        getattr(Posterior(), method)(None)
    with pytest.raises(NotImplementedError, match="must define transform"):
        Posterior().transform(None, None)
    with pytest.raises(NotImplementedError, match="does not define inverse"):
        Posterior().inverse(None, None)


def test_the_moments_of_any_family_are_mean_and_log_variance_of_each_latent():
    class Laplace(Posterior):
        def distribution(self, parameters):
            return tfd.Independent(tfd.Laplace(*parameters), 1)

    mean, scale = np.float32([[1, -2]]), np.float32([[0.5, 3]])
    found = Laplace().moments((mean, scale))
    np.testing.assert_allclose(found[0], mean)
    np.testing.assert_allclose(found[1], np.log(2 * scale**2), rtol=1e-5)


@pytest.mark.parametrize("name", POSTERIORS)
def test_the_transformed_noise_has_the_moments_of_the_family(name):
    family, parameters = made_families.posterior_of(name, 2)
    noise = np.random.default_rng(0).standard_normal((20_000, 3, 2)).astype("float32")
    z = np.asarray(family.transform(parameters, noise), "float64")
    z_mean, z_log_var = (np.asarray(value) for value in family.moments(parameters))
    draws = 64 if name == "iaf" else len(z)  # by which the moments are known
    error = np.exp(z_log_var / 2) / np.sqrt(draws)
    assert (np.abs(z.mean(axis=0) - z_mean) < 4 * error).all()
    np.testing.assert_allclose(z.var(axis=0), np.exp(z_log_var), rtol=4 * np.sqrt(2 / draws))


@pytest.mark.parametrize("name", POSTERIORS)
def test_the_inverse_gives_the_noise_back(name):
    family, parameters = made_families.posterior_of(name, 3)
    noise = np.random.default_rng(0).standard_normal((100, 3, 3)).astype("float32")
    back = family.inverse(parameters, family.transform(parameters, noise))
    np.testing.assert_allclose(back, noise, atol=1e-4)


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("name", POSTERIORS)
def test_the_density_integrates_to_1_and_is_that_of_the_draws(name, d):
    family, parameters = made_families.posterior_of(name, d, batch=2)
    q = family.distribution(parameters)
    assert (q.batch_shape, q.event_shape) == ((2,), (d,))
    nodes, volume = made_families.grid(d)
    density = np.exp(np.asarray(q.log_prob(nodes[:, None]), "float64")) * volume
    np.testing.assert_allclose(density.sum(axis=0), 1, atol=2e-3)
    edges = [[-np.inf, *made_families.between_nodes([-1, -0.3, 0.3, 1], d), np.inf]] * d
    z = np.asarray(q.sample(40_000, seed=(1, 2)))
    for example in range(2):
        expected, _ = np.histogramdd(nodes, edges, weights=density[:, example])
        found, _ = np.histogramdd(z[:, example], edges)
        error = np.sqrt(expected * (1 - expected) / len(z)) + 4e-3
        assert (np.abs(found / len(z) - expected) < 4 * error).all()


@pytest.mark.parametrize("name", POSTERIORS)
def test_a_draw_comes_with_its_log_density(name):
    family, parameters = made_families.posterior_of(name, 3)
    noise = np.random.default_rng(0).standard_normal((6, 3, 3)).astype("float32")
    z, log_q = family.draw(parameters, noise)
    np.testing.assert_array_equal(z, family.transform(parameters, noise))
    expected = family.distribution(parameters).log_prob(z)
    np.testing.assert_allclose(log_q, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", POSTERIORS)
def test_the_configuration_makes_the_same_family(name):
    family, _ = made_families.posterior_of(name, 2)
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(family))
    assert copy.get_config() == family.get_config()
    assert family.dtype == "float32"
