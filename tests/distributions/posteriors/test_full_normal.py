import made_families
import numpy as np
import pytest
from tensorflow_probability import distributions as tfd

from keras_vae import ConfigError
from keras_vae.distributions import FullNormal, StandardNormal
from keras_vae.terms import rate


def by_hand(outputs):
    """(m, L L^T) of one example, entry by entry."""
    mean, log_var, below = (np.asarray(each, "float64")[0] for each in outputs)
    d, entries = len(mean), iter(below)
    lower = np.eye(d)
    # the order in which TensorFlow Probability fills a triangle
    order = np.asarray(tfp_triangle(len(below))).astype(int)
    for i in range(1, d):
        for j in range(i):
            lower[i, j] = below[order[i - 1, j] - 1]
    del entries
    lower *= np.exp(log_var / 2)[:, None]
    return mean, lower @ lower.T


def tfp_triangle(size):
    from tensorflow_probability import math

    return math.fill_triangular(np.arange(1.0, size + 1))


def test_the_covariance_is_what_the_encoder_says_in_units_of_each_row():
    rng = np.random.default_rng(0)
    outputs = [rng.normal(size=(1, size)).astype("float32") for size in (3, 3, 3)]
    family = FullNormal()
    q = family.distribution(family(outputs))
    mean, covariance = by_hand(outputs)
    np.testing.assert_allclose(q.mean()[0], mean, rtol=1e-5)
    np.testing.assert_allclose(q.covariance()[0], covariance, rtol=5e-3, atol=1e-3)


def test_the_rate_is_exact_and_the_closed_form():
    family, parameters = made_families.posterior_of("full", 3)
    q = family.distribution(parameters)
    m, covariance = np.asarray(q.mean(), "float64"), np.asarray(q.covariance(), "float64")
    # 1/2 (tr S + |m|^2 - d - log det S)
    expected = (
        np.trace(covariance, axis1=1, axis2=2)
        + np.sum(m**2, axis=1)
        - 3
        - np.linalg.slogdet(covariance)[1]
    ) / 2
    np.testing.assert_allclose(rate(q, StandardNormal().distribution(3)), expected, rtol=1e-4)
    # of another mean and other scales, against a spelling that TensorFlow Probability knows
    loc, scale = np.float32([1, -1, 0]), np.float32([0.5, 1, 2])
    found = rate(q, tfd.Independent(tfd.Normal(loc, scale), 1))
    of_tfp = tfd.kl_divergence(q, tfd.MultivariateNormalDiag(loc, scale))
    np.testing.assert_allclose(found, of_tfp, rtol=1e-4)


def test_of_other_priors_the_rate_is_not_known():
    family, parameters = made_families.posterior_of("full", 3)
    laplace = tfd.Independent(tfd.Laplace(np.zeros(3, "float32"), np.ones(3, "float32")), 1)
    with pytest.raises(NotImplementedError):
        tfd.kl_divergence(family.distribution(parameters), laplace)


def test_other_outputs_are_refused():
    shapes = [(2, 3), (2, 3), (2, 4)]
    for outputs in ([np.zeros(shape) for shape in shapes], np.zeros((2, 3)), []):
        with pytest.raises(ConfigError, match=r"d \(d - 1\) / 2"):
            FullNormal().check(outputs)
