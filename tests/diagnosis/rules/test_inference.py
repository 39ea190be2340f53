"""How far is the ELBO from log p(x)? Encoders and models whose gaps are known in closed form."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import changed, error, linear_subject, lost_by_width, value
from diagnosis.made_tables import table_subject

from keras_vae.diagnosis import Subject
from keras_vae.diagnosis.finding import UNDETERMINED, WARNING
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import inference
from keras_vae.diagnosis.subjects.likelihoods import Gaussian
from keras_vae.errors import DoesNotApply
from keras_vae.evidence.linear_gaussian import LinearGaussian

SIGMA = 0.5


def encoder(factor, only=lambda x: np.ones(len(x), bool)):
    """The exact posteriors, with variances `factor` times as large for some examples."""
    whole = linear_subject()

    def encode(x):
        z_mean, z_log_var = whole.encode(x)
        return z_mean, z_log_var + np.log(np.where(only(x), factor, 1))[:, None]

    return encode


def is_one_of(examples):
    """x -> which of them are among the examples."""
    known = {row.tobytes() for row in examples}
    return lambda x: np.array([row.tobytes() in known for row in np.ascontiguousarray(x)])


@pytest.fixture(scope="module")
def healthy():
    return changed()


@pytest.mark.parametrize("name", inference.__all__)
def test_the_exact_posterior_has_no_gap(healthy, name):
    assert getattr(inference, name)(healthy) is None


@pytest.mark.parametrize("name", ["overfitting", "encoder_overfitting"])
def test_without_test_examples_nothing_is_known_of_overfitting(name):
    assert getattr(inference, name)(changed(test=None)) is None


@pytest.mark.parametrize(
    "name",
    ["encoder_overfitting", "encoder_too_narrow", "amortization_gap", "approximation_gap"],
)
def test_an_importance_weighted_encoder_is_not_judged_by_its_gaps(name):
    subject = rotated_subject(objective="iwae")
    is_seen = is_one_of(subject.train)

    def encode(x):
        z_mean, z_log_var = subject.encode(x)
        return z_mean, z_log_var + np.where(is_seen(x), np.log(4), np.log(9))[:, None]

    m = Measurements(dataclasses.replace(subject, encode=encode))
    with pytest.raises(DoesNotApply, match="another objective"):
        getattr(inference, name)(m)


# ---- overfitting -----------------------------------------------------------------------


def learnt_by_heart(nats, **changes):
    """p(x|z) of training examples is so many nats higher than it should be."""
    whole = linear_subject(**changes)
    is_seen = is_one_of(whole.train)

    def log_prob(x, z):
        return whole.likelihood.log_prob(x, whole.decode(z)) + nats * is_seen(x)

    return Measurements(dataclasses.replace(whole, log_prob=log_prob))


def test_a_decoder_that_knows_its_examples_is_found_by_what_it_knows():
    m = learnt_by_heart(4.0)
    finding = inference.overfitting(m)
    assert finding.severity == WARNING
    assert abs(value(finding) - 4.0 / m.worth) < 4 * error(finding)
    # over 2000 and 1000 examples, each with its own log p(x)
    spread = np.hypot(m.train_terms.elbo.std() / 2000**0.5, m.test_terms.elbo.std() / 1000**0.5)
    assert error(finding) == pytest.approx(spread / m.worth, rel=0.01)
    # the encoder has no part in it
    assert inference.encoder_overfitting(m) is None


@pytest.mark.parametrize("is_binary", [True, False])
def test_new_binary_draws_are_advised_where_data_are_binary(is_binary, monkeypatch):
    monkeypatch.setattr(Measurements, "is_binary", is_binary)
    finding = inference.overfitting(learnt_by_heart(4.0))
    assert ("--binarize dynamic" in finding.remedy) is is_binary


def test_the_directions_of_columns_of_different_units_are_not_counted():
    m = Measurements(table_subject(np.random.default_rng(0).normal(size=(50, 3))))
    with pytest.raises(DoesNotApply, match="units of their own"):
        inference.encoder_too_narrow(m)


def test_a_test_set_that_is_easier_is_not_overfitting():
    assert inference.overfitting(learnt_by_heart(-4.0)) is None


def test_few_examples_leave_overfitting_open():
    m = learnt_by_heart(1.2, count=20)
    assert inference.overfitting(m).severity == UNDETERMINED


def test_an_encoder_that_knows_its_examples_only_is_found_by_the_difference_of_gaps():
    seen = is_one_of(linear_subject().train)
    m = changed(encode=encoder(4.0, only=lambda x: ~seen(x)))
    finding = inference.encoder_overfitting(m)
    assert finding.severity == WARNING
    gap = lost_by_width(4.0) / m.worth
    # a search for a better q(z|x) finds most of it
    assert 0.8 * gap < value(finding) < gap + 4 * error(finding)
    assert inference.amortization_gap(m) is None


def test_an_encoder_that_is_as_wrong_on_training_examples_has_not_overfitted():
    finding = inference.encoder_overfitting(changed(encode=encoder(4.0)))
    # so few examples of each may not settle it
    assert finding is None or finding.severity == UNDETERMINED


# ---- the two parts of the gap ------------------------------------------------------------


@pytest.mark.parametrize("factor", [4.0, 0.2])
def test_wrong_variances_are_an_amortization_gap_of_their_kl(factor):
    m = changed(encode=encoder(factor))
    finding = inference.amortization_gap(m)
    assert finding.severity == WARNING
    gap = lost_by_width(factor) / m.worth
    assert 0.8 * gap < value(finding) < gap + 4 * error(finding)
    assert inference.approximation_gap(m) is None


def test_wrong_means_are_an_amortization_gap_of_their_kl():
    whole = linear_subject()

    def encode(x):
        z_mean, z_log_var = whole.encode(x)
        # each mean is off by 1.2 posterior standard deviations: KL = 3 / 2 1.2^2
        return z_mean + 1.2 * np.exp(z_log_var / 2), z_log_var

    m = changed(encode=encode)
    gap = 1.5 * 1.2**2 / m.worth
    finding = inference.amortization_gap(m)
    assert 0.8 * gap < value(finding) < gap + 4 * error(finding)


def test_an_encoder_that_is_a_little_off_is_none():
    assert inference.amortization_gap(changed(encode=encoder(1.2))) is None


# ---- what the encoder sees of x -----------------------------------------------------------


def curved_subject(encode, entries=20, latents=2, sigma=0.5):
    """x = W tanh(2 z) + sigma e: its posterior means are no linear functions of x."""
    rng = np.random.default_rng(17)
    w = rng.standard_normal((latents, entries))

    def decode(z):
        return np.tanh(2 * np.asarray(z)) @ w

    x = decode(rng.standard_normal((1500, latents))) + sigma * rng.standard_normal((1500, entries))
    x = x.astype("float32")
    # the least-squares estimate of tanh(2 z): as many directions of x as latents
    inverse = np.linalg.pinv(w)
    return Subject(lambda x: encode(x @ inverse), decode, Gaussian(sigma), x[:1000], x[1000:])


def linear_codes(h):
    """The best linear function of h for the means, with one variance."""
    return 0.8 * h, np.full(h.shape, -2.5)


def test_an_encoder_that_sees_no_more_than_a_linear_one_is_named_where_it_loses():
    m = Measurements(curved_subject(linear_codes))
    found = inference.encoder_too_narrow(m)
    assert found.severity == WARNING
    gap, directions = found.evidence
    searched = m.train_inference.refined_elbo - m.train_inference.elbo
    assert gap.value == pytest.approx(searched.mean() / m.worth)
    assert (directions.value, directions.threshold) == (2, 5)
    assert "2 direction" in found.cause


def test_it_is_said_by_itself_where_the_searched_posteriors_gain_little():
    """The same encoder, and a decoder that has nearly adapted to it."""

    def best_but_for(share):
        exact = linear_subject(entries=20)

        def encode(x):
            z_mean, z_log_var = exact.encode(x)
            return z_mean + share * np.exp(z_log_var / 2), z_log_var

        return Measurements(dataclasses.replace(exact, encode=encode))

    # 3 latents, each mean off by so many posterior standard deviations: KL = 3 / 2 share^2
    m = best_but_for(0.35)
    assert 0.02 < 1.5 * 0.35**2 / m.worth < 0.06
    assert inference.encoder_too_narrow(m).severity == WARNING
    assert inference.amortization_gap(m) is None
    # a linear encoder of a linear model loses nothing, and is none
    assert inference.encoder_too_narrow(best_but_for(0)) is None


def test_an_encoder_that_looks_at_more_directions_is_none_whatever_it_loses():
    narrow = curved_subject(linear_codes)
    mixed = np.random.default_rng(18).standard_normal((20, 8))

    def encode(x):
        z_mean, z_log_var = narrow.encode(x)
        return z_mean, z_log_var + np.tanh(x @ mixed).mean(axis=1, keepdims=True)

    m = Measurements(dataclasses.replace(narrow, encode=encode))
    seen, linear = m.encoder_directions
    assert (linear, 4 < seen <= 10) == (4, True)
    assert inference.amortization_gap(m).severity == WARNING
    assert inference.encoder_too_narrow(m) is None


def test_latents_that_idle_do_not_make_an_encoder_narrow():
    narrow = curved_subject(linear_codes)
    idle = 6

    def encode(x):
        # 2 latents in use, and others that are the prior for every x
        codes = narrow.encode(x)
        return tuple(np.hstack([part, np.zeros((len(x), idle))]) for part in codes)

    def decode(z):
        return narrow.decode(np.asarray(z)[:, :2])

    m = Measurements(dataclasses.replace(narrow, encode=encode, decode=decode))
    assert m.encoder_directions == (2, 4)


def test_of_few_entries_no_encoder_is_narrow():
    # 3 latents and 3 entries
    m = changed(encode=encoder(4.0))
    assert m.encoder_directions is None
    assert inference.encoder_too_narrow(m) is None


PAIRS = 5


def exact_model(weight=2.0):
    """5 pairs of latents; in each pair only the sum matters, by w (z_1 + z_2) / sqrt(2), and
    their difference hardly."""
    small = 0.05
    pair = np.array([[weight, weight], [small, -small]]) / np.sqrt(2)
    return LinearGaussian(np.kron(np.eye(PAIRS), pair), np.zeros(2 * PAIRS), SIGMA**2)


def rotated_subject(weight=2.0, **changes):
    """That model, with the best diagonal Gaussian as its encoder."""
    exact = exact_model(weight)
    precision = np.diag(exact.posterior_precision)
    rng = np.random.default_rng(0)

    def draws(count):
        z = rng.standard_normal((count, 2 * PAIRS))
        noise = SIGMA * rng.standard_normal((count, 2 * PAIRS))
        return (z @ exact.weights.T + noise).astype("float32")

    def encode(x):
        # E[z|x], and the precisions of each latent with the others held fast
        z_mean = exact.posterior_mean(x)
        return z_mean, np.broadcast_to(-np.log(precision), z_mean.shape)

    subject = Subject(
        encode, lambda z: z @ exact.weights.T, Gaussian(SIGMA), draws(400), draws(200)
    )
    return dataclasses.replace(subject, **changes)


def test_latents_that_depend_on_each_other_are_an_approximation_gap():
    m = Measurements(rotated_subject())
    # 1/2 (sum log P_jj - log det P)
    gap = exact_model().diagonal_gap()
    log_p = exact_model().log_evidence(m.test)
    elbo_gap = log_p - m.test_terms.elbo
    assert abs(elbo_gap.mean() - gap) < 4 * elbo_gap.std() / np.sqrt(len(elbo_gap))
    finding = inference.approximation_gap(m)
    assert finding.severity == WARNING
    # a bound by so few samples shows part of it
    assert 2.0 < value(finding) < gap + 4 * error(finding)
    # correlation of a pair: (P_max - P_min) / (P_max + P_min)
    largest, smallest = 1 + 4 / SIGMA**2, 1 + 0.05**2 / SIGMA**2
    exact_correlation = (largest - smallest) / (largest + smallest)
    assert 0.6 < finding.evidence[1].value <= 1.0
    assert exact_correlation > 0.8
    assert inference.amortization_gap(m) is None


def test_latents_that_hardly_depend_on_each_other_are_none():
    m = Measurements(rotated_subject(weight=0.9))
    assert 0.5 < exact_model(0.9).diagonal_gap() < 2
    assert inference.approximation_gap(m) is None
