import keras
import numpy as np
import pytest
import reference

from keras_vae import ConfigError
from keras_vae.distributions import (
    Z_LOG_VAR_RANGE,
    DiagonalNormal,
    StandardNormal,
    normal_posterior,
)


@pytest.fixture
def codes():
    rng = np.random.default_rng(3)
    z_mean = rng.normal(scale=2, size=(8, 5)).astype("float32")
    z_log_var = rng.uniform(-6, 3, size=(8, 5)).astype("float32")
    return z_mean, z_log_var


def test_it_has_the_given_mean_and_the_exponential_as_its_variance(codes):
    z_mean, z_log_var = codes
    posterior = normal_posterior(z_mean, z_log_var)
    assert (posterior.batch_shape, posterior.event_shape) == ((8,), (5,))
    np.testing.assert_array_equal(posterior.mean(), z_mean)
    np.testing.assert_allclose(posterior.variance(), np.exp(z_log_var), rtol=1e-5)


def test_its_log_density_is_that_of_a_diagonal_gaussian(codes):
    z = np.random.default_rng(4).normal(size=(8, 5)).astype("float32")
    expected = reference.normal_log_density(z, *codes).sum(axis=1)
    np.testing.assert_allclose(normal_posterior(*codes).log_prob(z), expected, rtol=1e-4)


def test_its_kl_from_the_prior_is_the_closed_form(codes):
    kl = normal_posterior(*codes).kl_divergence(StandardNormal().distribution(5))
    np.testing.assert_allclose(kl, reference.kl_from_standard_normal(*codes), rtol=1e-5)


def test_its_kl_from_the_prior_is_the_mean_log_ratio_of_its_own_draws(codes):
    z_mean, z_log_var = (values.astype("float64") for values in codes)
    epsilon = np.random.default_rng(5).normal(size=(20_000, 8, 5))
    z = z_mean + np.exp(z_log_var / 2) * epsilon
    log_ratio = reference.normal_log_density(z, z_mean, z_log_var)
    log_ratio -= reference.normal_log_density(z, 0, 0)
    mean, error = reference.monte_carlo_mean(log_ratio.sum(axis=-1))
    kl = normal_posterior(*codes).kl_divergence(StandardNormal().distribution(5))
    assert (np.abs(mean - kl) < 4 * error).all()


def test_a_posterior_that_is_the_prior_has_kl_0():
    zeros = np.zeros((4, 3), "float32")
    kl = normal_posterior(zeros, zeros).kl_divergence(StandardNormal().distribution(3))
    np.testing.assert_array_equal(kl, np.zeros(4))


@pytest.mark.parametrize("z_log_var", Z_LOG_VAR_RANGE)
def test_the_ends_of_the_range_of_log_variances_fit_into_float16(z_log_var):
    std = np.exp(np.float16(z_log_var / 2))
    assert 0 < std < np.inf
    assert std**2 < np.inf


# ---- what the encoder outputs -----------------------------------------------------------


def tensor(*shape, dtype="float32"):
    return keras.KerasTensor((None, *shape), dtype=dtype)


def test_a_pair_comes_back_as_float32():
    for outputs in ([tensor(3), tensor(3)], (tensor(3, dtype="float16"), tensor(3))):
        assert [part.dtype for part in DiagonalNormal()(outputs)] == ["float32", "float32"]


@pytest.mark.parametrize(
    ("outputs", "received"),
    [
        (tensor(2), "got KerasTensor"),
        ([tensor(2)] * 3, "got 3 outputs"),
        ({"z_mean": tensor(2), "z_log_var": tensor(2)}, "got dict"),
    ],
)
def test_anything_else_than_a_pair_is_refused(outputs, received):
    with pytest.raises(ConfigError, match="must output the pair") as error:
        DiagonalNormal().check(outputs)
    assert received in str(error.value)


@pytest.mark.parametrize("shapes", [((2,), (3,)), ((4, 4, 2), (4, 4, 2)), ((), ())])
def test_a_pair_of_other_shapes_is_refused(shapes):
    with pytest.raises(ConfigError, match=r"must both be \(batch, d\)"):
        DiagonalNormal().check([tensor(*shape) for shape in shapes])
