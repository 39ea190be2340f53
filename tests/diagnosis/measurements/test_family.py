"""What rules ask of p(x|z), of a model's own likelihood and of one for the models of others."""

import dataclasses

import pytest
from diagnosis.made_subjects import binary_subject, linear_subject

from keras_vae.diagnosis import ContinuousBernoulli, Gaussian
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.subjects.of_likelihood import OfLikelihood
from keras_vae.distributions import LIKELIHOODS, Likelihood


class Counts(Likelihood):
    """Discrete, and not binary."""

    support = (0, float("inf"))
    is_discrete = True


class OwnObject:
    """As a user may write it: with what is needed, and nothing more."""

    name, support = "own", (0.0, 1.0)


BINARY = binary_subject(count=20)


@pytest.mark.parametrize(
    ("likelihood", "is_discrete", "is_binary"),
    [
        (BINARY.likelihood, True, True),
        (OfLikelihood(LIKELIHOODS["bernoulli"]()), True, True),
        (ContinuousBernoulli(logits=True), False, False),
        (OfLikelihood(LIKELIHOODS["continuous_bernoulli"]()), False, False),
        (OfLikelihood(Counts()), True, False),
        (OwnObject(), False, False),
    ],
)
def test_a_family_is_known_by_its_properties(likelihood, is_discrete, is_binary):
    m = Measurements(dataclasses.replace(BINARY, likelihood=likelihood))
    assert (m.is_discrete, m.is_binary, m.sigma) == (is_discrete, is_binary, None)
    assert not m.leaves_sigma_open
    assert not m.decodes_sigma


@pytest.mark.parametrize(
    ("likelihood", "sigma", "is_open", "is_decoded"),
    [
        (Gaussian(2.0), 2.0, False, False),
        (Gaussian("decoded"), None, False, True),
        (OfLikelihood(LIKELIHOODS["gaussian"]()), 1.0, False, False),
    ],
)
def test_a_sigma_is_a_number_or_there_is_none(likelihood, sigma, is_open, is_decoded):
    m = Measurements(linear_subject(count=20, likelihood=likelihood))
    assert m.sigma == (sigma and pytest.approx(sigma, rel=1e-4))
    assert (m.leaves_sigma_open, m.decodes_sigma) == (is_open, is_decoded)


def test_an_open_sigma_is_fitted_and_known_to_be_so():
    m = Measurements(linear_subject(count=400, likelihood=Gaussian()))
    assert m.leaves_sigma_open
    assert m.sigma == pytest.approx(0.5, rel=0.1)
