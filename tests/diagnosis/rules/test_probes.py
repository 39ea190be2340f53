"""More steps of training are asked for only while they can change a verdict."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import linear_subject

from keras_vae.diagnosis.measurements import PROBE_STEPS, Measurements
from keras_vae.diagnosis.rules import training
from keras_vae.diagnosis.rules.probes import LEFT, gained_by_steps, may_lag

HALF = PROBE_STEPS // 2


def widened(factor):
    """The exact encoder with `factor` times its variance: KL = 3/2 (factor - 1 - log factor)."""
    exact = linear_subject()

    def encode(x):
        z_mean, z_log_var = exact.encode(x)
        return z_mean, z_log_var + np.log(factor)

    return dataclasses.replace(exact, encode=encode)


def probed(factors, factor=4.0):
    """(measurements of an encoder that is too wide by `factor`, what was asked for): steps of a
    part leave it as wide as `factors` say."""
    asked = []

    def probe(part, steps):
        asked.append((part, steps))
        return widened(factors[part, steps])

    return Measurements(dataclasses.replace(widened(factor), probe=probe)), asked


def test_where_half_of_the_steps_gain_almost_nothing_the_others_are_left_out():
    m, asked = probed({("both", HALF): 4.0})
    assert gained_by_steps(m, "both", "gain") is None
    assert asked == [("both", HALF)]


def test_where_half_of_the_steps_gain_too_much_the_others_are_left_out():
    m, asked = probed({("both", HALF): 1.0})
    evidence = gained_by_steps(m, "both", "gain of {} steps")
    assert asked == [("both", HALF)]
    # 3/2 (4 - 1 - log 4) nats
    error = evidence.standard_error * m.worth
    assert abs(evidence.value * m.worth - 1.5 * (3 - np.log(4))) < 4 * error
    assert evidence.measure.startswith(f"gain of {HALF} steps")
    assert evidence.threshold == LEFT


def test_otherwise_all_steps_decide():
    m, asked = probed({("both", HALF): 3.5, ("both", PROBE_STEPS): 1.0})
    evidence = gained_by_steps(m, "both", "gain")
    assert asked == [("both", HALF), ("both", PROBE_STEPS)]
    # 3/2 (4 - 1 - log 4) nats
    error = evidence.standard_error * m.worth
    assert abs(evidence.value * m.worth - 1.5 * (3 - np.log(4))) < 4 * error
    assert evidence.threshold == LEFT
    m, _ = probed({("both", HALF): 3.5, ("both", PROBE_STEPS): 4.0})
    assert gained_by_steps(m, "both", "gain") is None


def test_half_of_the_steps_are_not_made_anew_where_all_have_been_made():
    m, asked = probed({("both", PROBE_STEPS): 1.0})
    m.probe("both")
    evidence = gained_by_steps(m, "both", "gain of {} steps")
    assert asked == [("both", PROBE_STEPS)]
    assert evidence.is_beyond
    assert evidence.measure.startswith(f"gain of {PROBE_STEPS} steps")


def test_nothing_is_trained_for_an_encoder_that_no_search_improves():
    m, asked = probed({}, factor=1.0)
    assert not may_lag(m)
    assert training.lagging_encoder(m) is None
    assert asked == []


def test_the_decoder_is_not_trained_for_an_encoder_whose_own_steps_gain_nothing():
    m, asked = probed({("encoder", HALF): 4.0})
    assert may_lag(m)
    assert training.lagging_encoder(m) is None
    assert asked == [("encoder", HALF)]


@pytest.mark.parametrize("what", ["log_prob", "draw"])
def test_where_nothing_can_be_searched_the_steps_are_asked(what):
    exact = linear_subject(count=50)
    given = {
        "log_prob": lambda x, z: exact.likelihood.log_prob(x, exact.decode(z)),
        "draw": lambda x, seed: (exact.encode(x)[0], np.ones(len(x))),
    }
    assert may_lag(Measurements(dataclasses.replace(exact, **{what: given[what]})))
