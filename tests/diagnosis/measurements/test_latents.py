"""What the latents of models in closed form do."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import (
    SIGMA,
    WEIGHTS,
    binary_subject,
    linear_subject,
    stretched_subject,
)

from keras_vae.diagnosis.measurements import Measurements
from keras_vae.measures import standard_error


def test_another_examples_z_costs_what_the_latents_explain(linear):
    gap, error = linear.shuffle_gap
    # E|x - W z'|^2 - E|x - W z|^2 = 2 sum_j w_j^2, over 2 sigma^2
    assert abs(gap - np.sum(np.square(WEIGHTS)) / SIGMA**2) < 4 * error


def test_latents_are_active_where_the_posterior_mean_varies():
    # its variance over the data: w^2 / (w^2 + sigma^2) = 0.5 and 0.0016
    m = Measurements(linear_subject(weights=(0.5, 0.02)))
    np.testing.assert_array_equal(m.active, [True, False])


@pytest.mark.slow
def test_the_exact_posteriors_fill_the_prior(linear):
    assert abs(linear.prior_auc.auc - 0.5) < 4 * linear.prior_auc.standard_error


def test_codes_that_fill_another_prior_have_no_hole_under_it():
    m, blind = (Measurements(stretched_subject(told)) for told in (True, False))
    assert abs(m.prior_auc.auc - 0.5) < 4 * m.prior_auc.standard_error
    assert abs(m.mixture_gain.mean()) < 4 * standard_error(m.mixture_gain) + 0.1
    # KL(N(3, 4) || N(0, 1)) of three latents
    assert blind.mixture_gain.mean() == pytest.approx(3 * (6 - np.log(2)), rel=0.05)
    # the std of a posterior mean over the data, w / sqrt(w^2 + sigma^2), in that of the prior
    assert m.largest_spread == pytest.approx(3 / np.hypot(3, SIGMA), rel=0.1)
    assert blind.largest_spread == pytest.approx(2 * 3 / np.hypot(3, SIGMA), rel=0.1)


def test_draws_of_another_prior_decode_to_the_data():
    subject = stretched_subject()
    generated = dataclasses.replace(
        subject, generate=lambda count: subject.decode(subject.prior[0](count, 77))
    )
    m = Measurements(generated)
    assert m.prior_output_bias < 0.2
    assert m.generated_bins.p_value > 1e-4
    cold = dataclasses.replace(
        subject, generate=lambda count: subject.decode(np.full((count, 3), 3.0))
    )
    assert Measurements(cold).generated_bins.p_value < 1e-4


def test_the_range_of_the_decoder_is_asked_for_far_out():
    m = Measurements(binary_subject(count=100))
    low, high = m.output_range
    assert (low, high) == pytest.approx((0.0, 1.0), abs=1e-6)
    m = Measurements(linear_subject(count=100, decode=lambda z: np.tanh(1e-2 * z)))
    assert m.output_range == pytest.approx((-1.0, 1.0), abs=1e-3)


def test_what_the_decoder_leaves_behind_far_out_is_no_end():
    # falls everywhere: 0.5 is its highest value and no limit; a relu has a limit on one side
    m = Measurements(linear_subject(count=100, decode=lambda z: 0.5 - np.abs(z)))
    assert m.output_range[1] == np.inf
    m = Measurements(linear_subject(count=100, decode=lambda z: np.maximum(z, 0)))
    assert m.output_range[0] == 0
    assert m.output_range[1] > 1000


def test_a_mean_that_overflows_far_out_has_no_end_there():
    def decode(z):  # as the mean of a log-normal
        with np.errstate(over="ignore"):
            return np.exp(z.astype("float32"))

    low, high = Measurements(linear_subject(count=100, decode=decode)).output_range
    assert (low, high) == (0, np.inf)


def test_a_direction_in_which_all_units_are_dead_is_no_end():
    def decode(z):
        is_dead = z[:, :1] > 0.98 * np.linalg.norm(z, axis=1, keepdims=True)
        return np.where(is_dead, 0.5, 0.5 - np.abs(z))

    assert Measurements(linear_subject(count=100, decode=decode)).output_range[1] == np.inf
