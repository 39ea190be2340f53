"""Terms of the loss that are not what they are called, and by how much."""

import dataclasses
import re

import numpy as np
import pytest
from diagnosis.made_subjects import binary_subject, kl, linear_subject, value
from scipy.stats import multivariate_normal

from keras_vae.diagnosis.finding import ERROR, UNDETERMINED, WARNING
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import terms
from keras_vae.errors import DoesNotApply
from keras_vae.measures.reported_terms import RATE_FORMULAS

RULES = [getattr(terms, name) for name in terms.__all__]
N, D = 8, 2
# As many examples as the rules look at: 8 batches of 128.
LINEAR = linear_subject(weights=(3.0, 1.0), entries=N, count=1024)
BINARY = binary_subject(entries=60, count=1024)


def told(change, subject=LINEAR):
    """Measurements of the subject with training code that reports `change` of the right terms:
    (distortion, rate, x) -> a dictionary."""

    def loss_fn(x):
        right = subject.loss_fn(x)
        return change(right["distortion"], right["rate"], x)

    return Measurements(dataclasses.replace(subject, loss_fn=loss_fn))


def terms_and_loss(distortion, rate, weight=1.0):
    return {"loss": distortion + weight * rate, "distortion": distortion, "rate": rate}


def only(measurements):
    """The one finding."""
    (found,) = [f for f in (rule(measurements) for rule in RULES) if f is not None]
    return found


def beta_in(found):
    """The number at the end of the cause."""
    return float(re.search(r"as if beta were ([\d.]+)\.$", found.cause)[1])


@pytest.mark.parametrize("subject", [LINEAR, BINARY])
@pytest.mark.parametrize("summary", [np.asarray, np.mean])
@pytest.mark.parametrize("beta", [1.0, 0.1, 4.0])
def test_right_terms_give_no_finding_at_any_weight_of_the_rate(subject, summary, beta):
    def change(distortion, rate, x):
        reported = terms_and_loss(distortion, rate, np.float32(beta))
        return {name: summary(values) for name, values in reported.items()}

    measurements = told(change, subject)
    assert [rule(measurements) for rule in RULES] == [None] * len(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_without_training_code_there_is_nothing_to_hold_against_the_definitions(rule):
    assert rule(Measurements(dataclasses.replace(LINEAR, loss_fn=None))) is None


@pytest.mark.parametrize("rule", RULES)
def test_of_a_loss_alone_nothing_is_said(rule):
    assert rule(told(lambda distortion, rate, x: {"loss": distortion + rate})) is None


# ---- the rate --------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in RATE_FORMULAS if name != "correct"])
def test_a_wrong_formula_of_the_rate_is_named_and_its_error_measured(name):
    def rate_of(x):
        return np.sum(0.5 * RATE_FORMULAS[name](*LINEAR.encode(x)), axis=1)

    found = terms.rate_formula_wrong(
        told(lambda distortion, rate, x: terms_and_loss(distortion, rate_of(x)))
    )
    assert (found.name, found.severity) == ("rate_formula_wrong", ERROR)
    error = np.mean(rate_of(LINEAR.train) - kl(*LINEAR.encode(LINEAR.train)))
    assert value(found) == pytest.approx(abs(error), rel=1e-4)
    assert name in found.cause


def test_without_the_minus_one_the_rate_is_half_a_nat_a_latent_too_large():
    found = only(told(lambda distortion, rate, x: terms_and_loss(distortion, rate + D / 2)))
    assert value(found) == pytest.approx(D / 2, rel=1e-5)


def test_a_rate_of_no_known_formula_is_found_too():
    found = terms.rate_formula_wrong(
        told(lambda distortion, rate, x: terms_and_loss(distortion, rate**2))
    )
    rate = kl(*LINEAR.encode(LINEAR.train))
    assert value(found) == pytest.approx(np.mean(rate**2 - rate), rel=1e-4)
    assert "none of the usual mistakes" in found.cause


def test_a_monte_carlo_estimate_of_the_rate_is_no_wrong_formula():
    rng = np.random.default_rng(2)

    def estimate(x):
        z_mean, z_log_var = LINEAR.encode(x)
        noise = rng.standard_normal(z_mean.shape)
        z = z_mean + np.exp(z_log_var / 2) * noise
        # log q(z|x) - log p(z)
        return 0.5 * np.sum(z**2 - noise**2 - z_log_var, axis=1)

    found = terms.rate_formula_wrong(
        told(lambda distortion, rate, x: terms_and_loss(distortion, estimate(x)))
    )
    # 8 batches may be too few to tell
    assert found is None or found.severity == UNDETERMINED


def test_a_rate_that_is_a_mean_over_latents_is_told_with_their_number():
    found = only(told(lambda distortion, rate, x: terms_and_loss(distortion, rate / D)))
    assert (found.name, found.severity) == ("rate_averaged", ERROR)
    assert value(found) == pytest.approx(1 / D, rel=1e-5)
    assert f"multiply the KL term by {D}" in found.remedy
    assert f"1/{D}" in found.cause


def test_of_one_latent_the_mean_is_the_sum():
    subject = linear_subject(weights=(2.0,), entries=N, count=1024)
    measurements = told(lambda distortion, rate, x: terms_and_loss(distortion, rate), subject)
    assert terms.rate_averaged(measurements) is None


@pytest.mark.parametrize(("scale", "slip"), [(2.0, "the factor 1/2 is missing"), (0.7, "0.7")])
def test_a_rate_that_is_a_multiple_of_the_closed_form_is_told_with_the_factor(scale, slip):
    found = only(told(lambda distortion, rate, x: terms_and_loss(distortion, scale * rate)))
    assert (found.name, found.severity) == ("rate_formula_wrong", ERROR)
    assert f"it is {scale:g} times that" in found.cause
    assert slip in found.cause


def test_a_rate_that_is_logged_with_the_weight_that_was_asked_for_is_right():
    subject = linear_subject(entries=N, count=1024, beta=4.0)
    measurements = told(lambda distortion, rate, x: terms_and_loss(distortion, 4 * rate), subject)
    assert terms.rate_formula_wrong(measurements) is None


# ---- the distortion --------------------------------------------------------------------


@pytest.mark.parametrize("subject", [LINEAR, BINARY])
def test_a_distortion_that_is_a_mean_over_entries_is_told_with_their_number(subject):
    n = subject.train.shape[1]
    found = only(told(lambda distortion, rate, x: terms_and_loss(distortion / n, rate), subject))
    assert (found.name, found.severity) == ("distortion_averaged", ERROR)
    assert value(found) == pytest.approx(1 / n, abs=4 * found.evidence[0].standard_error)
    assert found.evidence[0].standard_error < 0.02 / n
    assert f"multiply the reconstruction term by {n}," in found.remedy
    assert beta_in(found) == pytest.approx(n, rel=0.02)


# Most of its squared errors are x's own noise, so that they vary alike in every draw of z.
SHARP = linear_subject(sigma=0.05, weights=(3.0, 1.0), entries=40, count=1024)


def squared_errors(distortion):
    """|x - m|^2 = 2 sigma^2 (-log p(x|z) - n / 2 log(2 pi sigma^2)) of `SHARP`."""
    variance = SHARP.likelihood.sigma**2
    return 2 * variance * (distortion - 20 * np.log(2 * np.pi * variance))


@pytest.mark.parametrize(("factor", "name"), [(1, "sum of squared"), (0.5, "half the sum of")])
def test_a_mean_of_squared_errors_is_held_against_their_sum(factor, name):
    def change(distortion, rate, x):
        return terms_and_loss(factor * squared_errors(distortion) / 40, rate)

    found = only(told(change, SHARP))
    assert (found.name, found.severity) == ("distortion_averaged", ERROR)
    assert name in found.evidence[0].measure
    assert value(found) == pytest.approx(1 / 40, abs=4 * found.evidence[0].standard_error)
    assert found.evidence[0].standard_error < 0.02 / 40
    assert "multiply the reconstruction term by 40," in found.remedy
    # that of the rate over that of the sum of squared errors
    assert beta_in(found) == pytest.approx(40, rel=0.02)
    assert "2 sigma^2" in found.remedy


def test_a_sum_of_squared_errors_is_no_mean():
    def change(distortion, rate, x):
        return terms_and_loss(squared_errors(distortion), rate)

    assert terms.distortion_averaged(told(change, SHARP)) is None


def test_terms_that_are_both_divided_by_the_entries_weigh_as_they_should():
    measurements = told(lambda distortion, rate, x: terms_and_loss(distortion / N, rate / N))
    assert terms.distortion_averaged(measurements) is None
    # one divided, and multiplied again in the loss
    measurements = told(
        lambda distortion, rate, x: {
            "loss": distortion + rate,
            "distortion": distortion / N,
            "rate": rate,
        }
    )
    assert terms.distortion_averaged(measurements) is None


def test_a_mean_over_entries_beside_an_unknown_loss_is_found_all_the_same():
    measurements = told(lambda distortion, rate, x: {"distortion": distortion / N, "rate": rate})
    found = terms.distortion_averaged(measurements)
    assert found.severity == ERROR
    assert beta_in(found) == N


# ---- the loss --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distortion_weight", "rate_weight", "smallest"),
    [(1, 0, 0), (0, 1, 0), (1, -1, -1), (-1, 0.5, -1)],
)
def test_a_term_that_the_loss_leaves_out_or_subtracts_is_found(
    distortion_weight, rate_weight, smallest
):
    def change(distortion, rate, x):
        loss = distortion_weight * distortion + rate_weight * rate
        return {"loss": loss, "distortion": distortion, "rate": rate}

    found = only(told(change))
    assert (found.name, found.severity) == ("loss_drops_a_term", ERROR)
    assert value(found) == pytest.approx(smallest, abs=1e-4)


def test_a_loss_with_something_else_in_it_is_not_said_to_drop_a_term():
    def change(distortion, rate, x):
        return {"loss": np.sum(x**2, axis=1), "distortion": distortion, "rate": rate}

    assert terms.loss_drops_a_term(told(change)) is None


def in_float16(values):
    return np.asarray(values, "float16")


def in_bfloat16(values):
    """As float32 numbers."""
    return (np.asarray(values, "float32").view("uint32") & 0xFFFF0000).view("float32")


@pytest.mark.parametrize(
    ("rounded", "name", "bits"), [(in_float16, "float16", 10), (in_bfloat16, "bfloat16", 7)]
)
def test_terms_in_half_precision_are_told_by_the_step_between_their_numbers(rounded, name, bits):
    largest = []

    def change(distortion, rate, x):
        reported = terms_and_loss(distortion, rate)
        reported = {key: rounded(values) for key, values in reported.items()}
        largest.append(max(np.max(np.abs(values)) for values in reported.values()))
        return reported

    found = terms.half_precision_terms(told(change, BINARY))
    assert (found.name, found.severity) == ("half_precision_terms", ERROR)
    assert name in found.cause
    # the leading bit and 10, or 7, after it
    step = 2.0 ** (np.floor(np.log2(max(largest))) - bits)
    assert value(found) == step
    assert f"less than {step:g} nats" in found.cause


def test_half_precision_of_small_terms_loses_too_little_to_matter():
    def change(distortion, rate, x):
        return {"distortion": in_float16(distortion / 20), "rate": in_float16(rate / 20)}

    assert terms.half_precision_terms(told(change)) is None


# ---- the bound -------------------------------------------------------------------------

# Far from p(z|x), so that the ELBO lies clearly below log p(x), and L_K of 100 samples does not.
LOOSE = linear_subject(beta=9.0, weights=(3.0, 1.0), entries=N, count=400)


def log_evidence(x):
    """log p(x) of `LOOSE`: x is normal with covariance W W^T + sigma^2 I."""
    w = LOOSE.decode(np.eye(D)).T
    covariance = w @ w.T + LOOSE.likelihood.sigma**2 * np.eye(N)
    return multivariate_normal(np.zeros(N), covariance).logpdf(x)


def elbo(x):
    """Of `LOOSE`, in closed form: E|x - W z|^2 = |x - W m|^2 + sum_j w_j^2 var_j."""
    z_mean, z_log_var = LOOSE.encode(x)
    w, sigma = LOOSE.decode(np.eye(D)), LOOSE.likelihood.sigma
    square = np.sum((x - z_mean @ w) ** 2, axis=1) + np.exp(z_log_var) @ np.sum(w**2, axis=1)
    return -square / (2 * sigma**2) - N / 2 * np.log(2 * np.pi * sigma**2) - kl(z_mean, z_log_var)


def bounded(bound):
    """The finding, and the examples and the number of samples that were asked for."""
    asked = []

    def recorded(x, samples):
        asked[:] = x, samples
        return bound(x, samples)

    measurements = Measurements(dataclasses.replace(LOOSE, bound=recorded))
    return terms.bound_estimator_wrong(measurements), *asked


def test_a_right_bound_is_no_finding_though_the_elbo_is_far_below():
    found, x, _ = bounded(lambda x, samples: log_evidence(x))
    assert found is None
    assert np.mean(log_evidence(x) - elbo(x)) > 1.5


def test_a_bound_without_minus_log_k_is_named_and_too_high_by_log_k():
    found, _, samples = bounded(lambda x, samples: log_evidence(x) + np.log(samples))
    assert (found.name, found.severity) == ("bound_estimator_wrong", ERROR)
    assert value(found) == pytest.approx(np.log(samples), abs=0.15)
    assert "forgets - log K" in found.cause


def test_a_mean_of_log_weights_is_named_and_too_low_by_the_gap_of_the_elbo():
    found, x, _ = bounded(lambda x, samples: elbo(x))
    assert found.severity == ERROR
    assert value(found) == pytest.approx(np.mean(log_evidence(x) - elbo(x)), abs=0.15)
    assert "the mean of log w" in found.cause


def test_a_mean_of_log_weights_weighted_by_the_weights_is_named():
    """No bound at all: it lies above L_K."""

    def weighted_mean(x, samples):
        z_mean, z_log_var = LOOSE.encode(x)
        noise = np.random.default_rng((31, 11)).standard_normal((samples, *z_mean.shape))
        z = z_mean + np.exp(z_log_var / 2) * noise
        log_p = [LOOSE.likelihood.log_prob(x, LOOSE.decode(draw)) for draw in z]
        # log w = log p(x|z) + log p(z) - log q(z|x)
        log_w = log_p - 0.5 * np.sum(z**2 - noise**2 - z_log_var, axis=-1)
        w = np.exp(log_w - log_w.max(axis=0))
        return np.sum(w * log_w, axis=0) / np.sum(w, axis=0)

    found, x, samples = bounded(weighted_mean)
    assert found.severity == ERROR
    expected = np.mean(weighted_mean(x, samples) - log_evidence(x))
    assert value(found) == pytest.approx(expected, abs=0.15)
    assert "weighted by w" in found.cause


def test_half_a_nat_is_enough_where_the_error_is_small():
    found, *_ = bounded(lambda x, samples: log_evidence(x) + 0.5)
    assert found.severity == ERROR
    assert value(found) == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize(("factor", "words"), [(1 / N, f"the {N} entries"), (-1, "its sign")])
def test_a_bound_of_another_scale_is_named(factor, words):
    found, x, _ = bounded(lambda x, samples: factor * log_evidence(x))
    assert found.severity == ERROR
    assert value(found) == pytest.approx(abs((1 - factor) * np.mean(log_evidence(x))), abs=0.15)
    assert words in found.cause


def test_a_bound_that_is_wrong_in_another_way_is_found_without_a_name():
    found, *_ = bounded(lambda x, samples: log_evidence(x) - 20)
    assert found.severity == ERROR
    assert value(found) == pytest.approx(20, abs=0.15)
    assert "none of the usual mistakes" in found.cause


def test_a_bound_whose_error_covers_the_threshold_is_undetermined():
    rng = np.random.default_rng(3)
    found, *_ = bounded(lambda x, samples: log_evidence(x) + 1 + 9 * rng.standard_normal(len(x)))
    assert found.severity == UNDETERMINED
    assert "more examples" in found.remedy


# ---- training and validation -----------------------------------------------------------


def logged(train_weight=1.0, val_weight=1.0, rate=10.0):
    """A log whose last epoch has these weights of the rate, and whose first has others."""
    return {
        "loss": [500.0, 80 + train_weight * rate],
        "distortion": [150.0, 80.0],
        "rate": [2.0, rate],
        "val_loss": [170.0, 82 + val_weight * (rate + 1)],
        "val_distortion": [160.0, 82.0],
        "val_rate": [3.0, rate + 1],
    }


def of_log(history, **changes):
    subject = dataclasses.replace(LINEAR, history=history, **changes)
    return terms.objectives_differ(Measurements(subject))


@pytest.mark.parametrize("weights", [(1.0, 0.3), (0.3, 1.0)])
def test_a_validation_loss_of_another_weight_is_measured(weights):
    found = of_log(logged(*weights))
    assert (found.name, found.severity) == ("objectives_differ", WARNING)
    assert value(found) == pytest.approx(0.7)
    assert f"the rate weighs {weights[0]:.3g} and" in found.cause
    assert f"in which it weighs {weights[1]:.3g}:" in found.cause


def test_logs_of_one_weight_or_that_do_not_show_it_are_no_finding():
    assert of_log(logged(0.5, 0.5)) is None
    for name in logged():
        assert of_log({key: v for key, v in logged(1.0, 0.3).items() if key != name}) is None
    # free bits are in the training loss only
    assert of_log(logged(1.0, 0.3), free_nats=0.5) is None
    # a rate near 0 has no weight
    assert of_log(logged(1.0, 0.3, rate=0.05)) is None


@pytest.mark.parametrize("objective", ["iwae", "other"])
def test_a_loss_that_is_not_linear_in_the_rate_has_no_weight(objective):
    with pytest.raises(DoesNotApply, match="another objective"):
        of_log(logged(-1.95, -2.13), objective=objective)
