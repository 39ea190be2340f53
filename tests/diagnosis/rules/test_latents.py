"""What do the latents do? Models in which it is known."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import binary_subject, changed, error, linear_subject, value
from diagnosis.made_tables import table_subject
from scipy.stats import norm

from keras_vae import measures
from keras_vae.diagnosis import Gaussian
from keras_vae.diagnosis.finding import ERROR, INFO, UNDETERMINED, WARNING
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import latents
from keras_vae.errors import DoesNotApply

WEIGHTS, SIGMA = np.array([3.0, 1.0, 0.2]), 0.5


def prior_encoder(x):
    """q(z|x) = p(z) for every x."""
    return np.zeros((len(x), 3), "float32"), np.zeros((len(x), 3), "float32")


def collapsed_subject(**changes):
    """Every z ignored, on both sides; the training code says what its beta is."""
    options = {
        "encode": prior_encoder,
        "decode": lambda z: 0 * z,
        "training_draw": None,
        "loss_fn": None,
    }
    return Measurements(linear_subject(**{**options, **changes}))


def generating(std, count_seed=0, **changes):
    """A model whose samples are decoded draws of N(0, std^2 I)."""
    whole = linear_subject()
    noise = np.random.default_rng(count_seed)
    return changed(
        generate=lambda count: whole.decode(std * noise.standard_normal((count, 3))), **changes
    )


@pytest.fixture(scope="module")
def healthy():
    return generating(1.0)


@pytest.mark.slow
@pytest.mark.parametrize("name", latents.__all__)
def test_nothing_is_found_where_nothing_is_wrong(healthy, name):
    assert getattr(latents, name)(healthy) is None


# ---- collapse --------------------------------------------------------------------------


def test_a_model_without_a_rate_has_collapsed():
    finding = latents.collapsed(collapsed_subject())
    assert finding.severity == ERROR
    assert value(finding) == pytest.approx(0.0, abs=1e-6)


def test_a_rate_of_a_nat_is_no_collapse():
    # 1/2 log(1 + w^2 / sigma^2) = 0.9 nats
    m = changed(weights=(1.12, 0.0, 0.0))
    assert m.train_terms.rate.mean() == pytest.approx(0.9, abs=0.1)
    assert latents.collapsed(m) is None


def rate_of(x, mean):
    """An encoder whose rate is 1/2 m_1^2, m_1 exponential in the first entry of x."""
    z_mean = np.zeros((len(x), 3))
    z_mean[:, 0] = np.sqrt(2 * mean) * np.abs(x[:, 0]) / np.sqrt(9.25)
    return z_mean, np.zeros((len(x), 3))


def test_a_rate_near_the_threshold_is_left_open():
    # 40 examples, each with a rate of 0.45 times a chi^2 of 1 degree of freedom
    m = changed(encode=lambda x: rate_of(x, 0.45), count=40)
    finding = latents.collapsed(m)
    assert finding.severity == UNDETERMINED
    settled = changed(encode=lambda x: rate_of(x, 0.2), count=4000)
    assert latents.collapsed(settled).severity == ERROR


def test_a_collapse_under_a_decoder_that_sees_x_is_put_down_to_that():
    m = collapsed_subject(log_prob=lambda x, z: -np.sum(x**2, axis=1), beta=1e6)
    assert "sees x itself" in latents.collapsed(m).cause


@pytest.mark.parametrize("told", ["declared", "logged", "computed"])
def test_a_collapse_under_a_weight_that_no_latent_can_pay_is_put_down_to_that(told):
    # beta* = 1 + 9 / sigma^2 = 37
    beta = 60.0
    if told == "declared":
        changes = {"beta": beta}
    elif told == "logged":
        changes = {"history": {"beta": [1.0, beta]}}
    else:
        # a mean over the 3 entries, and a weight of 20
        def loss_fn(x):
            distortion = np.sum(x**2 / (2 * SIGMA**2) + np.log(2 * np.pi * SIGMA**2) / 2, axis=1)
            return {"distortion": distortion / 3}

        changes = {"loss_fn": loss_fn, "beta": 20.0}
    finding = latents.collapsed(collapsed_subject(**changes))
    assert "the KL weight is 60" in finding.cause
    assert f"above {collapsed_subject().collapse_threshold[0]:.3g}" in finding.cause
    assert "beta 1" in finding.remedy


def test_a_collapse_under_a_sigma_too_large_is_put_down_to_that():
    # with the ELBO, and sigma^2 above the largest eigenvalue of the data
    m = collapsed_subject(likelihood=Gaussian(10.0))
    assert m.collapse_threshold[0] < 1
    finding = latents.collapsed(m)
    assert "sigma is larger" in finding.cause
    assert "Learn sigma" in finding.remedy


def test_a_collapse_that_more_steps_undo_is_put_down_to_the_training_code():
    m = collapsed_subject(probe=lambda part, steps: linear_subject())
    assert "trained further with the ELBO, it begins to use z" in latents.collapsed(m).cause


@pytest.mark.parametrize(
    ("options", "beta", "cause", "remedy"),
    [
        ({"epochs": 3}, 1.0, "training was too short", "kvae fit --epochs 6"),
        ({"epochs": 3, "beta": 4.0}, 4.0, "the KL weight, 4, is too high", "kvae fit --beta 1"),
    ],
)
def test_of_a_run_whose_code_is_known_the_code_is_not_accused(
    monkeypatch, options, beta, cause, remedy
):
    subject = dataclasses.replace(
        collapsed_subject(probe=lambda part, steps: linear_subject()).subject,
        options=options, beta=beta, loss_fn=None,
    )  # fmt: skip
    monkeypatch.setattr(Measurements, "known_threshold", None)  # as of a conditional model
    finding = latents.collapsed(Measurements(subject))
    assert cause in finding.cause
    assert remedy in finding.remedy
    assert "gradient" not in finding.cause + finding.remedy


@pytest.mark.parametrize("probe", [None, lambda part, steps: collapsed_subject().subject])
def test_a_collapse_without_another_cause_is_put_down_to_its_start(probe):
    finding = latents.collapsed(collapsed_subject(probe=probe))
    assert "stayed where it began" in finding.cause
    assert "warmup" in finding.remedy


def test_the_surest_cause_is_told_first():
    m = collapsed_subject(beta=60.0, probe=lambda part, steps: linear_subject())
    assert "the KL weight is 60" in latents.collapsed(m).cause


def test_constant_data_have_no_threshold_to_be_above():
    subject = binary_subject(
        count=100, encode=lambda x: (np.zeros((len(x), 2)),) * 2, training_draw=None, loss_fn=None,
        decode=lambda z: np.full((len(z), 60), 5.0),
    )  # fmt: skip
    m = Measurements(dataclasses.replace(subject, train=np.ones_like(subject.train)))
    assert "stayed where it began" in latents.collapsed(m).cause


def test_a_healthy_model_is_not_trained_on_to_find_a_cause():
    def never(part, steps):
        raise AssertionError("a probe takes long")

    assert latents.collapsed(changed(probe=never)) is None


# ---- z ignored -------------------------------------------------------------------------


def test_a_decoder_that_sees_x_and_ignores_z_is_found():
    m = changed(log_prob=lambda x, z: -np.sum((x - 1) ** 2, axis=1))
    finding = latents.decoder_ignores_z(m)
    assert finding.severity == ERROR
    assert value(finding) == 0
    assert "sees x itself" in finding.cause
    # without a rate too
    assert latents.decoder_ignores_z(
        changed(encode=prior_encoder, log_prob=lambda x, z: -np.sum(x**2, axis=1))
    )


def test_a_decoder_that_sees_x_and_needs_z_is_not():
    whole = linear_subject()

    def log_prob(x, z):
        return whole.likelihood.log_prob(x, whole.decode(z)) + np.sum(x, axis=1)

    assert latents.decoder_ignores_z(changed(log_prob=log_prob)) is None


def test_a_rate_that_buys_nothing_is_found():
    finding = latents.decoder_ignores_z(changed(decode=lambda z: 0 * z))
    assert finding.severity == ERROR
    assert value(finding) == 0
    # the rate of the held-out examples
    rate = 0.5 * np.log(1 + WEIGHTS**2 / SIGMA**2).sum()
    assert abs(finding.evidence[1].value - rate) < 4 * finding.evidence[1].standard_error


def test_without_a_rate_it_is_a_collapse_and_not_told_twice():
    assert latents.decoder_ignores_z(collapsed_subject()) is None


def test_a_gap_near_the_threshold_is_left_open():
    # the rise for x = 2 z + noise, decoded as c z, is c E[x z] / sigma^2 = 0.5 nats
    scale = 0.5 * SIGMA**2 / 2
    finding = latents.decoder_ignores_z(
        changed(weights=(2.0,), decode=lambda z: scale * z, count=100)
    )
    assert finding.severity == UNDETERMINED
    assert abs(value(finding) - 0.5) < 4 * error(finding)


# ---- too many, too few ------------------------------------------------------------------


def test_latents_that_stand_idle_are_counted():
    finding = latents.spare_latents(changed(weights=(3.0, 0.0, 0.0, 0.0)))
    assert finding.severity == INFO
    assert value(finding) == pytest.approx(1 / 4)
    assert "1 of 4" in finding.cause


def test_half_of_the_latents_idle_is_not_worth_a_word():
    assert latents.spare_latents(changed(weights=(3.0, 0.0))) is None


def test_all_latents_idle_is_a_collapse_and_no_thrift():
    assert latents.spare_latents(collapsed_subject()) is None


def one_latent_missing(weight=2.0, **changes):
    """Two hidden causes and one latent."""
    whole = linear_subject(weights=(3.0, weight))
    return Measurements(
        dataclasses.replace(
            whole,
            encode=lambda x: tuple(part[:, :1] for part in whole.encode(x)),
            decode=lambda z: z * [3.0, 0.0],
            **changes,
        )
    )


def test_what_is_left_over_would_pay_for_another_latent():
    finding = latents.more_latents_would_pay(one_latent_missing())
    assert finding.severity == INFO
    # the variance of what is left in the second entry: (w^2 + sigma^2) / sigma^2
    assert abs(value(finding) - (4 + SIGMA**2) / SIGMA**2) < 4 * error(finding)


def test_at_a_large_weight_of_the_rate_it_would_not_pay():
    assert latents.more_latents_would_pay(one_latent_missing(beta=16.0)) is None


def test_idle_latents_pay_before_more_do():
    whole = linear_subject(weights=(3.0, 2.0))
    scale = np.array([1, 0], "float32")
    m = Measurements(
        dataclasses.replace(
            whole,
            encode=lambda x: (whole.encode(x)[0] * scale, whole.encode(x)[1] * scale),
            decode=lambda z: z * [3.0, 0.0],
        )
    )
    assert m.residual_threshold[0] > 10
    assert latents.more_latents_would_pay(m) is None


def test_a_decoder_of_variances_is_not_asked():
    m = changed(
        decode=lambda z: (z * WEIGHTS, np.zeros((len(z), 3))), likelihood=Gaussian("decoded")
    )
    with pytest.raises(DoesNotApply, match="one sigma"):
        latents.more_latents_would_pay(m)


@pytest.mark.parametrize(("shared", "severity"), [(0.0, INFO), (3.0, ERROR)])
def test_that_columns_with_nothing_in_common_have_no_latents_is_no_error(shared, severity):
    u, *noise = np.random.default_rng(31).normal(size=(4, 800))
    subject = table_subject(np.stack([shared * u + each for each in noise], axis=1))
    m = Measurements(dataclasses.replace(subject, encode=lambda given: prior_encoder(given["x"])))
    finding = latents.collapsed(m)
    assert (finding.name, finding.severity) == ("collapsed", severity)
    assert ("nats in common" in finding.cause) is (severity == INFO)


# ---- the prior -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("shift", [2.0, 3.0])
def test_codes_beside_the_prior_are_told_from_it_as_well_as_can_be(shift):
    whole = linear_subject()
    by = np.array([shift, 0, 0], "float32")
    m = changed(
        encode=lambda x: (whole.encode(x)[0] + by, whole.encode(x)[1]),
        decode=lambda z: whole.decode(z - by),
    )
    finding = latents.prior_hole(m)
    assert finding.severity == WARNING
    # N(0, I) and N(shift, I) are told apart with an area of Phi(shift / sqrt(2)) at best
    best = norm.cdf(shift / np.sqrt(2))
    assert best - 0.05 < value(finding) < best + 4 * error(finding)


def test_codes_in_clusters_have_a_hole_between_them():
    rng = np.random.default_rng(0)
    sides = rng.choice([-1, 1], (3000, 2))
    x = (sides + 0.1 * rng.standard_normal((3000, 2))).astype("float32")
    log_var = np.full((1, 2), 2 * np.log(0.1), "float32")
    m = changed(
        encode=lambda x: (x, np.repeat(log_var, len(x), axis=0)),
        decode=lambda z: z,
        train=x[:2000],
        test=x[2000:],
        training_draw=None,
        loss_fn=None,
    )
    # mean 0 and variance 1 are the prior's, and still
    assert latents.prior_hole(m).severity == WARNING


def test_codes_that_another_prior_would_not_help_are_not_classified(monkeypatch):
    def never(*arguments):
        raise AssertionError("a classifier takes long")

    monkeypatch.setattr(measures, "two_sample", never)
    assert latents.prior_hole(changed()) is None
    assert latents.prior_hole(changed(count=30)) is None  # too few to tell


def test_a_collapsed_model_has_no_hole():
    assert latents.prior_hole(collapsed_subject()) is None


# ---- generation ------------------------------------------------------------------------


@pytest.mark.parametrize("std", [0.3, 2.5])
def test_samples_at_another_temperature_are_found(std):
    finding = latents.generator_differs(generating(std))
    assert finding.severity == ERROR
    assert value(finding) == 1 / 20_000  # no permutation comes near


def test_samples_that_repeat_a_few_draws_are_found():
    whole = linear_subject()
    few = whole.decode(np.random.default_rng(0).standard_normal((10, 3)))
    m = changed(generate=lambda count: np.resize(few, (count, 3)))
    assert latents.generator_differs(m).severity == ERROR


def test_a_model_that_cannot_generate_is_not_asked():
    assert latents.generator_differs(changed()) is None


def test_a_decoder_that_never_varies_generates_nothing_to_compare():
    for decode in (lambda z: 0 * z, lambda z: np.maximum(np.abs(z) - 6, 0)):  # or beyond the prior
        m = changed(decode=decode, generate=lambda count: np.ones((count, 3)))
        assert latents.generator_differs(m) is None
