import numpy as np
import pytest
import tensorflow as tf

from keras_vae.distributions.logistic import log_mass


def of(low, width, has_low=True, has_high=True):
    low, width = np.float32(low), np.float32(width)
    return log_mass(low, low + width, width, np.array(has_low), np.array(has_high))


@pytest.mark.parametrize("low", [-80.0, -30.0, -3.0, 0.0, 2.0, 30.0, 80.0])
@pytest.mark.parametrize("width", [1e-5, 0.5, 4.0])
def test_the_mass_of_an_interval_is_that_of_float64_in_both_tails(low, width):
    low, width = np.float64(np.float32([low, width]))
    if low > 0:  # the other tail is the same, mirrored, and float64 has it
        a, b = -low - width, -low
    else:
        a, b = low, low + width
    # sigmoid(b) - sigmoid(a) = (exp(b) - exp(a)) / ((1 + exp(a)) (1 + exp(b)))
    expected = b + np.log(-np.expm1(a - b)) - np.logaddexp(0, a) - np.logaddexp(0, b)
    assert of(low, width).numpy() == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_an_interval_without_an_end_has_the_whole_tail():
    assert of(1.0, 2.0, has_high=False).numpy() == pytest.approx(-np.log1p(np.e), rel=1e-6)
    assert of(-3.0, 2.0, has_low=False).numpy() == pytest.approx(-np.log1p(np.e), rel=1e-6)
    assert of(5.0, 2.0, has_low=False, has_high=False).numpy() == 0


@pytest.mark.parametrize("low", [-1e4, 0.0, 1e4])
def test_the_slope_is_finite_and_right_however_far_the_interval_is(low):
    shift = tf.constant(0.0)
    with tf.GradientTape() as tape:
        tape.watch(shift)
        log_p = log_mass(low - shift, low + 1 - shift, tf.constant(1.0), True, True)
    # d/dm of log(sigmoid(b - m) - sigmoid(a - m)) = sigmoid(a - m) + sigmoid(b - m) - 1
    expected = 0.5 * (np.tanh(low / 2) + np.tanh((low + 1) / 2))
    assert tape.gradient(log_p, shift).numpy() == pytest.approx(expected, rel=1e-5)
