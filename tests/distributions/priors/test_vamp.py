import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_vae import VAE, ConfigError
from keras_vae.distributions import InverseAutoregressiveFlow, VampPrior
from keras_vae.networks import mlp_decoder, mlp_encoder


def made(posterior="diagonal", **options):
    keras.utils.set_random_seed(0)
    heads = {"z_mean": 2, "z_log_var": 2, "z_below": 1} if posterior == "full" else None
    encoder = mlp_encoder((4,), 2, (8,), heads=heads)
    prior = VampPrior(3, **options)
    return VAE(encoder, mlp_decoder((4,), 2, (8,)), prior=prior, posterior=posterior, seed=0)


@pytest.mark.parametrize("posterior", ["diagonal", "full"])
def test_the_density_is_the_mean_of_q_given_the_pseudo_inputs(posterior):
    vae = made(posterior)
    u = np.asarray(vae.prior.pseudo_inputs)
    z = np.random.default_rng(0).normal(size=(20, 2)).astype("float32")
    each = [np.asarray(vae.posterior(u[k : k + 1]).log_prob(z), "float64") for k in range(3)]
    expected = np.logaddexp.reduce(each) - np.log(3)
    np.testing.assert_allclose(vae.prior.distribution(2).log_prob(z), expected, rtol=1e-4)


def test_pseudo_inputs_stay_in_the_range_and_start_at_examples():
    low, high = [0.0, -1.0, 5.0, 2.0], [1.0, 1.0, 9.0, 2.0]
    vae = made(low=low, high=high)
    x = np.array([[0, 1, 7, 2], [1, -1, 5, 2], [0.5, 0, 9, 2]], "float32")
    vae.prior.start_at(x)
    u = np.asarray(vae.prior.pseudo_inputs)
    # in any order, at most 2 % of the range from the examples
    order = np.argsort(u[:, 0])
    np.testing.assert_allclose(u[order], x[np.argsort(x[:, 0])], atol=0.02 * 4 + 1e-6)
    vae.prior.inputs.assign(100 * np.random.default_rng(0).normal(size=(3, 4)))
    u = np.asarray(vae.prior.pseudo_inputs)
    assert (u >= low).all()
    assert (u <= high).all()


def test_training_moves_pseudo_inputs_and_they_come_back_from_a_file(tmp_path):
    vae = made()
    x = np.random.default_rng(0).integers(0, 2, (60, 4)).astype("float32")
    before = np.asarray(vae.prior.pseudo_inputs)
    vae.compile(keras.optimizers.Adam(1e-2), jit_compile=False)
    vae.fit(x, batch_size=20, epochs=2, verbose=0)
    after = np.asarray(vae.prior.pseudo_inputs)
    assert np.abs(after - before).max() > 1e-3
    vae.save(tmp_path / "vae.keras")
    loaded = keras.saving.load_model(tmp_path / "vae.keras")
    np.testing.assert_array_equal(loaded.prior.pseudo_inputs, after)
    z = np.zeros((1, 2), "float32")
    np.testing.assert_array_equal(
        loaded.prior.distribution(2).log_prob(z), vae.prior.distribution(2).log_prob(z)
    )


def test_the_encoder_gets_a_gradient_through_the_prior():
    vae = made()
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(vae.prior.distribution(2).log_prob(tf.ones((5, 2))))
    gradients = tape.gradient(loss, vae.encoder.trainable_variables)
    assert all(np.abs(gradient).max() > 0 for gradient in gradients)


def test_what_it_cannot_be_made_of_is_refused():
    with pytest.raises(ConfigError, match="a VampPrior is a part of a VAE"):
        VampPrior(3).distribution(2)
    flow = InverseAutoregressiveFlow(1, 4, 2)
    with pytest.raises(ConfigError, match="choose posterior diagonal or full, or another prior"):
        VampPrior(3).attach(flow, None, (4,))
    condition = keras.Input((2,), name="condition")
    x, z = keras.Input((4,), name="x"), keras.Input((2,), name="z")
    h = keras.layers.Concatenate()([x, condition])
    encoder = keras.Model(
        {"x": x, "condition": condition}, [keras.layers.Dense(2)(h) for _ in range(2)]
    )
    decoder = keras.Model(
        {"z": z, "condition": condition},
        keras.layers.Dense(4)(keras.layers.Concatenate()([z, condition])),
    )
    with pytest.raises(ConfigError, match="learns neither conditions nor masks"):
        VAE(encoder, decoder, prior=VampPrior(3))
