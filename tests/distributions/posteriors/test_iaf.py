import made_families
import numpy as np
import pytest

from keras_vae import ConfigError
from keras_vae.distributions import InverseAutoregressiveFlow


def test_the_noise_of_a_z_is_found_again():
    family, parameters = made_families.posterior_of("iaf", 4)
    noise = np.random.default_rng(0).standard_normal((10, 3, 4)).astype("float32")
    z, log_q = family.draw(parameters, noise)
    found, log_q_again = family.noise_of(parameters, z)
    np.testing.assert_allclose(found, noise, atol=2e-4)
    np.testing.assert_allclose(log_q_again, log_q, atol=2e-3)


def test_log_q_is_the_density_of_the_noise_over_the_volume_of_the_map():
    """The determinant of the map by finite differences, in float64 from float32 values."""
    family, parameters = made_families.posterior_of("iaf", 2, batch=1)
    noise, step = np.float32([[0.3, -0.7]]), 1e-2
    moves = np.concatenate([noise + step * np.eye(2), noise - step * np.eye(2)])[:, None]
    z = np.asarray(family.transform(parameters, moves.astype("float32")), "float64")[:, 0]
    jacobian = (z[:2] - z[2:]) / (2 * step)
    expected = -np.sum(noise**2) / 2 - np.log(2 * np.pi) - np.linalg.slogdet(jacobian)[1]
    assert float(family.draw(parameters, noise)[1][0]) == pytest.approx(expected, abs=2e-3)


def test_it_makes_latents_that_depend_on_each_other():
    family, parameters = made_families.posterior_of("iaf", 2, batch=1)
    noise = np.random.default_rng(0).standard_normal((20_000, 1, 2)).astype("float32")
    z = np.asarray(family.transform(parameters, noise))[:, 0]
    assert abs(np.corrcoef(z.T)[0, 1]) > 0.05


def test_one_noise_for_all_examples_is_the_same_noise_for_each():
    family, parameters = made_families.posterior_of("iaf", 2)
    noise = np.random.default_rng(0).standard_normal((5, 1, 2)).astype("float32")
    each = family.draw(parameters, np.repeat(noise, 3, axis=1))
    for found, expected in zip(family.draw(parameters, noise), each, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_other_outputs_and_sizes_are_refused():
    with pytest.raises(ConfigError, match=r"z_mean, z_log_var, context"):
        InverseAutoregressiveFlow().check([np.zeros((2, 3))] * 2)
    with pytest.raises(ConfigError, match="steps=0"):
        InverseAutoregressiveFlow(steps=0)
