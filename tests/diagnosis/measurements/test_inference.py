"""Searched posteriors and bounds where log p(x) is known."""

import dataclasses

import numpy as np
from diagnosis.made_subjects import EXACT, SIGMA, WEIGHTS, assert_mean, linear_subject

from keras_vae.diagnosis import Gaussian
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.measures import standard_error


def test_with_the_exact_posterior_every_bound_is_log_p_of_each_example(linear):
    few = len(linear.inference.elbo)
    exact = EXACT.log_evidence(linear.test[:few])
    assert 20 <= few < len(linear.test)
    for bound in (linear.inference.elbo, linear.inference.encoder_bound):
        np.testing.assert_allclose(bound, exact, atol=1e-3)
    # half of its draws are of the posterior that was searched
    assert_mean(linear.inference.bound - exact, 0.0)
    lost = exact - linear.inference.refined_elbo
    assert -4 * standard_error(lost) < np.mean(lost) < 0.1
    exact = EXACT.log_evidence(linear.train[:few])
    np.testing.assert_allclose(linear.train_inference.elbo, exact, atol=1e-3)


def test_a_search_finds_most_of_what_a_wrong_encoder_loses():
    whole = linear_subject()

    def encode(x):
        z_mean, z_log_var = whole.encode(x)
        return z_mean, z_log_var + np.log(4)

    m = Measurements(dataclasses.replace(whole, encode=encode))
    best = m.inference
    log_p = EXACT.log_evidence(m.test[: len(best.elbo)])
    # KL(q || p(z|x)) = 1/2 sum_j (4 - 1 - log 4)
    gap = 1.5 * (3 - np.log(4))
    assert_mean(log_p - best.elbo, gap)
    assert 0.8 * gap < np.mean(best.refined_elbo - best.elbo) < gap + 0.05
    # the weights vary, so that L_K lies a little below log p(x)
    lost = log_p - best.bound
    assert -4 * standard_error(lost) < np.mean(lost) < 0.1
    assert np.mean(log_p - best.encoder_bound) > np.mean(lost) - 0.01


def test_the_models_own_bound_is_asked_for_the_examples_of_ours():
    subject = linear_subject(bound=lambda x, k: EXACT.log_evidence(x) - 2 + 0 * k)
    m = Measurements(subject)
    k, theirs, ours, elbo, weighted = m.reported_bound
    assert k > 1
    np.testing.assert_allclose(theirs, ours - 2, atol=1e-3)
    np.testing.assert_allclose(elbo, ours, atol=1e-3)
    np.testing.assert_allclose(weighted, ours, atol=1e-3)
    assert Measurements(linear_subject()).reported_bound is None


def test_each_part_is_probed_once_and_with_the_noise_of_before():
    asked = []

    def probe(part, steps):
        asked.append((part, steps > 0))
        return linear_subject(count=100)

    m = Measurements(linear_subject(count=100, probe=probe))
    for part in ("both", "encoder", "both", "encoder"):
        np.testing.assert_array_equal(m.probe(part).elbo, m.held_out.elbo)
    assert asked == [("both", True), ("encoder", True)]


def test_a_probe_is_measured_by_what_it_learnt():
    m = Measurements(
        linear_subject(likelihood=Gaussian(2.0), probe=lambda part, steps: linear_subject())
    )
    # sigma was all that was wrong
    assert_mean(m.probe("both").elbo - EXACT.log_evidence(m.test), 0.0)

    def log_prob(x, z):
        return Gaussian(SIGMA).log_prob(x, z * WEIGHTS) + 5

    same = linear_subject(log_prob=log_prob)
    m = Measurements(dataclasses.replace(same, probe=lambda part, steps: same))
    np.testing.assert_allclose(m.probe("both").elbo, m.held_out.elbo)
