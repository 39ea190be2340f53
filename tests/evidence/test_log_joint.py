import numpy as np
import tensorflow as tf
from scipy import stats

from keras_vae.evidence.log_joint import log_joint


def test_it_is_the_log_density_of_x_and_z_together(linear):
    model = linear([2.0, 1.0])
    x, z = model.draw(40), np.random.default_rng(2).normal(size=(40, 2))
    likelihood = stats.norm(z @ model.exact.weights.T + model.exact.mean, 1.0)
    expected = likelihood.logpdf(x).sum(axis=1) + stats.norm.logpdf(z).sum(axis=1)
    got = log_joint(model.vae, tf.constant(x), tf.constant(z, "float32"))
    np.testing.assert_allclose(got, expected, rtol=1e-5)
