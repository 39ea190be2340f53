import keras
import numpy as np
import pytest

from keras_vae import VAE
from keras_vae.distributions import Z_LOG_VAR_RANGE
from keras_vae.evidence import inference_gaps


def test_steps_are_in_standard_deviations_and_fall_along_a_cosine(linear):
    """So far from the optimum that all gradients are the same, Adam's steps are its rate."""
    for strengths in ([2.0], [300.0]):
        model = linear(strengths).shift_means(1000)
        x = model.draw(5)
        options = {"steps": 10, "learning_rate": 1e-3}
        result = inference_gaps(model.vae, x, model.exact.log_evidence(x), **options)
        z_mean, z_log_var = model.vae.encode(x)
        moved = (result.z_mean - z_mean) / np.exp(z_log_var / 2)
        rates = 1e-3 * (1 + np.cos(np.pi * np.arange(10) / 10)) / 2
        np.testing.assert_allclose(moved, -np.sum(rates), rtol=0.02)


def test_rounding_is_not_a_gradient(linear):
    model = linear([100.0, 10.0])
    x = model.draw(50)
    result = inference_gaps(model.vae, x, model.exact.log_evidence(x), steps=1)
    z_mean, z_log_var = model.vae.encode(x)
    moved = (result.z_mean - z_mean) / np.exp(z_log_var / 2)
    assert np.mean(np.abs(moved)) < 0.015  # of a step of 0.1, where there is noise
    assert np.mean(np.abs(result.z_log_var - z_log_var)) == pytest.approx(0.1, rel=0.1)


def test_the_variance_stays_in_the_range_of_the_encoder(linear):
    model = linear([3000.0])  # whose best variance lies below it
    x = model.draw(5)
    result = inference_gaps(model.vae, x, model.exact.log_evidence(x), steps=50)
    np.testing.assert_array_equal(result.z_log_var, Z_LOG_VAR_RANGE[0])


def test_layers_of_training_are_off(linear):
    model = linear([2.0, 1.0])
    decoder = keras.Sequential([model.vae.decoder, keras.layers.Dropout(0.5)])
    vae = VAE(model.vae.encoder, decoder, likelihood=model.vae.likelihood)
    x = model.draw(20)
    evidence = model.exact.log_evidence(x)
    result, expected = (inference_gaps(v, x, evidence, steps=20) for v in (vae, model.vae))
    np.testing.assert_allclose(result.optimized_elbo, expected.optimized_elbo, atol=1e-4)
