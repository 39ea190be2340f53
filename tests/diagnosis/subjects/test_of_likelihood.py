import numpy as np
import pytest

from keras_vae.diagnosis import Bernoulli, ContinuousBernoulli
from keras_vae.diagnosis.subjects.of_likelihood import OfLikelihood
from keras_vae.distributions import LIKELIHOODS


@pytest.mark.parametrize(
    ("name", "known"),
    [("bernoulli", Bernoulli()), ("continuous_bernoulli", ContinuousBernoulli())],
)
def test_it_is_what_numpy_has_for_the_known_families(name, known):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(40, 3)).astype("float32")
    x = rng.random((40, 3)).astype("float32")
    x = np.round(x) if name == "bernoulli" else x
    found = OfLikelihood(LIKELIHOODS[name]())
    assert found.support == known.support
    np.testing.assert_allclose(found.log_prob(x, logits), known.log_prob(x, logits), rtol=1e-4)
    np.testing.assert_allclose(found.mean(logits), known.mean(logits), atol=5e-5)
    for ours, theirs in zip(found.moments(logits), known.moments(logits), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(found.without_z(x), known.without_z(x), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.variance(x), known.variance(x), rtol=1e-2)


def test_the_weights_of_the_likelihood_stay_as_they_are():
    gaussian = LIKELIHOODS["gaussian"]()
    OfLikelihood(gaussian).without_z(np.full((5, 2), 7.0))
    assert float(gaussian.sigma) == pytest.approx(1, abs=1e-4)
