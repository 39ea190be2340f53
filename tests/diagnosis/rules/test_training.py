"""Did training reach where it was going? Models that did, and that stopped short by known nats."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import binary_subject, changed, linear_subject, lost_by_width, value

from keras_vae.diagnosis import Gaussian
from keras_vae.diagnosis.finding import ERROR, INFO, UNDETERMINED, WARNING
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import training
from keras_vae.errors import DoesNotApply
from keras_vae.measures import largest_jump

WEIGHTS, SIGMA = np.array([3.0, 1.0, 0.2]), 0.5


def wide_encoder(factor, encode=None):
    """The encoder with variances so many times too large."""
    encode = encode or linear_subject().encode

    def wide(x):
        z_mean, z_log_var = encode(x)
        return z_mean, z_log_var + np.float32(np.log(factor))

    return wide


@pytest.fixture(scope="module")
def healthy():
    """Everything that can be looked at, and nothing wrong with it; read only."""
    whole = linear_subject(
        probe=lambda part, steps: linear_subject(),
        history={"loss": [9.0, 4.0, 3.1, 3.0, 3.0, 3.01], "elbo": [-9, -4, -3.1, -3, -3, -3.01]},
    )
    parts = whole.encode, whole.decode
    return Measurements(dataclasses.replace(whole, training_mode=parts, served=parts))


@pytest.mark.parametrize("name", training.__all__)
def test_nothing_is_found_where_nothing_is_wrong(healthy, name):
    assert getattr(training, name)(healthy) is None


@pytest.mark.parametrize(
    "name",
    ["loss_jumps", "undertrained", "lagging_encoder", "training_mode_differs", "export_drift"],
)
def test_nothing_is_found_where_nothing_is_known(name):
    assert getattr(training, name)(changed(count=100)) is None


# ---- NaN -------------------------------------------------------------------------------


def test_the_first_value_that_is_not_a_number_is_named():
    history = {"elbo": [1.0, 1.0, np.nan], "rate": [1.0, np.inf, 1.0], "loss": []}
    finding = training.nonfinite_loss(changed(count=50, history=history))
    assert finding.severity == ERROR
    assert "rate became NaN or infinite in epoch 2" in finding.cause


def test_a_model_of_nan_is_found_without_a_history():
    def encode(x):
        z_mean = x.copy()
        z_mean[: len(x) // 4] = np.nan
        return z_mean, x

    finding = training.nonfinite_loss(changed(count=100, encode=encode))
    assert finding.severity == ERROR
    # the fraction of the examples
    assert value(finding) == pytest.approx(0.25)


# ---- the log ---------------------------------------------------------------------------


def test_a_jump_of_the_loss_is_found_with_its_epoch_and_size():
    history = {"loss": [10.0, 6.0, 4.0, 8.0, 3.0, 2.0]}
    finding = training.loss_jumps(changed(count=50, history=history))
    assert finding.severity == WARNING
    # from 4 to 8, of 10 - 2
    assert value(finding) == pytest.approx(0.5)
    assert "epoch 4" in finding.cause


def test_it_is_the_loss_that_jumps_and_not_what_is_logged_beside_it():
    falling, jumping = [10.0, 6.0, 4.0, 3.5, 3.0, 2.0], [-10.0, -6.0, -4.0, -8.0, -3.0, -2.0]
    history = {"loss": falling, "elbo": jumping}
    assert training.loss_jumps(changed(count=50, history=history)) is None


def test_a_loss_that_rises_with_beta_has_not_jumped():
    history = {"loss": [2.0, 6.0, 9.0, 8.0, 7.0, 6.5], "beta": [0.3, 0.6, 1.0, 1.0, 1.0, 1.0]}
    assert training.loss_jumps(changed(count=50, history=history)) is None
    # after the warm-up it would have
    history["loss"] = [2.0, 6.0, 9.0, 7.0, 8.5, 6.5]
    finding = training.loss_jumps(changed(count=50, history=history))
    assert "epoch 5" in finding.cause


def in_nats(loss):
    """The log of a model that reports its ELBO, too."""
    return {"loss": loss, "elbo": [-value for value in loss]}


def test_noise_in_a_loss_that_began_near_its_end_is_no_jump():
    # a third of what it fell in these epochs, and little of log p(x)
    m = changed(count=200, history=in_nats([4.1, 4.0, 4.04, 3.98]))
    assert training.loss_jumps(m) is None


def test_a_loss_that_began_far_up_hides_no_jump():
    m = changed(count=200, history=in_nats([1e6, 5.0, 14.0, 4.9]))
    assert training.loss_jumps(m) is not None


def test_a_rise_that_the_noise_of_an_epoch_may_make_is_left_open():
    noise = np.random.default_rng(0).normal(5, 0.8, 40)
    noise[20] = 10.5
    m = changed(count=200, history=in_nats([20.0, *noise]))
    assert training.loss_jumps(m).severity == UNDETERMINED
    m = changed(count=200, history=in_nats([20.0, *(5 + (noise - 5) / 10), 14.0, 5.0]))
    assert training.loss_jumps(m).severity in (WARNING, ERROR)


def test_the_extremes_of_noise_in_many_epochs_are_no_jump_and_hide_none():
    noise = np.random.default_rng(0).normal(7, 0.1, 1500)
    history = in_nats([7.5, *noise])
    assert largest_jump(noise)[0] > 0.5
    assert training.loss_jumps(changed(count=200, history=history)) is None
    history["loss"][700] = 9.0
    assert training.loss_jumps(changed(count=200, history=history)).severity in (WARNING, ERROR)


def test_a_jump_is_held_against_what_the_objective_could_lose():
    # with a sigma of 0.05 a model without z loses about 2000 nats, with the best sigma 5
    jump = [900.0, 400.0, 450.0, 390.0]
    history = in_nats(jump)
    assert training.loss_jumps(changed(count=200, history=history)) is not None
    m = changed(count=200, history=history, likelihood=Gaussian(0.05))
    assert training.loss_jumps(m) is None


def test_an_empty_log_says_nothing():
    assert training.loss_jumps(changed(count=50, history={"loss": []})) is None
    assert training.undertrained(changed(count=50, history={"val_elbo": []})) is None


def test_a_loss_that_falls_with_each_doubling_is_not_at_its_end():
    # 1/4 of all that it falls in 16 epochs, by each doubling
    loss = list(8 - 2 * np.log2(np.arange(1, 17)))
    finding = training.undertrained(changed(count=50, history={"val_loss": loss}))
    assert finding.severity == WARNING
    assert value(finding) == pytest.approx(0.25)


def test_three_epochs_are_enough_where_each_gains_as_much():
    # the losses of a network whose last layer is on its way to data of a large scale
    history = {"loss": [725.2, 690.1, 659.7]}
    assert training.undertrained(changed(count=50, history=history)).severity == WARNING
    # of one large fall nobody knows whether it was the last
    history = {"loss": [100.0, 50.0, 49.9]}
    assert training.undertrained(changed(count=50, history=history)).severity == UNDETERMINED
    assert training.undertrained(changed(count=50, history={"loss": [3.0, 2.0]})) is None


def test_a_loss_at_its_end_is_not_undertrained():
    history = {"val_loss": [8.0, 4.0, 3.0, 2.5, 2.4, 2.4, 2.4, 2.4]}
    assert training.undertrained(changed(count=50, history=history)) is None


def test_what_is_judged_by_is_the_elbo_of_validation():
    falling = list(8 - 2 * np.log2(np.arange(1, 17)))
    settled = [8.0, 4.0] + [2.0] * 14
    loss_only = {"loss": falling}
    assert training.undertrained(changed(count=50, history=loss_only)) is not None
    history = {"loss": falling, "val_loss": settled}
    assert training.undertrained(changed(count=50, history=history)) is None
    history["val_elbo"] = [-loss for loss in falling]
    assert training.undertrained(changed(count=50, history=history)) is not None


@pytest.mark.parametrize("objective", ["iwae", "other"])
def test_another_objective_is_judged_by_its_own_loss(objective):
    falling = list(8 - 2 * np.log2(np.arange(1, 17)))
    settled = [8.0, 4.0] + [2.0] * 14

    def asked(val_loss, val_elbo):
        history = {"val_loss": val_loss, "val_elbo": val_elbo}
        # what a probe gains is ELBO
        return training.undertrained(probed(1.0, 4.0, 1.0, history=history, objective=objective))

    assert asked(settled, [-loss for loss in falling]) is None
    finding = asked(falling, [-2.0] * 16)
    assert finding.severity == WARNING
    assert "objective was still rising" in finding.cause


@pytest.mark.parametrize("objective", ["iwae", "other"])
def test_the_encoder_of_another_objective_does_not_lag_behind_the_elbo(objective):
    with pytest.raises(DoesNotApply, match="another objective"):
        training.lagging_encoder(probed(1.0, 4.0, 1.0, objective=objective))


@pytest.mark.parametrize("loss", [[4.0, 3.0], [4.0, 3.0, np.nan, 2.0, 1.0]])
def test_a_log_that_cannot_tell_says_nothing(loss):
    assert training.undertrained(changed(count=50, history={"loss": loss})) is None


def test_a_noisy_log_leaves_it_open():
    noise = np.random.default_rng(1).standard_normal(16)
    loss = 8 - 2 * np.log2(np.arange(1, 17)) + 0.5 * noise
    finding = training.undertrained(changed(count=50, history={"loss": list(loss)}))
    assert finding.severity == UNDETERMINED
    assert "more epochs" in finding.remedy


# ---- probes ----------------------------------------------------------------------------


def probed(encoder, decoder, both, **changes):
    """A model with variances 4 times too large, and what more steps would make of each part."""
    factors = {"encoder": encoder, "decoder": decoder, "both": both}

    def probe(part, steps):
        return linear_subject(encode=wide_encoder(factors[part]))

    return changed(encode=wide_encoder(4.0), probe=probe, **changes)


def test_what_more_steps_gain_is_the_elbo_that_they_gain():
    m = probed(encoder=4.0, decoder=1.0, both=1.0)
    finding = training.undertrained(m)
    assert finding.severity == WARNING
    gain = lost_by_width(4.0) / m.worth
    assert abs(value(finding) - gain) < 4 * finding.evidence[0].standard_error
    # ... on its own, here, from the decoder's steps
    assert training.lagging_encoder(m) is None


def test_an_encoder_that_lags_gains_by_its_own_steps_what_both_gain():
    m = probed(encoder=1.0, decoder=4.0, both=1.0)
    finding = training.lagging_encoder(m)
    assert finding.severity == WARNING
    gain = lost_by_width(4.0) / m.worth
    assert abs(value(finding) - gain) < 4 * finding.evidence[0].standard_error


def test_a_spoilt_encoder_that_a_decoder_could_make_up_for_lags_all_the_same():
    # steps of the decoder gain nearly as much, and add nothing to those of the encoder
    worse = {"decoder": 1.05, "encoder": 1.0, "both": 1.0}
    m = changed(
        encode=wide_encoder(4.0),
        probe=lambda part, steps: linear_subject(encode=wide_encoder(worse[part])),
    )
    assert training.lagging_encoder(m).severity == WARNING


def test_where_both_parts_would_gain_training_was_too_short():
    m = probed(encoder=1.5, decoder=1.5, both=1.0)
    assert training.undertrained(m) is not None
    assert training.lagging_encoder(m) is None


def test_steps_that_lose_are_no_finding():
    m = probed(encoder=8.0, decoder=8.0, both=8.0)
    assert training.undertrained(m) is None
    assert training.lagging_encoder(m) is None


def test_a_gain_that_few_examples_cannot_tell_is_left_open():
    def probe(part, steps):
        return linear_subject(decode=lambda z: z * WEIGHTS)

    # a gain of about the threshold: the mean is off by c, which costs n c^2 / 2 sigma^2
    worth = changed().worth
    c = np.sqrt(0.08 * worth * 2 * SIGMA**2 / 3)
    m = changed(probe=probe, decode=lambda z: z * WEIGHTS + c, count=60)
    assert training.undertrained(m).severity == UNDETERMINED


def test_the_probe_is_believed_before_the_log():
    falling = list(8 - 2 * np.log2(np.arange(1, 17)))
    m = changed(history={"val_loss": falling}, probe=lambda part, steps: linear_subject())
    assert training.undertrained(m) is None


# ---- where the encoder stands ----------------------------------------------------------


def shrunk_encoder(scale, encode):
    def shrunk(x):
        z_mean, z_log_var = encode(x)
        return np.float32(scale) * z_mean, z_log_var

    return shrunk


def unsettled(scale=0.6, **changes):
    """One latent with w^2 = 4 sigma^2, whose means are `scale` times what they should be."""
    encode = linear_subject(weights=(1.0,)).encode
    return changed(weights=(1.0,), encode=shrunk_encoder(scale, encode), **changes)


def test_means_that_answer_to_another_weight_than_the_widths_are_unsettled():
    m = unsettled()
    # by the widths 1; by the means 1 / (s v) - 1 / v + 1 with the posterior variance v = 1/5
    assert m.implied_beta.beta == pytest.approx(1.0, abs=4 * m.implied_beta.standard_error)
    by_means, error = m.implied_beta.by_means, m.implied_beta.by_means_standard_error
    assert abs(by_means - (5 / 0.6 - 5 + 1)) < 4 * error
    finding = training.encoder_unsettled(m)
    assert finding.severity == WARNING
    assert f"{by_means:.3g}" in finding.evidence[0].measure


@pytest.mark.parametrize("beta", [0.3, 1.0, 3.0])
def test_an_encoder_at_its_optimum_is_settled_whatever_the_weight(beta):
    assert training.encoder_unsettled(changed(beta=beta)) is None


def test_a_small_disagreement_is_none():
    assert training.encoder_unsettled(unsettled(scale=0.95)) is None


def test_the_same_disagreement_is_none_where_training_gained_much_more():
    m = unsettled(scale=0.75)
    found = training.encoder_unsettled(m)
    assert found.evidence[0].threshold == pytest.approx(0.03 * m.worth)
    m.__dict__["worth"] = 100 * m.worth
    assert training.encoder_unsettled(m) is None


def test_other_objectives_leave_the_encoder_elsewhere():
    assert training.encoder_unsettled(unsettled(objective="iwae")) is None
    assert training.encoder_unsettled(unsettled(free_nats=2.0)) is None


def test_an_encoder_that_says_nothing_is_not_unsettled_but_collapsed():
    m = changed(encode=lambda x: (0.1 * x[:, :3], 0.1 * np.ones((len(x), 3), "float32")))
    assert m.train_terms.rate.mean() < 0.5
    assert training.encoder_unsettled(m) is None


def test_codes_scaled_up_are_found_at_the_scale():
    whole = linear_subject()

    def encode(x):
        z_mean, z_log_var = whole.encode(x)
        return 5 * z_mean, z_log_var + np.float32(2 * np.log(5))

    m = changed(encode=encode, decode=lambda z: whole.decode(z / 5))
    finding = training.latent_blow_up(m)
    assert finding.severity == WARNING
    # 5 std of E[z|x] over the data, w / sqrt(w^2 + sigma^2)
    expected = 5 * 3 / np.sqrt(9 + SIGMA**2)
    assert value(finding) == pytest.approx(expected, rel=4 / np.sqrt(2 * 2000))
    assert f"{np.abs(m.train_terms.z_mean).max():.3g}" in finding.cause


def test_one_latent_far_out_is_enough():
    whole = linear_subject()
    scale = np.array([1, 1, 20], "float32")
    m = changed(
        encode=lambda x: (whole.encode(x)[0] * scale, whole.encode(x)[1]),
        decode=lambda z: whole.decode(z / scale),
    )
    assert training.latent_blow_up(m) is not None


# ---- training mode, constant parts, exports ---------------------------------------------


def moved(by, whole=None):
    """Two decoders: as it should be, and with every output moved by so much."""
    whole = whole or linear_subject()
    return whole.decode, lambda z: whole.decode(z) + by


def test_a_model_that_is_worse_in_evaluation_is_found_with_the_nats_that_it_loses():
    whole = linear_subject()
    right, wrong = moved(0.5)
    m = changed(decode=wrong, training_mode=(whole.encode, right))
    finding = training.training_mode_differs(m)
    assert finding.severity == ERROR
    # n c^2 / 2 sigma^2
    lost = 3 * 0.5**2 / (2 * SIGMA**2) / m.worth
    assert abs(value(finding) - lost) < 4 * finding.evidence[0].standard_error


def test_dropout_may_make_training_mode_worse():
    whole = linear_subject()
    assert (
        training.training_mode_differs(changed(training_mode=(whole.encode, moved(0.5)[1]))) is None
    )


def test_an_encoder_that_never_varies_is_found():
    m = changed(encode=lambda x: (np.ones((len(x), 3)), np.zeros((len(x), 3))), count=100)
    finding = training.encoder_constant(m)
    assert finding.severity == ERROR
    assert value(finding) == 0


@pytest.mark.parametrize("varies", [0, 1])
def test_an_encoder_one_of_whose_outputs_varies_is_not_constant(varies):
    def encode(x):
        outputs = np.zeros((2, len(x), 3))
        outputs[varies, :, 2] = 0.01 * x[:, 0]
        return tuple(outputs)

    assert training.encoder_constant(changed(encode=encode, count=100)) is None


def test_an_encoder_that_heeds_what_lies_beyond_the_data_is_not_dead():
    def encode(x):
        # of the data the third entry never is as large
        is_noise = np.all(np.abs(x) > 4, axis=1, keepdims=True)
        return np.where(is_noise, x, 0), 0 * x

    assert training.encoder_constant(changed(encode=encode, count=100)) is None


def test_a_decoder_that_never_varies_is_found():
    finding = training.decoder_constant(changed(decode=lambda z: 0 * z + [1, 2, 3], count=100))
    assert finding.severity == ERROR
    assert value(finding) < 1e-12


def test_a_decoder_that_heeds_z_beyond_the_prior_only_is_not_dead():
    def decode(z):
        return np.maximum(np.abs(z) - 6, 0)

    assert training.decoder_constant(changed(decode=decode, count=100)) is None


def without_rate(x):
    return np.zeros((len(x), 3), "float32"), np.zeros((len(x), 3), "float32")


@pytest.mark.parametrize(("beta", "is_told"), [(1.0, True), (200.0, False)])
def test_where_no_latent_pays_it_is_no_wonder_that_networks_have_died(beta, is_told):
    # w^2 / sigma^2 + 1 = 37 is the largest weight at which the first latent pays
    m = changed(encode=without_rate, decode=lambda z: 0 * z, beta=beta, loss_fn=None, count=100)
    assert m.is_given_up is not is_told
    assert (training.encoder_constant(m) is not None) is is_told
    assert (training.decoder_constant(m) is not None) is is_told


def test_one_output_that_varies_is_enough():
    assert training.decoder_constant(changed(decode=lambda z: z * [0, 0, 1e-3], count=100)) is None


def test_a_decoder_that_sees_x_is_not_asked_whether_it_is_constant():
    m = changed(decode=lambda z: 0 * z, log_prob=lambda x, z: -np.sum((x - z) ** 2, axis=1))
    assert training.decoder_constant(m) is None


def test_saturated_probabilities_are_not_mistaken_for_a_constant_decoder():
    assert training.decoder_constant(Measurements(binary_subject(weight=50.0, count=100))) is None


def test_an_export_that_is_off_is_found_with_how_much():
    whole = linear_subject()
    served = (lambda x: (whole.encode(x)[0] + 0.1, whole.encode(x)[1]), whole.decode)
    m = changed(served=served)
    finding = training.export_drift(m)
    assert finding.severity == ERROR
    largest = np.abs(whole.encode(m.test[:100])[0]).max()
    assert value(finding) == pytest.approx(0.1 / largest, rel=1e-3)


def test_rounding_to_float32_is_no_drift():
    whole = linear_subject()
    served = (whole.encode, lambda z: whole.decode(z) * (1 + 1e-6))
    assert training.export_drift(changed(served=served)) is None


# ---- the importance-weighted bound -------------------------------------------------------


def test_the_gap_of_an_importance_weighted_encoder_is_information():
    m = changed(encode=wide_encoder(4.0), objective="iwae")
    finding = training.objective_is_importance_weighted(m)
    assert finding.severity == INFO
    # log p(x) - ELBO = KL(q || p(z|x)); L_K lies a little below log p(x)
    error = 4 * finding.evidence[0].standard_error
    assert abs(value(finding) - lost_by_width(4.0)) < error + 0.05


def test_without_a_gap_there_is_nothing_to_say():
    assert training.objective_is_importance_weighted(changed(objective="iwae")) is None
    assert training.objective_is_importance_weighted(changed(encode=wide_encoder(4.0))) is None
