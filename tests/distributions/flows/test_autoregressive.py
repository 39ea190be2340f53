import numpy as np
import pytest
import tensorflow as tf

from keras_vae.distributions.flows import Autoregressive


@pytest.mark.parametrize("d", [1, 2, 5])
def test_each_output_sees_the_latents_before_it_alone_and_all_of_the_context(d):
    network = Autoregressive(16, seed=1)
    network.build(((None, d), (None, 3)))
    rng = np.random.default_rng(0)
    for weight in network.weights:
        weight.assign(rng.normal(size=weight.shape))
    z, context = tf.constant(rng.normal(size=(1, d)), "float32"), tf.ones((1, 3))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([z, context])
        m, s = network((z, context))
    for output in (m, s):
        of_z = np.asarray(tape.jacobian(output, z))[0, :, 0]
        assert (of_z[np.triu_indices(d)] == 0).all()
        assert (of_z[np.tril_indices(d, -1)] != 0).all()
        assert (np.asarray(tape.jacobian(output, context)) != 0).all()


def test_it_starts_near_the_identity():
    network = Autoregressive(16)
    network.build(((None, 4), (None, 3)))
    z = np.random.default_rng(0).normal(size=(50, 4)).astype("float32")
    m, s = network((z, np.ones((50, 3), "float32")))
    assert np.abs(m).max() < 0.2
    np.testing.assert_allclose(s, 2, atol=0.2)
