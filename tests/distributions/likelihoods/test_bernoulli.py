import numpy as np
import pytest
import reference
import tensorflow as tf
from distributions.entries import LOGITS, log_prob, pairs
from scipy import optimize

from keras_vae.distributions import Bernoulli, ContinuousBernoulli


def test_bernoulli_gives_the_log_probability_of_both_outcomes_at_any_logit():
    x, logits = pairs([0, 1], LOGITS)
    expected = reference.bernoulli_log_prob(x, logits)
    np.testing.assert_allclose(log_prob(Bernoulli(), x, logits), expected, rtol=1e-5, atol=1e-30)


@pytest.mark.parametrize("x", [0.0, 0.3, 1.0])
def test_the_log_probability_of_bernoulli_rises_with_a_logit_by_x_minus_its_mean(x):
    logits = tf.constant(np.float32([*LOGITS, 0.0])[None])  # 0: where both halves of it bend
    with tf.GradientTape() as tape:
        tape.watch(logits)
        log_p = Bernoulli().log_prob(tf.fill(logits.shape, x), logits)
    expected = x - 1 / (1 + np.exp(-logits.numpy().astype("float64")))
    np.testing.assert_allclose(tape.gradient(log_p, logits), expected, rtol=1e-5, atol=1e-7)


def test_the_mean_of_bernoulli_is_the_sigmoid():
    logits = np.float32(LOGITS)[None]
    expected = 1 / (1 + np.exp(-logits.astype("float64")))
    np.testing.assert_allclose(Bernoulli()(logits), expected, rtol=1e-5, atol=1e-30)


@pytest.mark.parametrize(
    ("likelihood", "log_density"),
    [
        (Bernoulli, reference.bernoulli_log_prob),
        (ContinuousBernoulli, reference.continuous_bernoulli_log_density),
    ],
)
def test_the_fit_without_z_maximises_the_likelihood_of_the_data_and_half_a_0_and_half_a_1(
    likelihood, log_density
):
    rng = np.random.default_rng(0)
    x = rng.beta(0.5, [0.2, 0.5, 1.0, 8.0], size=(60, 4)).astype("float32")
    if likelihood.is_discrete:
        x = np.round(x)
    fitted = likelihood().fit_without_z(x)
    assert fitted.dtype == "float32"
    assert fitted.shape == (4,)
    for entry, logit in zip(x.T, fitted, strict=True):

        def loss(a, values=entry):
            ends = (log_density(0, a) + log_density(1, a)) / 2
            return -log_density(values, a).sum() - ends

        best = optimize.minimize_scalar(loss, bounds=(-60, 60), options={"xatol": 1e-7})
        assert logit == pytest.approx(best.x, abs=1e-3)


@pytest.mark.parametrize("likelihood", [Bernoulli, ContinuousBernoulli])
def test_an_entry_that_never_changed_in_training_may_still_change_in_a_test(likelihood):
    x = np.tile(np.float32([0, 1]), (2000, 1))
    likelihood = likelihood()
    parameters = likelihood.fit_without_z(x)[None]
    assert np.isfinite(parameters).all()
    assert np.isfinite(likelihood.distribution(parameters).log_prob(1 - x[:1])).all()


@pytest.mark.parametrize("likelihood", [Bernoulli, ContinuousBernoulli])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_logits_of_half_precision_give_the_log_probability_in_float32(likelihood, dtype):
    x, mask = np.eye(3, dtype="float32"), np.tri(3, dtype="float32")
    logits = tf.cast(np.float32([[1, -2, 3]] * 3), dtype)  # whole numbers are exact in both
    own, exact = likelihood(), tf.cast(logits, "float32")
    for method in (own.log_prob, own.log_prob_of_pairs):
        for masks in ((), (mask,)):
            received = method(x, logits, *masks)
            assert received.dtype == "float32"
            np.testing.assert_array_equal(received, method(x, exact, *masks))
