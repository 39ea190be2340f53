import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_vae.optimizer import FusedAdam


def adam(gradients, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """The path of w from 0 under a list of gradients, in float64."""
    w, m, v = 0.0, 0.0, 0.0
    for t, g in enumerate(gradients, start=1):
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g**2
        bias = np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        w = w - rate(t - 1) * bias * m / (np.sqrt(v) + epsilon)
    return w


GRADIENTS = np.random.default_rng(0).standard_normal((50, 4, 3)) * [1, 1e-3, 1e3]


@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("options", [{}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}])
def test_the_weights_follow_the_formulas(options, jit_compile):
    variable = keras.Variable(np.zeros((4, 3), "float32"))
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    optimizer = FusedAdam(schedule, **options)
    optimizer.build([variable])

    @tf.function(jit_compile=jit_compile)
    def step(gradient):
        optimizer.apply([gradient], [variable])

    for gradient in GRADIENTS:
        step(tf.constant(gradient, tf.float32))
    expected = adam(GRADIENTS, lambda t: 0.1 * 0.5 ** (t / 10), **options)
    np.testing.assert_allclose(variable.numpy(), expected, rtol=2e-5)
    assert int(optimizer.iterations) == len(GRADIENTS)


def test_it_is_keras_adam_clipping_and_decay_included():
    variables = [keras.Variable(np.full((4, 3), 0.5, "float32")) for _ in range(2)]
    options = {"learning_rate": 0.05, "clipnorm": 1.0, "weight_decay": 0.01}
    optimizers = FusedAdam(**options), keras.optimizers.Adam(**options)
    for gradient in GRADIENTS:
        for optimizer, variable in zip(optimizers, variables, strict=True):
            optimizer.apply([tf.constant(gradient, tf.float32)], [variable])
    np.testing.assert_allclose(variables[0].numpy(), variables[1].numpy(), atol=1e-5)
    for fused, own in zip(*(optimizer.variables for optimizer in optimizers), strict=True):
        np.testing.assert_allclose(fused.numpy(), own.numpy(), rtol=1e-4)


def test_gradients_of_an_embedding_change_its_rows():
    variables = [keras.Variable(np.ones((5, 2), "float32")) for _ in range(2)]
    optimizers = FusedAdam(0.1), keras.optimizers.Adam(0.1)
    for optimizer, variable in zip(optimizers, variables, strict=True):
        rows = tf.IndexedSlices(tf.ones([2, 2]), tf.constant([1, 3]), tf.constant([5, 2]))
        optimizer.apply([rows], [variable])
    np.testing.assert_array_equal(variables[0].numpy(), variables[1].numpy())
    assert variables[0].numpy()[1, 0] < 1


def test_the_scale_of_float16_losses_is_taken_back():
    variable = keras.Variable(np.zeros((4, 3), "float32"))
    optimizer = keras.optimizers.LossScaleOptimizer(FusedAdam(0.1), initial_scale=1024.0)
    optimizer.build([variable])
    for gradient in GRADIENTS:
        optimizer.apply([tf.constant(1024 * gradient, tf.float32)], [variable])
    expected = adam(GRADIENTS, lambda t: 0.1)
    np.testing.assert_allclose(variable.numpy(), expected, rtol=2e-5)


def test_it_is_saved_and_comes_back():
    optimizer = FusedAdam(0.01, beta_1=0.8)
    config = keras.saving.serialize_keras_object(optimizer)
    copy = keras.saving.deserialize_keras_object(config)
    assert isinstance(copy, FusedAdam)
    assert copy.get_config() == optimizer.get_config()


def test_amsgrad_is_refused():
    with pytest.raises(ValueError, match="amsgrad=True"):
        FusedAdam(amsgrad=True)
