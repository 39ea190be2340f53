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
    with pytest.raises(NotImplementedError, match="not a family of normal"):
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
def test_the_transformed_noise_has_the_moments_of_the_family_and_the_inverse_gives_it_back(name):
    family = POSTERIORS[name]()
    rng = np.random.default_rng(0)
    parameters = family([rng.normal(size=(3, 2)).astype("float32") for _ in range(2)])
    noise = rng.standard_normal((20_000, 3, 2)).astype("float32")
    z = np.asarray(family.transform(parameters, noise), "float64")
    z_mean, z_log_var = (np.asarray(value) for value in family.moments(parameters))
    error = np.exp(z_log_var / 2) / np.sqrt(len(z))
    assert (np.abs(z.mean(axis=0) - z_mean) < 4 * error).all()
    np.testing.assert_allclose(z.var(axis=0), np.exp(z_log_var), rtol=4 * np.sqrt(2 / len(z)))
    back = family.inverse(parameters, z.astype("float32"))
    np.testing.assert_allclose(back, noise, atol=1e-4)
