"""Decoders that end before the data do, and what to do about each kind of end."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import binary_subject, linear_subject, value
from scipy.special import expit

from keras_vae.diagnosis import Bernoulli
from keras_vae.diagnosis.finding import ERROR
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import outputs

LINEAR = linear_subject(count=600)
BINARY = binary_subject(count=600)


def look(rule, subject, **changes):
    return rule(Measurements(dataclasses.replace(subject, **changes), examples=4000))


def squashed(**changes):
    """A linear subject whose decoder ends in a tanh."""
    subject = LINEAR
    return {"decode": lambda z: np.tanh(subject.decode(z)), **changes}


@pytest.mark.parametrize("sign", [1, -1])
def test_the_entries_that_the_last_activation_keeps_out_of_reach_are_counted(sign):
    x = sign * np.abs(LINEAR.train)
    found = look(outputs.output_misses_data, LINEAR, **squashed(train=x))
    assert (found.name, found.severity) == ("output_misses_data", ERROR)
    assert value(found) == pytest.approx(np.mean(np.abs(x) > 1 + 0.02 * np.ptp(x)), abs=0.01)
    assert "[-1, 1]" in found.evidence[0].measure
    assert "[-1, 1]" in found.remedy


def test_a_tanh_that_spans_more_than_the_data_is_an_error():
    x = np.linspace(0.1, 0.9, 60, dtype="float32").reshape(20, 3)
    found = look(outputs.output_wider_than_data, LINEAR, **squashed(train=x))
    assert (found.name, found.severity) == ("output_wider_than_data", ERROR)
    # 1.1 below the data and 0.1 above, of 2
    assert value(found) == pytest.approx(0.6, abs=1e-3)
    assert "[0.1, 0.9]" in found.cause
    # -1 to 1, as the tanh; and a last layer that is no tanh
    spanned = squashed(train=2.5 * (x - 0.5))
    assert look(outputs.output_wider_than_data, LINEAR, **spanned) is None
    assert look(outputs.output_wider_than_data, LINEAR, train=x) is None


@pytest.mark.parametrize("rule", [outputs.output_misses_data, outputs.output_wider_than_data])
def test_a_decoder_that_sees_x_is_not_asked_for_its_range(rule):
    x = np.linspace(0.1, 0.9, 60, dtype="float32").reshape(20, 3)
    for train in (x, 10 * x):
        changes = squashed(train=train, log_prob=lambda x, z: np.zeros(len(x)))
        assert look(rule, LINEAR, **changes) is None


@pytest.mark.parametrize("latents", [1, 2, 8])
def test_hidden_units_that_end_are_no_end_of_a_linear_last_layer(latents):
    """Data in the hundreds and a decoder that has hardly begun: tanh units, then a linear layer."""
    rng = np.random.default_rng(0)
    first, last = rng.standard_normal((latents, 20)), rng.standard_normal((20, 3))

    def decode(z):
        return np.tanh(np.asarray(z) @ first) @ last

    def encode(x):
        return (np.zeros((len(x), latents), "float32"),) * 2

    m = Measurements(
        dataclasses.replace(LINEAR, train=500 + LINEAR.train, decode=decode, encode=encode)
    )
    assert m.output_range == (-np.inf, np.inf)


def test_a_decoder_that_ends_linearly_and_has_not_reached_the_data_is_told_so():
    x = 500 + 100 * LINEAR.train
    found = look(outputs.output_misses_data, LINEAR, train=x)
    assert (found.name, found.severity) == ("output_misses_data", ERROR)
    assert "activation" not in found.remedy
    # of z from q(z|x), the model's own means are those of the linear map
    m = Measurements(dataclasses.replace(LINEAR, train=x), examples=4000)
    bias = np.mean(LINEAR.decode(m.train_terms.z), axis=0) - np.mean(x, axis=0)
    assert value(found) == pytest.approx(np.sqrt(np.sum(bias**2) / np.sum(np.var(x, axis=0))))
    assert look(outputs.output_misses_data, LINEAR) is None


def test_outputs_that_are_not_on_their_way_to_the_data_have_another_cause():
    x = LINEAR.train + 5  # about as far from 0 as the decoder's outputs may be, and not beyond

    def off(x):  # an encoder whose codes are far out, beside a decoder that is right
        z_mean, z_log_var = LINEAR.encode(x - 5)
        return z_mean + 30, z_log_var

    def right(z):
        return LINEAR.decode(z) + 5

    assert look(outputs.output_misses_data, LINEAR, train=x, encode=off, decode=right) is None
    # and a decoder that was thrown to the other side, or past the data
    for astray in (lambda z: LINEAR.decode(z) - 5, lambda z: LINEAR.decode(z) + 15):
        assert look(outputs.output_misses_data, LINEAR, train=x, decode=astray) is None
    found = look(outputs.output_misses_data, LINEAR, train=x, decode=lambda z: right(z) - 4)
    assert found.severity == ERROR


@pytest.mark.parametrize(
    ("end", "last"), [(expit, "Remove the sigmoid"), (np.tanh, "Remove the activation")]
)
def test_logits_that_end_in_an_activation_are_told_to_leave_it_out(end, last):
    found = look(outputs.output_misses_data, BINARY, decode=lambda z: end(BINARY.decode(z)))
    assert (found.name, found.severity) == ("output_misses_data", ERROR)
    assert value(found) > 0.9
    assert last in found.remedy
    assert "scale the data" not in found.remedy


def test_the_same_outputs_taken_as_probabilities_miss_nothing():
    changes = {"decode": lambda z: expit(BINARY.decode(z)), "likelihood": Bernoulli(logits=False)}
    assert look(outputs.output_misses_data, BINARY, **changes) is None
