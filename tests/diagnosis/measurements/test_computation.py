"""Training mode, draws, samples and exports of models in closed form."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import SIGMA, WEIGHTS, linear_subject

from keras_vae.diagnosis import Gaussian
from keras_vae.diagnosis.measurements import Measurements


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
