import numpy as np
import pytest
import tensorflow as tf

from keras_vae.distributions.transformed_normal import TransformedNormal, fixed_noise, log_normal


def test_an_affine_map_gives_the_normal_that_it_makes():
    scale, shift = np.float32([2.0, 0.5]), np.float32([1.0, -1.0])
    log_det = float(np.log(scale).sum())
    p = TransformedNormal(
        lambda u: u * scale + shift,
        lambda z: log_normal((z - shift) / scale) - log_det,
        lambda: tf.nn.moments(fixed_noise(4096, 2) * scale + shift, axes=[0]),
        like=tf.zeros(2),
    )
    z = np.random.default_rng(0).normal(size=(4, 5, 2)).astype("float32")
    expected = -0.5 * np.sum(((z - shift) / scale) ** 2 + np.log(2 * np.pi * scale**2), axis=-1)
    np.testing.assert_allclose(p.log_prob(z), expected, rtol=1e-5)
    np.testing.assert_allclose(p.mean(), shift, atol=1e-5)  # noise and its negative
    np.testing.assert_allclose(p.stddev(), scale, rtol=0.1)
    draws = p.sample(seed=(1, 2)), p.sample(seed=(1, 2)), p.sample(seed=(1, 3))
    np.testing.assert_array_equal(draws[0], draws[1])
    assert draws[0].shape == (2,)
    assert not np.array_equal(draws[0], draws[2])


def test_the_fixed_noise_is_the_same_at_each_call_and_has_mean_0():
    noise = fixed_noise(64, 3)
    np.testing.assert_array_equal(noise, fixed_noise(64, 3))
    np.testing.assert_allclose(np.mean(noise, axis=0), 0, atol=1e-7)
    assert float(log_normal(np.float32([[0, 0]]))[0]) == pytest.approx(-np.log(2 * np.pi))
