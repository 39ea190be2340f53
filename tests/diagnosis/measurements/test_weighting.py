"""The weight of the rate, of models that were made for one."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import SIGMA, WEIGHTS, binary_subject, linear_subject

from keras_vae.diagnosis import Gaussian
from keras_vae.diagnosis.measurements import Measurements


@pytest.mark.parametrize("beta", [0.25, 1.0, 3.0])
def test_the_implied_beta_is_the_one_that_the_encoder_was_made_for(beta):
    implied = Measurements(linear_subject(beta=beta)).implied_beta
    assert abs(implied.beta - beta) < 4 * implied.standard_error
    assert abs(implied.by_means - beta) < 4 * implied.by_means_standard_error
    assert implied.standard_error < 0.1 * beta


def test_the_collapse_threshold_is_the_largest_eigenvalue_over_sigma_squared(linear):
    threshold, error = linear.collapse_threshold
    covariance = np.cov(linear.train.T.astype("float64"), bias=True)
    assert threshold == pytest.approx(np.linalg.eigvalsh(covariance)[-1] / SIGMA**2, rel=1e-4)
    assert abs(threshold - (1 + 9 / SIGMA**2)) < 4 * error


def test_constant_data_have_no_collapse_threshold():
    subject = binary_subject(count=100)
    constant = dataclasses.replace(subject, train=np.ones_like(subject.train))
    # a Bernoulli's variance is p (1 - p) of the data
    assert Measurements(constant).collapse_threshold is None


def test_a_model_that_leaves_nothing_over_has_a_residual_threshold_near_one(linear):
    threshold, error = linear.residual_threshold
    assert threshold == pytest.approx(1.0, abs=4 * error + 0.05)


def test_a_latent_that_is_missing_stands_in_the_residual():
    w = np.diag(WEIGHTS)[:, :1]
    whole = linear_subject()
    m = Measurements(
        linear_subject(
            encode=lambda x: [part[:, :1] for part in whole.encode(x)], decode=lambda z: z @ w.T
        )
    )
    threshold, error = m.residual_threshold
    # what the second latent explained: (1 + sigma^2) / sigma^2
    assert abs(threshold - (1 + SIGMA**2) / SIGMA**2) < 4 * error


def test_a_binary_residual_is_measured_in_the_decoders_own_variance():
    threshold, _ = Measurements(binary_subject()).residual_threshold
    # the largest of 60 eigenvalues from 1000 examples, each 1 (Marchenko & Pastur 1967)
    assert threshold == pytest.approx((1 + np.sqrt(60 / 1000)) ** 2, abs=0.1)
    # without its second cause: the correlation matrix of half of the entries
    m = Measurements(binary_subject(decode=lambda z: np.repeat(2 * z * [1, 0], 30, axis=1)))
    threshold, error = m.residual_threshold
    spread = m.test[:, 30:] - 0.5
    covariance = np.cov(spread.T.astype("float64"), bias=True)
    expected = np.linalg.eigvalsh(covariance)[-1] / 0.25
    assert threshold == pytest.approx(expected, abs=4 * error)
    assert threshold > 5


@pytest.mark.parametrize("claimed", [0.25, 0.5, 1.0])
def test_the_variance_ratio_is_the_true_variance_over_the_claimed_one(claimed):
    ratio, error = Measurements(linear_subject(likelihood=Gaussian(claimed))).variance_ratio
    assert abs(ratio - (SIGMA / claimed) ** 2) < 4 * error


def test_the_effective_beta_is_that_of_the_code_before_what_is_declared():
    whole = linear_subject(beta=4.0, entries=30, count=1100)
    error = 4 * Measurements(whole).reported.distortion_scale_error
    assert error < 0.05
    declared = dataclasses.replace(whole, beta=1.0)
    for subject in (whole, declared):
        assert Measurements(subject).effective_beta == pytest.approx(4.0, rel=error)
    averaged = dataclasses.replace(
        whole, loss_fn=lambda x: {"distortion": whole.loss_fn(x)["distortion"] / 30}
    )
    assert Measurements(averaged).effective_beta == pytest.approx(120.0, rel=error)

    unknown = dataclasses.replace(whole, loss_fn=None)
    assert Measurements(unknown).effective_beta == 4.0
    logged = dataclasses.replace(unknown, history={"beta": [0.5, 2.0]})
    assert Measurements(logged).effective_beta == 2.0


def test_the_reported_terms_of_right_code_are_the_measured_ones():
    reported = Measurements(linear_subject(beta=2.0)).reported
    assert abs(reported.distortion_scale - 1) < 4 * reported.distortion_scale_error
    assert reported.rate_scale == pytest.approx(1.0, rel=1e-4)
    assert reported.rate_formula == "correct"
    assert not reported.leaves_out_constants
    assert reported.rate_weight / reported.distortion_weight == pytest.approx(2.0, rel=1e-2)


def test_squared_errors_are_known_to_leave_constants_out():
    whole = linear_subject(sigma=0.1, decode=lambda z: 0 * z)
    # batches of different errors, which a decoder of nothing makes of examples of different size
    train = whole.train * np.linspace(0.2, 1, 2000, dtype="float32")[:, None]

    def loss_fn(x):
        return {"distortion": np.sum(x**2, axis=1) / (2 * 0.1**2)}

    m = Measurements(dataclasses.replace(whole, train=train, loss_fn=loss_fn))
    assert m.reported.leaves_out_constants
    assert m.reported.distortion_scale == pytest.approx(1.0, rel=1e-5)
    # n/2 log(2 pi sigma^2)
    assert m._constants == pytest.approx(1.5 * np.log(2 * np.pi * 0.01))


def test_decoded_variances_are_counted_below_a_256th_of_the_range():
    def decode(z):
        log_var = np.broadcast_to(2 * np.log([1e-4, 1.0, 1.0]), (len(z), 3))
        return z * WEIGHTS, log_var

    m = Measurements(linear_subject(decode=decode, likelihood=Gaussian("decoded")))
    fraction, floor = m.smallest_sigmas
    assert fraction == pytest.approx(1 / 3)
    assert floor == pytest.approx(np.ptp(m.train) / 256)
    assert m.variance_ratio is None
    assert Measurements(linear_subject()).smallest_sigmas is None
