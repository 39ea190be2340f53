"""NumPy's p(x|z) against TensorFlow Probability's."""

import numpy as np
import pytest
import tensorflow_probability as tfp

import keras_vae as kv
from keras_vae.diagnosis import Bernoulli, ContinuousBernoulli, Gaussian
from keras_vae.diagnosis.subjects.likelihoods import NAMES, as_likelihood
from keras_vae.diagnosis.subjects.of_likelihood import OfLikelihood

tfd = tfp.distributions


@pytest.fixture
def logits():
    rng = np.random.default_rng(0)
    values = 3 * rng.standard_normal((50, 4, 3))
    values[0] = 0.0
    values[1, 0] = 1e-5
    return values.astype("float32")


@pytest.fixture
def x(logits):
    return np.random.default_rng(1).random(logits.shape).astype("float32")


def oracle(distribution, x):
    return np.sum(distribution.log_prob(x).numpy().astype("float64"), axis=(1, 2))


def test_bernoulli_by_logits(logits, x):
    x = np.round(x)
    expected = oracle(tfd.Bernoulli(logits=logits, dtype="float32"), x)
    np.testing.assert_allclose(Bernoulli(logits=True).log_prob(x, logits), expected, rtol=1e-5)
    p = 1 / (1 + np.exp(-logits.astype("float64")))
    np.testing.assert_allclose(Bernoulli(logits=True).mean(logits), p, rtol=1e-6)


def test_bernoulli_by_probabilities_is_the_same(logits, x):
    p = 1 / (1 + np.exp(-logits.astype("float64")))
    by_p, by_logits = Bernoulli(logits=False), Bernoulli(logits=True)
    np.testing.assert_allclose(by_p.log_prob(x, p), by_logits.log_prob(x, logits), rtol=1e-6)
    np.testing.assert_allclose(by_p.mean(p), p, rtol=1e-6)


def test_probabilities_of_exactly_0_and_1_stay_finite():
    x = np.array([[0.0, 1.0]])
    worst = Bernoulli(logits=False).log_prob(x, np.array([[1.0, 0.0]]))
    assert -100 < worst < -30


def test_continuous_bernoulli_by_logits(logits, x):
    distribution = tfd.ContinuousBernoulli(logits=logits.astype("float64"))
    expected = oracle(distribution, x.astype("float64"))
    likelihood = ContinuousBernoulli(logits=True)
    np.testing.assert_allclose(likelihood.log_prob(x, logits), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(likelihood.mean(logits), distribution.mean(), atol=1e-4)


def test_gaussian_of_one_sigma(logits, x):
    expected = oracle(tfd.Normal(logits.astype("float64"), 0.3), x.astype("float64"))
    np.testing.assert_allclose(Gaussian(0.3).log_prob(x, logits), expected, rtol=1e-6)
    np.testing.assert_array_equal(Gaussian(0.3).mean(logits), logits)


def test_a_sigma_may_be_a_number_of_any_type():
    assert type(Gaussian(np.float32(0.5)).sigma) is float
    assert Gaussian(np.float32(0.5)) == Gaussian(0.5)


def test_gaussian_of_decoded_variances(logits, x):
    mean, log_var = logits.astype("float64"), (0.5 * logits - 1).astype("float64")
    expected = oracle(tfd.Normal(mean, np.exp(log_var / 2)), x.astype("float64"))
    likelihood = Gaussian("decoded")
    np.testing.assert_allclose(likelihood.log_prob(x, (mean, log_var)), expected, rtol=1e-6)
    np.testing.assert_array_equal(likelihood.mean((mean, log_var)), mean)


@pytest.mark.parametrize(
    "ours", [Bernoulli(logits=True), Bernoulli(logits=False)], ids=["logits", "probabilities"]
)
def test_without_z_it_fits_the_data_best(ours, x):
    x = np.round(x)
    best = ours.without_z(x)
    reference = kv.LIKELIHOODS["bernoulli"]().fit_without_z(x)
    np.testing.assert_allclose(ours._logits(best), reference, rtol=1e-5, atol=1e-6)
    likelihood = np.mean(ours.log_prob(x, best[None]))
    for step in (-0.05, 0.05):
        moved = best + step if ours.logits else np.clip(best + step, 0.01, 0.99)
        assert np.mean(ours.log_prob(x, moved[None])) < likelihood


def test_the_variance_without_z_is_that_of_the_family(x):
    binary = np.round(x)
    p = binary.mean(axis=0, dtype="float64")
    np.testing.assert_allclose(Bernoulli(logits=True).variance(binary), p * (1 - p))
    np.testing.assert_array_equal(Gaussian(0.3).variance(x), np.full(x.shape[1:], 0.09))
    best = ContinuousBernoulli(logits=True).without_z(x)
    variance = tfd.ContinuousBernoulli(logits=best).variance()
    np.testing.assert_allclose(ContinuousBernoulli(logits=True).variance(x), variance, rtol=1e-4)


def test_the_continuous_bernoulli_without_z_is_that_of_training(x):
    x = x**2
    reference = kv.LIKELIHOODS["continuous_bernoulli"]().fit_without_z(x)
    np.testing.assert_allclose(ContinuousBernoulli(logits=True).without_z(x), reference, rtol=1e-5)


def test_names_stand_for_likelihoods_and_others_pass():
    assert as_likelihood("bernoulli_probabilities") == Bernoulli(logits=False)
    assert as_likelihood("bernoulli_logits") == Bernoulli(logits=True)
    assert as_likelihood("gaussian").sigma is None
    own = Gaussian(2.0)
    assert as_likelihood(own) is own
    assert isinstance(as_likelihood(kv.LIKELIHOODS["gaussian"]()), OfLikelihood)


@pytest.mark.parametrize("value", [None, 3.0, lambda x, p: x, Gaussian])
def test_an_object_that_is_not_a_likelihood_is_told_what_it_lacks(value):
    with pytest.raises(kv.ConfigError, match=r"a class|without name, support"):
        as_likelihood(value)


@pytest.mark.parametrize("name", ["bernoulli", "continuous_bernoulli"])
def test_a_name_that_leaves_open_what_the_decoder_outputs_is_refused_with_both_choices(name):
    with pytest.raises(kv.ConfigError) as error:
        as_likelihood(name)
    said = str(error.value)
    assert all(word in said for word in (f"'{name}_logits'", f"'{name}_probabilities'", "sigmoid"))
    assert "\n" not in said


@pytest.mark.parametrize("family", [Bernoulli, ContinuousBernoulli])
def test_what_the_decoder_outputs_has_no_default(family):
    with pytest.raises(TypeError, match="logits"):
        family()
    with pytest.raises(TypeError, match="positional"):
        family(True)


def test_with_sigma_changes_nothing_else():
    assert Gaussian().with_sigma(0.3) == Gaussian(0.3)


def test_an_unknown_name_is_refused_with_those_that_are_known():
    with pytest.raises(kv.ConfigError, match="bernouli") as error:
        as_likelihood("bernouli")
    assert all(name in str(error.value) for name in NAMES)
