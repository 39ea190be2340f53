import numpy as np
import tensorflow as tf
from scipy import stats

from keras_vae.evidence.log_joint import log_joint, log_joint_of_pairs


def test_it_is_the_log_density_of_x_and_z_together(linear):
    model = linear([2.0, 1.0])
    x, z = model.draw(40), np.random.default_rng(2).normal(size=(40, 2))
    likelihood = stats.norm(z @ model.exact.weights.T + model.exact.mean, 1.0)
    expected = likelihood.logpdf(x).sum(axis=1) + stats.norm.logpdf(z).sum(axis=1)
    got = log_joint(model.vae, tf.constant(x), tf.constant(z, "float32"))
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_pairs_hold_every_x_with_every_z(linear):
    model = linear([2.0, 1.0])
    x = tf.constant(model.draw(3))
    z = tf.constant(np.random.default_rng(2).normal(size=(4, 2)), "float32")
    expected = [log_joint(model.vae, tf.repeat(x[i : i + 1], 4, axis=0), z) for i in range(3)]
    np.testing.assert_allclose(log_joint_of_pairs(model.vae, x, z), expected, rtol=1e-4)
