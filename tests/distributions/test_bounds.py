import numpy as np
import pytest
import tensorflow as tf

from keras_vae.distributions import (
    Z_LOG_VAR_RANGE,
    StandardNormal,
    normal_posterior,
    soft_bound,
)
from keras_vae.distributions.bounds import inverse_soft_bound

LOW, HIGH = -14.0, 6.0
EXTREMES = [-np.inf, -1e30, -1e6, -100.0, 100.0, 1e6, 1e30, np.inf]


def bounded(values):
    return soft_bound(tf.constant(values, tf.float32), LOW, HIGH).numpy()


def test_every_value_lands_in_the_range_up_to_rounding():
    values = np.concatenate([EXTREMES, np.linspace(-40, 40, 1001)])
    result = bounded(values)
    assert np.isfinite(result).all()
    assert (result >= LOW - 1e-5).all()
    assert (result <= HIGH + 1e-5).all()


def test_the_ends_of_the_range_are_reached():
    np.testing.assert_allclose(bounded(EXTREMES), [LOW] * 4 + [HIGH] * 4, atol=1e-5)


def test_it_rises_strictly_through_the_range_and_beyond_both_ends():
    assert (np.diff(bounded(np.arange(LOW - 5, HIGH + 5, 0.25))) > 0).all()


def test_it_is_close_to_the_identity_well_inside_the_range():
    values = np.linspace(LOW + 5, HIGH - 5, 101)
    np.testing.assert_allclose(bounded(values), values, atol=np.exp(-5))


def test_it_is_the_two_softplus_bounds_in_turn():
    values = np.linspace(-30, 30, 601)
    below_high = HIGH - np.logaddexp(0, HIGH - values)
    expected = LOW + np.logaddexp(0, below_high - LOW)
    np.testing.assert_allclose(bounded(values), expected, atol=1e-5)


def test_the_gradient_is_not_zero_just_beyond_the_range_as_that_of_a_clip_is():
    values = tf.constant([LOW - 5, HIGH + 5])
    with tf.GradientTape() as tape:
        tape.watch(values)
        result = soft_bound(values, LOW, HIGH)
    # the derivative of softplus is the sigmoid
    np.testing.assert_allclose(tape.gradient(result, values), [1 / (1 + np.exp(5))] * 2, rtol=1e-3)


@pytest.mark.parametrize("value", EXTREMES)
def test_the_gradient_is_finite_at_any_distance(value):
    value = tf.constant(value, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(value)
        result = soft_bound(value, LOW, HIGH)
    assert 0 <= tape.gradient(result, value) <= 1


@pytest.mark.parametrize("value", EXTREMES)
def test_an_extreme_log_variance_gives_a_finite_kl(value):
    z_log_var = soft_bound(tf.fill([2, 3], tf.constant(value, tf.float32)), *Z_LOG_VAR_RANGE)
    posterior = normal_posterior(tf.zeros([2, 3]), z_log_var)
    rate = posterior.kl_divergence(StandardNormal().distribution(3))
    end = Z_LOG_VAR_RANGE[0] if value < 0 else Z_LOG_VAR_RANGE[1]
    np.testing.assert_allclose(rate, [3 * 0.5 * (np.exp(end) - 1 - end)] * 2, rtol=1e-4)


def test_the_inverse_is_undone_by_the_bound_and_stays_inside_it():
    values = np.linspace(-11.99, 11.99, 200)
    bounded = soft_bound(inverse_soft_bound(values, -12, 12).astype("float32"), -12.0, 12.0)
    np.testing.assert_allclose(bounded, values, atol=2e-3)
    outside = soft_bound(inverse_soft_bound([-50.0, 50.0], -12, 12).astype("float32"), -12.0, 12.0)
    np.testing.assert_allclose(outside, [-12, 12], atol=5e-3)
