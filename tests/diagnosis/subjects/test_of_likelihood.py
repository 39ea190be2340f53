import numpy as np
import pytest
import tensorflow_probability as tfp
from reference import bernoulli_log_prob, continuous_bernoulli_log_density, normal_log_density

from keras_vae.diagnosis import Bernoulli, ContinuousBernoulli, Gaussian
from keras_vae.diagnosis.subjects.of_likelihood import OfLikelihood, _log_probs
from keras_vae.distributions import LIKELIHOODS, Likelihood

tfd = tfp.distributions
RNG = np.random.default_rng(0)
OUTPUTS = RNG.normal(size=(40, 3)).astype("float32")
GRAY = RNG.random((40, 3)).astype("float32")
SIGMA = 0.3


def of(name):
    """(the model's own likelihood, the one for models of others, examples)."""
    foreign = {
        "bernoulli": Bernoulli(logits=True),
        "continuous_bernoulli": ContinuousBernoulli(logits=True),
        "gaussian": Gaussian(SIGMA),
    }[name]
    likelihood = LIKELIHOODS[name]()
    if name == "gaussian":
        likelihood.set_sigma(SIGMA)
    return OfLikelihood(likelihood), foreign, np.round(GRAY) if name == "bernoulli" else GRAY


@pytest.mark.parametrize("name", ["bernoulli", "gaussian", "continuous_bernoulli"])
def test_a_diagnosis_finds_the_same_properties_and_values_in_both(name):
    own, foreign, x = of(name)
    for attribute in ("name", "support", "is_discrete"):
        assert getattr(own, attribute) == getattr(foreign, attribute)
    assert own.sigma == (pytest.approx(SIGMA, rel=1e-6) if name == "gaussian" else None)
    assert own.logits == getattr(foreign, "logits", False)
    np.testing.assert_allclose(own.mean(OUTPUTS), foreign.mean(OUTPUTS), atol=1e-4)
    for ours, theirs in zip(own.moments(OUTPUTS), foreign.moments(OUTPUTS), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)
    best = {"own": own.without_z(x), "foreign": foreign.without_z(x)}
    np.testing.assert_allclose(best["own"], best["foreign"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(own.variance(x), foreign.variance(x), rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("bernoulli", bernoulli_log_prob),
        ("continuous_bernoulli", continuous_bernoulli_log_density),
        ("gaussian", lambda x, mean: normal_log_density(x, mean, 2 * np.log(SIGMA))),
    ],
)
def test_log_prob_is_the_sum_over_entries_in_float64(name, oracle):
    own, _, x = of(name)
    x, outputs = np.tile(x, (1, 5000)), np.tile(OUTPUTS, (1, 5000))
    expected = oracle(x.astype("float64"), outputs.astype("float64")).sum(axis=1)
    found = own.log_prob(x, outputs)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=3e-3)  # rounding of entries
    entries = _log_probs(own._likelihood, x, outputs).numpy()
    exact = entries.astype("float64").sum(axis=1)
    np.testing.assert_allclose(found, exact, rtol=1e-8)
    assert np.max(np.abs(entries.sum(axis=1) / exact - 1)) > 1e-8  # which float32 would not reach


def test_log_prob_of_entries_that_depend_on_each_other_is_the_likelihoods_own():
    class Chain(Likelihood):
        """A walk: its entries are not independent given z."""

        def distribution(self, parameters):
            return tfd.MultivariateNormalTriL(parameters, np.tril(np.ones((3, 3), "float32")))

    likelihood = Chain()
    expected = likelihood.distribution(OUTPUTS).log_prob(GRAY)
    np.testing.assert_allclose(OfLikelihood(likelihood).log_prob(GRAY, OUTPUTS), expected)


def test_a_constant_entry_of_binary_data_has_no_variance():
    x = np.zeros((50, 2))
    x[:10, 1] = 1
    np.testing.assert_allclose(of("bernoulli")[0].variance(x), [0, 0.16])


def test_a_saturated_probability_keeps_a_variance_to_divide_by():
    _, variance = of("bernoulli")[0].moments(np.full((1, 3), 200, "float32"))
    np.testing.assert_allclose(variance, 1e-7)


def test_another_sigma_leaves_the_model_as_it_is():
    own, _, x = of("gaussian")
    wider = own.with_sigma(2.5)
    assert (own.sigma, wider.sigma) == (pytest.approx(SIGMA), pytest.approx(2.5))
    expected = Gaussian(2.5).log_prob(x, OUTPUTS)
    np.testing.assert_allclose(wider.log_prob(x, OUTPUTS), expected, rtol=1e-6)


def test_the_weights_of_the_likelihood_stay_as_they_are():
    gaussian = LIKELIHOODS["gaussian"]()
    OfLikelihood(gaussian).without_z(np.full((5, 2), 7.0))
    assert float(gaussian.sigma) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "are_logits"),
    [("bernoulli", True), ("continuous_bernoulli", True), ("gaussian", False),
     ("discretized_logistic", False), ("poisson", False)],
)  # fmt: skip
def test_logits_are_the_one_output_of_a_likelihood_between_two_limits(name, are_logits):
    assert OfLikelihood(LIKELIHOODS[name]()).logits == are_logits
