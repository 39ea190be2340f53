"""Training mode, draws, samples and exports of models in closed form."""

import dataclasses

import keras
import numpy as np
import pytest
from diagnosis.made_subjects import SIGMA, WEIGHTS, linear_subject

from keras_vae import VAE
from keras_vae.diagnosis import Gaussian, of_vae
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.distributions import LIKELIHOODS
from keras_vae.networks import mlp_decoder, mlp_encoder


def test_the_noise_of_right_code_is_standard_normal_and_new_each_time(linear):
    noise = linear.noise
    assert abs(noise.std - 1) < 4 * noise.std_standard_error
    assert abs(noise.row_correlation) < 4 * noise.correlation_standard_error
    assert abs(noise.call_correlation) < 4 * noise.correlation_standard_error


def test_samples_of_the_prior_are_told_from_samples_of_something_else():
    rng = np.random.default_rng(0)
    decode = linear_subject().decode

    def bins(std):
        return Measurements(
            linear_subject(
                generate=lambda count: decode(std * rng.standard_normal((count, 3))),
            )
        ).generated_bins

    assert bins(1.0).p_value > 1e-4
    assert bins(0.4).p_value < 1e-4


def test_rounding_of_outputs_that_do_not_vary_is_no_difference():
    def decode(z):
        return (0.1 + 1e-5 * z).astype("float32")  # the data span about 10

    def generate(count):  # the same, rounded in another way
        return decode(np.random.default_rng(0).standard_normal((count, 3))) + np.float32(1e-4)

    subject = dataclasses.replace(linear_subject(), decode=decode, generate=generate)
    assert Measurements(subject).generated_bins is None


def test_training_mode_is_held_against_evaluation_with_the_same_noise():
    whole = linear_subject(count=100)
    m = Measurements(
        dataclasses.replace(whole, training_mode=(whole.encode, lambda z: whole.decode(z) + 0.1))
    )
    np.testing.assert_array_equal(m.training_mode_terms.z, m.train_terms.z)
    # -log N(x; m + c) + log N(x; m) = (n c^2 - 2 c sum(x - m)) / 2 sigma^2
    errors = (m.train - whole.decode(m.train_terms.z)).sum(axis=1)
    expected = (3 * 0.1**2 - 2 * 0.1 * errors) / (2 * SIGMA**2)
    rise = m.training_mode_terms.distortion - m.train_terms.distortion
    np.testing.assert_allclose(rise, expected, atol=1e-5)


@pytest.mark.parametrize("part", ["z_mean", "z_log_var", "decode"])
def test_the_drift_of_an_export_is_relative_to_the_largest_output(part):
    whole = linear_subject()
    add = {name: 0.25 * (name == part) for name in ("z_mean", "z_log_var", "decode")}

    def encode(x):
        z_mean, z_log_var = whole.encode(x)
        return z_mean + add["z_mean"], z_log_var + add["z_log_var"]

    m = Measurements(
        dataclasses.replace(whole, served=(encode, lambda z: whole.decode(z) + add["decode"]))
    )
    z_mean, z_log_var = whole.encode(m.test[:100])
    largest = {
        "z_mean": z_mean,
        "z_log_var": z_log_var,
        "decode": whole.decode(m.test_terms.z[:100]),
    }
    expected = 0.25 / np.abs(largest[part]).max()
    assert m.served_drift == pytest.approx(expected, rel=1e-4)


def test_an_export_that_answers_with_nan_has_drifted_without_limit():
    whole = linear_subject()
    served = (whole.encode, lambda z: np.full((len(z), 3), np.nan))
    assert Measurements(dataclasses.replace(whole, served=served)).served_drift == np.inf


def test_the_drift_of_a_decoder_of_variances_is_that_of_its_worse_half():
    def decode(z):
        return z * WEIGHTS, np.ones((len(z), 3))

    def served(z):
        mean, log_var = decode(z)
        return mean, 1.5 * log_var

    subject = linear_subject(decode=decode, likelihood=Gaussian("decoded"))
    subject = dataclasses.replace(subject, served=(subject.encode, served))
    assert Measurements(subject).served_drift == pytest.approx(0.5)


@pytest.mark.parametrize("name", ["log_normal", "poisson"])
def test_what_stands_for_x_in_a_reconstruction_is_compared_with_the_same(name):
    keras.utils.set_random_seed(0)
    likelihood = LIKELIHOODS[name]()
    decoder = mlp_decoder(likelihood.parameter_shapes((3,)), 2, (4,))
    vae = VAE(mlp_encoder((3,), 2, (4,)), decoder, likelihood, seed=0)
    x = np.random.default_rng(0).poisson(4, (200, 3)).astype("float32") + 1
    found = Measurements(of_vae(vae, x), examples=200).generated_bins
    assert found.p_value > 1e-4


def test_what_a_conditional_model_generates_is_compared_under_conditions_from_all_over_the_data():
    keras.utils.set_random_seed(0)
    condition = np.repeat(np.eye(2, dtype="float32"), 200, axis=0)  # in the order of the classes
    given = {"x": 9 * condition, "condition": condition}
    encoder = mlp_encoder((2,), 2, (4,), condition_shape=(2,))
    decoder = mlp_decoder((2,), 2, (4,), condition_shape=(2,))
    vae = VAE(encoder, decoder, "gaussian", seed=0)
    generated = of_vae(vae, given).generate(100)
    z = keras.ops.convert_to_numpy(keras.random.normal((4000, 2), seed=1))
    means = [vae.decode(z, condition=each).mean(axis=0) for each in np.eye(2)]
    errors = [vae.decode(z, condition=each).std(axis=0) / 50**0.5 for each in np.eye(2)]
    for half, mean, error in zip((generated[:50], generated[50:]), means, errors, strict=True):
        assert (np.abs(half.mean(axis=0) - mean) < 4 * error).all()
