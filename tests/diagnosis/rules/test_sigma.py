"""A sigma unlike the errors, by as much as it is off, and what else makes errors large."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import agrees, binary_subject, linear_subject, number, same, value

from keras_vae.diagnosis import Gaussian
from keras_vae.diagnosis.finding import ERROR, UNDETERMINED
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import sigma
from keras_vae.errors import DoesNotApply

SUBJECT = linear_subject()


def look(rule, subject, **changes):
    return rule(Measurements(dataclasses.replace(subject, **changes)))


# With q(z|x) = p(z|x) the mean squared error at a draw of z is the true sigma^2.
SIGMA = SUBJECT.likelihood.sigma


@pytest.mark.parametrize(
    ("rule", "claimed", "words"),
    [
        (sigma.sigma_too_large, 1.0, "too little"),
        (sigma.sigma_too_large, 2.0, "too little"),
        (sigma.sigma_too_small, 0.25, "too much"),
        (sigma.sigma_too_small, 0.1, "too much"),
    ],
)
def test_a_sigma_unlike_the_errors_shows_the_ratio_of_the_variances(rule, claimed, words):
    found = look(rule, SUBJECT, likelihood=Gaussian(claimed))
    assert (found.name, found.severity) == (rule.__name__, ERROR)
    assert agrees(found, (SIGMA / claimed) ** 2)
    assert number("sigma is", found.cause) == claimed
    assert number("set it to", found.remedy) == same(claimed * np.sqrt(value(found)))
    assert number("set it to", found.remedy) == pytest.approx(SIGMA, rel=0.05)
    assert number("beta =", found.cause) == same(1 / value(found))
    assert f"counts {words}" in found.cause


def test_a_sigma_beside_errors_of_exactly_0_is_too_large():
    x = np.arange(600, dtype="float32").reshape(200, 3)
    exact = dict(  # noqa: C408
        encode=lambda x: (x / 200, np.full(x.shape, -80.0)), decode=lambda z: np.rint(200.0 * z),
        train=x, test=x,
    )  # fmt: skip
    found = look(sigma.sigma_too_large, SUBJECT, **exact)
    assert (found.severity, value(found)) == (ERROR, 0)
    assert "inf" in found.cause


@pytest.mark.parametrize(
    ("rule", "claimed"), [(sigma.sigma_too_large, 1.0), (sigma.sigma_too_small, 0.25)]
)
def test_a_sigma_near_its_threshold_is_undetermined_with_few_examples(rule, claimed):
    threshold = look(rule, SUBJECT, likelihood=Gaussian(claimed)).evidence[0].threshold
    likelihood = Gaussian(SIGMA / np.sqrt(threshold))
    found = look(rule, linear_subject(count=60), likelihood=likelihood)
    assert found.severity == UNDETERMINED
    assert "more examples" in found.remedy


def test_the_wider_draws_of_an_importance_weighted_objective_do_not_make_sigma_too_small():
    with pytest.raises(DoesNotApply, match="another objective"):
        look(sigma.sigma_too_small, SUBJECT, likelihood=Gaussian(0.25), objective="iwae")


def scaled_means(scale):
    """An encoder that has not settled."""

    def encode(x):
        z_mean, z_log_var = SUBJECT.encode(x)
        return np.float32(scale) * z_mean, z_log_var

    return encode


def test_a_wrong_sigma_is_told_whatever_the_encoder_is_like():
    """Before, neither was judged where the encoder has not settled."""
    changes = {"encode": scaled_means(0.5), "likelihood": Gaussian(4.0)}
    m = Measurements(dataclasses.replace(SUBJECT, **changes))
    assert sigma.sigma_too_large(m).severity == ERROR
    changes = {"encode": scaled_means(0.5), "likelihood": Gaussian(0.05)}
    m = Measurements(dataclasses.replace(SUBJECT, **changes))
    assert m.is_unsettled
    assert sigma.sigma_too_small(m).severity == ERROR


def test_at_searched_codes_the_errors_are_sigmas_whatever_the_encoders_are():
    changes = {"encode": scaled_means(0.9), "likelihood": Gaussian(0.05)}
    m = Measurements(dataclasses.replace(SUBJECT, **changes))
    searched, error = m.searched_variance_ratio
    assert abs(searched - (SIGMA / 0.05) ** 2) < 4 * error
    assert m.variance_ratio[0] > searched


@pytest.mark.parametrize("scale", [0.5, -1.0])
def test_errors_of_an_encoder_that_has_not_settled_say_nothing_of_sigma(scale):
    m = Measurements(dataclasses.replace(SUBJECT, encode=scaled_means(scale)))
    assert m.variance_ratio[0] > 2
    assert sigma.sigma_too_small(m) is None


def test_where_sigma_is_not_given_there_is_none_to_be_wrong():
    for rule in (sigma.sigma_too_large, sigma.sigma_too_small):
        assert look(rule, linear_subject(beta=4.0), likelihood=Gaussian()) is None
        assert look(rule, linear_subject(beta=0.1), likelihood=Gaussian()) is None
        assert look(rule, binary_subject(beta=4.0)) is None
        assert look(rule, SUBJECT, **decoded(0.25)) is None


def decoded(low):
    """`SUBJECT` with a decoded variance, right but for the fraction `low` of all entries, where
    it is next to nothing."""
    step = np.ptp(SUBJECT.train) / 256

    def decode(z):
        mean = SUBJECT.decode(z)
        is_low = np.random.default_rng(4).random(mean.shape) < low
        return mean, 2 * np.log(np.where(is_low, 0.9 * step, SIGMA))

    return {"decode": decode, "likelihood": Gaussian("decoded")}


def test_decoded_variances_below_the_step_of_the_data_are_counted():
    found = look(sigma.decoded_variance_at_floor, SUBJECT, **decoded(0.25))
    assert (found.name, found.severity) == ("decoded_variance_at_floor", ERROR)
    # of 2000 examples * 3 entries
    assert value(found) == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / 1500))
    step = np.ptp(SUBJECT.train) / 256
    assert number("a decoded sigma below", found.evidence[0].measure) == same(step)
    assert look(sigma.decoded_variance_at_floor, SUBJECT, **decoded(0.0)) is None
