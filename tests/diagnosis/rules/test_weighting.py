"""The weight of the rate, by each way in which it goes wrong, and how it is set right."""

import dataclasses
import re

import numpy as np
import pytest
from diagnosis.made_subjects import binary_subject, linear_subject, value

from keras_vae.diagnosis import Gaussian
from keras_vae.diagnosis.finding import ERROR, UNDETERMINED, WARNING
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import STAGES, weighting

RULES = [rule for rule in STAGES["weighting"] if rule.__module__ == weighting.__name__]
SUBJECT = linear_subject()


def look(rule, subject, **changes):
    return rule(Measurements(dataclasses.replace(subject, **changes)))


def agrees(found, expected):
    """Whether the deciding value is the expected one within 4 standard errors."""
    evidence = found.evidence[0]
    return abs(evidence.value - expected) < 4 * evidence.standard_error < 0.2 * expected


def number(words, text):
    """The number after these words."""
    return float(re.search(re.escape(words) + r" ([\d.]*\d)", text)[1])


def same(number):
    """The same in three digits."""
    return pytest.approx(number, rel=0.005)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("subject", [SUBJECT, binary_subject()])
def test_the_optimum_of_the_elbo_gives_no_finding(rule, subject):
    assert look(rule, subject, history={"beta": [0.5, 1.0]}) is None


# ---- warm-up ---------------------------------------------------------------------------


@pytest.mark.parametrize("beta", [1.0, 0.5])
def test_a_warm_up_that_training_outran_is_measured_by_how_far_it_came(beta):
    changes = {"beta": beta, "history": {"beta": [0.0, 0.3 * beta, 0.6 * beta]}}
    found = look(weighting.warmup_unfinished, SUBJECT, **changes)
    assert (found.name, found.severity) == ("warmup_unfinished", ERROR)
    assert value(found) == pytest.approx(0.6)


def test_a_warm_up_that_ended_or_was_never_meant_to_rise_is_none():
    rule = weighting.warmup_unfinished
    assert look(rule, SUBJECT, history={"beta": [0.0, 0.5, 0.5]}, beta=0.5) is None
    assert look(rule, SUBJECT, history={"beta": [0.0, 0.0]}, beta=0.0) is None
    assert look(rule, SUBJECT, history={"beta": []}) is None
    assert look(rule, SUBJECT, history={"loss": [3.0, 2.0]}) is None


def foreseen(betas, epochs, beta=1.0):
    subject = dataclasses.replace(SUBJECT, history={"beta": betas}, beta=beta)
    return weighting.warmup_will_not_end(Measurements(subject), epochs)


@pytest.mark.parametrize("beta", [1.0, 0.5])
def test_a_warm_up_that_will_not_end_is_foreseen_from_how_beta_rises(beta):
    # 0.1 after 2 epochs and 0.1 in each of the 3 that are left
    found = foreseen([0.0, 0.1 * beta], 5, beta)
    assert (found.name, found.severity) == ("warmup_unfinished", ERROR)
    assert value(found) == pytest.approx(0.4)
    assert "after 5 epochs" in found.evidence[0].measure


def test_a_warm_up_that_will_end_in_time_or_shows_no_rise_yet_is_none():
    assert foreseen([0.0, 0.1], 11) is None
    assert foreseen([0.9, 1.0, 1.0], 5) is None
    assert foreseen([0.0], 5) is None
    assert foreseen([0.0, 0.0], 5, beta=0.0) is None


# ---- the implied weight ----------------------------------------------------------------


@pytest.mark.parametrize(
    "subject", [linear_subject(beta=4.0), binary_subject(beta=4.0), linear_subject(beta=2.0)]
)
def test_a_rate_that_weighs_too_much_shows_its_weight(subject):
    found = look(weighting.kl_overweighted, subject)
    assert found.name == "kl_overweighted"
    assert agrees(found, subject.beta)
    assert number("divide the KL term by", found.remedy) == same(value(found))
    assert number("The rate weighs", found.cause) == same(value(found))
    assert look(weighting.kl_underweighted, subject) is None


@pytest.mark.parametrize(
    "subject", [linear_subject(beta=0.1), binary_subject(beta=0.1), linear_subject(beta=0.5)]
)
def test_a_rate_that_weighs_too_little_shows_its_weight(subject):
    found = look(weighting.kl_underweighted, subject)
    assert found.name == "kl_underweighted"
    assert agrees(found, subject.beta)
    assert number("multiply the KL term by", found.remedy) == same(1 / value(found))
    assert number("The rate weighs", found.cause) == same(value(found))
    assert look(weighting.kl_overweighted, subject) is None


IMPLIED = [(weighting.kl_overweighted, 4.0), (weighting.kl_underweighted, 0.1)]


@pytest.mark.parametrize(("rule", "beta"), IMPLIED)
def test_a_weight_that_was_asked_for_is_a_warning_and_another_one_an_error(rule, beta):
    subject = linear_subject(beta=beta)
    assert look(rule, subject).severity == WARNING
    assert look(rule, subject, beta=1.0).severity == ERROR


@pytest.mark.parametrize(("rule", "beta"), IMPLIED)
def test_where_a_weight_is_not_to_be_1_or_is_not_known_nothing_is_said(rule, beta):
    subject = linear_subject(beta=beta)
    assert look(rule, subject, objective="iwae") is None
    assert look(rule, subject, free_nats=0.5) is None

    def unsettled(x):
        z_mean, z_log_var = subject.encode(x)
        return -z_mean, z_log_var

    assert look(rule, subject, encode=unsettled) is None

    def collapsed(x):
        return (np.zeros((len(x), 3), "float32"),) * 2

    assert look(rule, subject, encode=collapsed) is None


@pytest.mark.parametrize(("rule", "beta"), IMPLIED)
def test_a_weight_near_its_threshold_is_undetermined_with_few_examples(rule, beta):
    threshold = look(rule, linear_subject(beta=beta)).evidence[0].threshold
    found = look(rule, linear_subject(beta=threshold, count=100))
    assert found.severity == UNDETERMINED
    assert "more examples" in found.remedy


@pytest.mark.parametrize(
    ("rule", "beta", "words"),
    [
        (weighting.kl_overweighted, 15.0, "15 is the number of entries"),
        (weighting.kl_overweighted, 5.0, "5 = 15 entries / 3 latents"),
        (weighting.kl_underweighted, 1 / 3, "1 / 3 latents"),
    ],
)
def test_the_mean_that_gives_such_a_weight_is_named(rule, beta, words):
    found = look(rule, linear_subject(beta=beta, entries=15, weights=(5.0, 3.0, 2.0)))
    assert words in found.cause
    unlike = look(rule, linear_subject(beta=1.7 * beta if beta > 1 else 0.1, entries=15))
    assert "as if" not in unlike.cause


def test_a_squared_error_without_a_sigma_is_told_to_learn_one():
    subject = linear_subject(beta=4.0, entries=20)
    found = look(weighting.kl_overweighted, subject, likelihood=Gaussian())
    # held against the sigma that fits the errors: beta sigma^2 stays what it is
    w_2, sigma_2 = np.array([9.0, 1.0, 0.04]), SUBJECT.likelihood.sigma**2
    variance = 1 / (1 + w_2 / (4 * sigma_2))
    # E(x - w z)^2 = (1 - w m)^2 (w^2 + sigma^2) + w^2 var, w m = w^2 var / beta sigma^2 = 1 - var
    errors = variance**2 * (w_2 + sigma_2) + w_2 * variance
    fitted = (np.sum(errors) + 17 * sigma_2) / 20
    assert agrees(found, 4 * sigma_2 / fitted)
    assert "sigma" in found.remedy
    assert "divide" not in found.remedy


def test_where_codes_say_nothing_the_rate_does_not_weigh_too_little():
    """An encoder that has only begun: narrower than its means call for, and next to no rate."""

    def encode(x):
        return 0.02 * x, np.full_like(x, -0.2)

    m = Measurements(dataclasses.replace(SUBJECT, encode=encode, decode=lambda z: 0.05 * z))
    assert m.settled_beta.beta < 0.5
    assert m.train_terms.rate.mean() < 0.5
    assert weighting.kl_underweighted(m) is None


# ---- sigma -----------------------------------------------------------------------------

# With q(z|x) = p(z|x) the mean squared error at a draw of z is the true sigma^2.
SIGMA = SUBJECT.likelihood.sigma


@pytest.mark.parametrize(
    ("rule", "claimed", "words"),
    [
        (weighting.sigma_too_large, 1.0, "too little"),
        (weighting.sigma_too_large, 2.0, "too little"),
        (weighting.sigma_too_small, 0.25, "too much"),
        (weighting.sigma_too_small, 0.1, "too much"),
    ],
)
def test_a_sigma_unlike_the_errors_shows_the_ratio_of_the_variances(rule, claimed, words):
    found = look(rule, SUBJECT, likelihood=Gaussian(claimed))
    assert (found.name, found.severity) == (rule.__name__, ERROR)
    assert agrees(found, (SIGMA / claimed) ** 2)
    assert number("errors of", found.cause) == claimed
    assert number("set it to", found.remedy) == same(claimed * np.sqrt(value(found)))
    assert number("set it to", found.remedy) == pytest.approx(SIGMA, rel=0.05)
    assert number("beta =", found.cause) == same(1 / value(found))
    assert f"counts {words}" in found.cause


@pytest.mark.parametrize(
    ("rule", "claimed"), [(weighting.sigma_too_large, 1.0), (weighting.sigma_too_small, 0.25)]
)
def test_a_sigma_near_its_threshold_is_undetermined_with_few_examples(rule, claimed):
    threshold = look(rule, SUBJECT, likelihood=Gaussian(claimed)).evidence[0].threshold
    likelihood = Gaussian(SIGMA / np.sqrt(threshold))
    found = look(rule, linear_subject(count=60), likelihood=likelihood)
    assert found.severity == UNDETERMINED
    assert "more examples" in found.remedy


@pytest.mark.parametrize(
    ("rule", "claimed"), [(weighting.sigma_too_large, 1.0), (weighting.sigma_too_small, 0.25)]
)
def test_the_wider_draws_of_an_importance_weighted_objective_say_nothing_of_sigma(rule, claimed):
    assert look(rule, SUBJECT, likelihood=Gaussian(claimed), objective="iwae") is None


@pytest.mark.parametrize("scale", [0.5, -1.0])
def test_errors_of_an_encoder_that_has_not_settled_say_nothing_of_sigma(scale):
    def encode(x):
        z_mean, z_log_var = SUBJECT.encode(x)
        return np.float32(scale) * z_mean, z_log_var

    m = Measurements(dataclasses.replace(SUBJECT, encode=encode))
    assert m.variance_ratio[0] > 2
    assert weighting.sigma_too_small(m) is None


def test_where_sigma_is_not_given_there_is_none_to_be_wrong():
    for rule in (weighting.sigma_too_large, weighting.sigma_too_small):
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
    found = look(weighting.decoded_variance_at_floor, SUBJECT, **decoded(0.25))
    assert (found.name, found.severity) == ("decoded_variance_at_floor", ERROR)
    # of 2000 examples * 3 entries
    assert value(found) == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / 1500))
    step = np.ptp(SUBJECT.train) / 256
    assert number("a decoded sigma below", found.evidence[0].measure) == same(step)
    assert look(weighting.decoded_variance_at_floor, SUBJECT, **decoded(0.0)) is None
