"""The weight of the rate, by each way in which it goes wrong, and how it is set right."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import (
    agrees,
    binary_subject,
    kl,
    linear_subject,
    number,
    same,
    value,
)

from keras_vae.diagnosis import Gaussian
from keras_vae.diagnosis.finding import ERROR, UNDETERMINED, WARNING
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import STAGES, weighting
from keras_vae.measures import ImpliedBeta

RULES = [rule for rule in STAGES["weighting"] if rule.__module__ == weighting.__name__]
SUBJECT = linear_subject()


def look(rule, subject, **changes):
    return rule(Measurements(dataclasses.replace(subject, **changes)))


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
    assert number("The KL term weighs", found.cause) == same(value(found))
    assert look(weighting.kl_underweighted, subject) is None


@pytest.mark.parametrize(
    "subject", [linear_subject(beta=0.1), binary_subject(beta=0.1), linear_subject(beta=0.5)]
)
def test_a_rate_that_weighs_too_little_shows_its_weight(subject):
    found = look(weighting.kl_underweighted, subject)
    assert found.name == "kl_underweighted"
    assert agrees(found, subject.beta)
    assert number("multiply the KL term by", found.remedy) == same(1 / value(found))
    assert number("The KL term weighs", found.cause) == same(value(found))
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


# ---- a bad encoder is no weight ----------------------------------------------------------


def blurred(x):
    """The exact posteriors, each mean off by about 2 of its standard deviations."""
    z_mean, z_log_var = SUBJECT.encode(x)
    # another for each example, and the same each time
    return z_mean + 3 * np.exp(z_log_var / 2) * np.sin(1e4 * x), z_log_var


def loss_of_blurred(x):
    z_mean, z_log_var = blurred(x)
    z = z_mean + np.exp(z_log_var / 2) * np.random.default_rng(3).standard_normal(z_mean.shape)
    distortion = -SUBJECT.likelihood.log_prob(x, SUBJECT.decode(z))
    rate = kl(z_mean, z_log_var)
    return {"loss": distortion + rate, "distortion": distortion, "rate": rate}


@pytest.mark.parametrize("loss_fn", [None, loss_of_blurred])
@pytest.mark.parametrize(("rule", "beta"), IMPLIED)
def test_an_encoder_that_cannot_name_good_posteriors_is_no_weight_of_the_rate(rule, beta, loss_fn):
    """Told by a search, which gains, or by the loss of the training code, whose weight is 1."""
    m = Measurements(dataclasses.replace(SUBJECT, encode=blurred, loss_fn=loss_fn))
    # whatever its widths and means answer to
    m.__dict__["implied_beta"] = ImpliedBeta(beta, 0.01, 1.0, 1.0, beta, 0.01, 0.0, 0.0)
    assert m.settled_beta is not None
    assert not m.answers_to_a_weight
    assert rule(m) is None
    m.__dict__["answers_to_a_weight"] = True
    assert rule(m) is not None


@pytest.mark.parametrize("beta", [0.1, 4.0])
def test_posteriors_of_a_weight_gain_nothing_by_a_search_at_that_weight(beta):
    m = Measurements(linear_subject(beta=beta, loss_fn=None))
    gain = m.searched_gain(beta)
    assert abs(gain.mean()) < 4 * gain.std() / np.sqrt(len(gain)) + 1e-6
    assert m.answers_to_a_weight
