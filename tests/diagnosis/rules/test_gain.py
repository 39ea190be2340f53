"""Models that are worse than one that ignores z."""

import numpy as np
import pytest
from diagnosis.made_subjects import binary_subject, changed, linear_subject, value

from keras_vae.diagnosis import Gaussian, examine
from keras_vae.diagnosis.finding import ERROR
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import gain


@pytest.mark.parametrize("subject", [linear_subject(), binary_subject()])
def test_a_model_that_uses_z_is_better(subject):
    m = Measurements(subject)
    assert m.gain.mean() > 1
    assert gain.worse_than_without_z(m) is None


def test_a_sigma_that_loses_more_than_z_gains_is_told_by_how_much():
    found = gain.worse_than_without_z(changed(likelihood=Gaussian(5.0)))
    assert (found.name, found.severity) == ("worse_than_without_z", ERROR)
    m = changed(likelihood=Gaussian(5.0))
    # without z: N(mean, spread^2) of all entries, by the training examples
    spread = np.sqrt(np.mean((m.train - m.train.mean(axis=0)) ** 2))
    z_score = (m.test - m.train.mean(axis=0)) / spread
    without = -np.sum(0.5 * z_score**2 + np.log(spread) + 0.5 * np.log(2 * np.pi), axis=1)
    assert value(found) == pytest.approx(np.mean(without) - m.test_terms.elbo.mean(), rel=1e-4)


def test_that_it_is_worse_is_said_first_and_why():
    """The most common defect of the field: half a squared error, whose sigma is 1, on data that
    vary by tenths."""
    subject = linear_subject(sigma=0.05, weights=(0.3, 0.1, 0.02))
    diagnosis = examine(
        linear_subject(sigma=0.05, weights=(0.3, 0.1, 0.02), likelihood=Gaussian(1.0)), cheap=True
    )
    first = diagnosis.findings[0]
    assert first.name == "sigma_too_large"
    assert first.cause.startswith("The model is ")
    assert first.evidence[-1] == gain.below_without_z(
        Measurements(linear_subject(sigma=0.05, weights=(0.3, 0.1, 0.02), likelihood=Gaussian(1.0)))
    )
    assert diagnosis["worse_than_without_z"].follows_from == "sigma_too_large"
    assert "worse_than_without_z" not in examine(subject, cheap=True)


def test_where_nothing_else_is_found_it_is_the_cause():
    """An encoder that is wrong in a way that no other cheap rule looks for."""
    subject = linear_subject(loss_fn=None, training_draw=None)

    def encode(x):
        z_mean, z_log_var = subject.encode(x)
        return -z_mean, z_log_var

    diagnosis = examine(linear_subject(loss_fn=None, training_draw=None, encode=encode), cheap=True)
    assert diagnosis["worse_than_without_z"].severity == ERROR
    assert "nats worse than one" in diagnosis.findings[0].cause
