"""Draws of z that are not z_mean + std * epsilon, and by how much."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import binary_subject, linear_subject

from keras_vae.diagnosis.finding import ERROR, UNDETERMINED
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import noise

RULES = [getattr(noise, name) for name in noise.__all__]
SUBJECT = linear_subject(count=300)
# Of the three latents, the same for every x.
STD = np.exp(SUBJECT.encode(SUBJECT.train[:1])[1][0] / 2)


def drawn(epsilon):
    """`SUBJECT` with noise of its own making: epsilon(rng, shape) in place of a standard normal."""
    rng = np.random.default_rng(17)

    def training_draw(x):
        z_mean, _ = SUBJECT.encode(x)
        return z_mean + STD * epsilon(rng, z_mean.shape)

    return Measurements(dataclasses.replace(SUBJECT, training_draw=training_draw))


def healthy(rng, shape):
    return rng.standard_normal(shape)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("subject", [SUBJECT, binary_subject(count=300)])
def test_independent_standard_noise_gives_no_finding(rule, subject):
    assert rule(Measurements(subject)) is None


@pytest.mark.parametrize("rule", RULES)
def test_without_draws_of_z_there_is_nothing_to_hear(rule):
    assert rule(Measurements(dataclasses.replace(SUBJECT, training_draw=None))) is None


def only(measurements):
    """The one finding."""
    (found,) = [f for f in (rule(measurements) for rule in RULES) if f is not None]
    return found


def test_z_without_noise_is_found_and_nothing_else_is_said_of_it():
    found = only(drawn(lambda rng, shape: np.zeros(shape)))
    assert (found.name, found.severity) == ("noise_missing", ERROR)
    assert found.evidence[0].value == 0
    assert found.evidence[0].threshold > 0.01


@pytest.mark.parametrize("scale", [0.3, 0.7, 1.5])
def test_noise_of_another_scale_is_measured(scale):
    found = only(drawn(lambda rng, shape: scale * healthy(rng, shape)))
    assert (found.name, found.severity) == ("noise_scale_wrong", ERROR)
    error = found.evidence[0].standard_error
    # of the std of 32 calls * 128 examples * 3 latents standard normal numbers
    assert error == pytest.approx((2 * 32 * 128 * 3) ** -0.5)
    assert found.evidence[0].value == pytest.approx(abs(scale - 1), abs=4 * scale * error)
    assert "scaled by something else" in found.cause


@pytest.mark.parametrize(
    ("power", "words"),
    [(2, "the variance, exp(z_log_var), is used"), (0, "the std does not scale it")],
)
def test_the_usual_mix_ups_of_std_and_variance_are_named(power, words):
    factor = STD**power / STD
    found = only(drawn(lambda rng, shape: factor * healthy(rng, shape)))
    assert (found.name, found.severity) == ("noise_scale_wrong", ERROR)
    # epsilon is a mixture of as many of each factor
    expected = abs(np.sqrt(np.mean(factor**2)) - 1)
    error = factor.max() * found.evidence[0].standard_error
    assert found.evidence[0].value == pytest.approx(expected, abs=4 * np.sqrt(3) * error)
    assert words in found.cause


def test_a_scale_at_the_threshold_is_undetermined_and_says_what_would_settle_it():
    threshold = only(drawn(lambda rng, shape: 0.5 * healthy(rng, shape))).evidence[0].threshold
    found = only(drawn(lambda rng, shape: (1 + threshold) * healthy(rng, shape)))
    assert (found.name, found.severity) == ("noise_scale_wrong", UNDETERMINED)
    assert "training_draw" in found.remedy


def test_few_draws_leave_the_scale_undetermined():
    found = noise.noise_scale_wrong(Measurements(linear_subject(count=5, weights=(1.0,))))
    assert found.severity == UNDETERMINED


def test_the_same_noise_in_every_call_is_found():
    found = only(drawn(lambda rng, shape: healthy(np.random.default_rng(5), shape)))
    assert (found.name, found.severity) == ("noise_repeated", ERROR)
    assert found.evidence[0].value == pytest.approx(1, abs=0.01)
    assert "seed" in found.remedy


def test_one_noise_for_the_whole_batch_is_found():
    found = noise.noise_shared_by_batch(drawn(lambda rng, shape: healthy(rng, (1, shape[1]))))
    assert (found.name, found.severity) == ("noise_shared_by_batch", ERROR)
    assert found.evidence[0].value == pytest.approx(1, abs=0.01)
    assert "(batch, d)" in found.remedy


def test_noise_that_is_shared_in_part_has_the_correlation_of_the_part():
    part = 0.6

    def epsilon(rng, shape):
        own, shared = healthy(rng, shape), healthy(rng, (1, shape[1]))
        return np.sqrt(1 - part) * own + np.sqrt(part) * shared

    found = noise.noise_shared_by_batch(drawn(epsilon))
    # of part times the mean square of 32 calls * 3 latents
    assert found.evidence[0].value == pytest.approx(part, abs=4 * part * np.sqrt(2 / 96))


@pytest.mark.parametrize(
    ("kind", "rule", "axis"),
    [("row", noise.noise_shared_by_batch, 0), ("call", noise.noise_repeated, 1)],
)
def test_a_correlation_at_the_threshold_is_undetermined(kind, rule, axis):
    measurements = drawn(healthy)
    threshold = rule(drawn(lambda rng, shape: np.ones(shape))).evidence[0].threshold
    audit = measurements.noise
    values = {f"{kind}_correlation": threshold + audit.correlation_standard_error}
    measurements.noise = dataclasses.replace(audit, **values)
    found = rule(measurements)
    assert found.severity == UNDETERMINED
    assert "more examples" in found.remedy


def test_an_encoder_that_changes_its_mind_is_measured_by_its_largest_change():
    calls = []

    def encode(x):
        calls.append(x)
        z_mean, z_log_var = SUBJECT.encode(x)
        z_mean[len(x) // 2, 1] += 0.25 * len(calls)
        return z_mean, z_log_var

    found = noise.encoder_is_random(Measurements(dataclasses.replace(SUBJECT, encode=encode)))
    assert (found.name, found.severity) == ("encoder_is_random", ERROR)
    assert found.evidence[0].value == pytest.approx(0.25, rel=1e-5)


def test_an_encoder_whose_z_mean_is_a_draw_of_z_is_random():
    encode = lambda x: (SUBJECT.training_draw(x), SUBJECT.encode(x)[1])  # noqa: E731
    found = noise.encoder_is_random(Measurements(dataclasses.replace(SUBJECT, encode=encode)))
    # the largest of 300 differences of two draws
    assert 2 < found.evidence[0].value / (np.sqrt(2) * STD.max()) < 5


def test_rounding_is_no_randomness():
    rng = np.random.default_rng(3)

    def encode(x):
        z_mean, z_log_var = SUBJECT.encode(x)
        return z_mean + 1e-6 * rng.standard_normal(z_mean.shape), z_log_var

    assert (
        noise.encoder_is_random(Measurements(dataclasses.replace(SUBJECT, encode=encode))) is None
    )
