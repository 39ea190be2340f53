import numpy as np
import tensorflow as tf

from keras_vae.path import Path


def gradient(weigh, compiled):
    def run(z):
        with tf.GradientTape() as tape:
            tape.watch(z)
            path = Path()
            there = path(z)
            loss = tf.reduce_sum(there**2)
            if weigh:  # known only now
                path.weigh(tf.stop_gradient(tf.reduce_sum(there, axis=-1)))
        return there, tape.gradient(loss, z)

    return tf.function(run, autograph=False, jit_compile=compiled == "xla") if compiled else run


Z = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")


def test_z_is_as_it_was_and_its_gradient_weighs_what_was_said_later():
    for compiled in (None, "graph", "xla"):
        there, found = gradient(True, compiled)(tf.constant(Z))
        np.testing.assert_array_equal(there, Z)
        np.testing.assert_allclose(found, 2 * Z * Z.sum(axis=-1, keepdims=True), rtol=1e-5)


def test_without_a_word_the_gradient_is_as_it_was():
    np.testing.assert_allclose(gradient(False, None)(tf.constant(Z))[1], 2 * Z, rtol=1e-6)
