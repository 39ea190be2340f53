"""What a VAE computes; the terms of a plain one are tested with `terms` and `vae`."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from extensions import conditional

from keras_vae import VAE, DataError
from keras_vae.distributions import Bernoulli
from keras_vae.networks import mlp_decoder

X = np.random.default_rng(0).standard_normal((6, 4)).astype("float32")
GIVEN = conditional.given(X)


@pytest.fixture
def vae():
    return conditional.make(X)


def test_the_terms_of_a_conditional_model_are_those_of_its_networks(vae):
    terms = vae.terms(GIVEN, seed=1)
    z_mean, _ = vae.encoder({name: tf.constant(part) for name, part in GIVEN.items()})
    z, condition = terms.z[0], tf.constant(GIVEN["condition"])
    mean = vae.decoder({"z": z, "condition": condition})
    expected = vae.likelihood.distribution(mean).log_prob(X)
    np.testing.assert_allclose(terms.log_likelihood[0], expected, rtol=1e-5)
    np.testing.assert_allclose(vae.conditional_log_prob(GIVEN, z), expected, rtol=1e-5)
    at_mean = vae.decoder({"z": z_mean, "condition": condition})
    np.testing.assert_allclose(vae(GIVEN), at_mean, rtol=1e-5)


def test_another_condition_is_another_model(vae):
    other = {**GIVEN, "condition": np.roll(GIVEN["condition"], 1, axis=1)}
    assert np.abs(vae.predict(other, verbose=0) - vae.predict(GIVEN, verbose=0)).max() > 1e-3


def test_an_entry_that_is_missing_changes_nothing_bit_for_bit(vae):
    mask = np.random.default_rng(1).integers(0, 2, X.shape)
    first, second = (
        vae.terms({**GIVEN, "mask": mask, "x": np.where(mask, X, other)}, seed=1)
        for other in (np.nan, 7.0)
    )
    for name in ("distortion", "rate", "elbo"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    # log p(x|z) of the observed entries of this z
    mean = vae.decode(first.z[0], condition=GIVEN["condition"])
    sigma = float(vae.likelihood.sigma)
    entries = -0.5 * ((X - mean) / sigma) ** 2 - np.log(sigma * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(-first.distortion, (mask * entries).sum(axis=1), rtol=1e-4)


def test_an_encoder_that_asks_for_the_mask_sees_it():
    inputs = {name: keras.Input((4,), name=name) for name in ("x", "mask")}
    total = keras.layers.Concatenate()(list(inputs.values()))
    heads = [keras.layers.Dense(2, kernel_initializer="ones")(total) for _ in range(2)]
    vae = VAE(keras.Model(inputs, heads), mlp_decoder((4,), 2, (3,)), "gaussian")
    mask = np.array([[1, 1, 1, 0]] * 6)
    z_mean, _ = vae.encode({"x": X, "mask": mask})
    np.testing.assert_allclose(z_mean[:, 0], X[:, :3].sum(axis=1) + 3, rtol=1e-5)
    np.testing.assert_allclose(vae.encode(X)[0][:, 0], X.sum(axis=1) + 4, rtol=1e-5)


@pytest.mark.parametrize("method", ["terms", "encode", "predict", "posterior", "log_likelihood"])
def test_a_conditional_model_needs_its_condition(vae, method):
    with pytest.raises(DataError, match="no condition was given"):
        getattr(vae, method)(X)


def test_training_takes_dictionaries_weights_and_validation(vae):
    vae.compile("adam", jit_compile=False)
    mask = np.ones_like(X)
    mask[:, 0] = 0
    given = {**GIVEN, "mask": mask}
    weights = np.array([1.0, 0, 0, 0, 0, 0])
    history = vae.fit(
        given, sample_weight=weights, validation_data=given, epochs=2, batch_size=6, verbose=0
    ).history
    # the loss of the one example that counts, with the noise of these steps
    np.testing.assert_allclose(history["loss"], np.add(history["distortion"], history["rate"]))
    alone = vae.terms({name: part[:1] for name, part in given.items()}, seed=3)
    all_of_them = vae.terms(given, seed=3)
    assert float(alone.rate[0]) == pytest.approx(float(all_of_them.rate[0]), rel=1e-5)
    assert history["rate"][-1] == pytest.approx(float(alone.rate[0]), rel=0.1)


class WithoutMasks(Bernoulli):
    """A likelihood whose own log p(x|z) knows no masks."""

    def log_prob(self, x, parameters):
        return super().log_prob(x, parameters)


def test_a_mask_that_the_likelihood_does_not_take_is_one_line(small_vae, binary_x):
    vae = small_vae(likelihood=WithoutMasks())
    np.testing.assert_array_equal(
        vae.terms(binary_x, seed=0).elbo, small_vae().terms(binary_x, seed=0).elbo
    )
    given = {"x": binary_x, "mask": np.ones_like(binary_x)}
    for method in (vae.fit, vae.evaluate, vae.terms):
        with pytest.raises(DataError, match=r"^a mask was given, and \S*WithoutMasks.log_prob"):
            method(given)
