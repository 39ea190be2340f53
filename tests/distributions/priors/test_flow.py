import made_families
import numpy as np
import pytest

from keras_vae import ConfigError
from keras_vae.distributions import FlowPrior


def test_it_starts_as_the_standard_normal():
    prior = FlowPrior(3, 8)
    prior.build((None, 4))
    z = np.random.default_rng(0).normal(size=(30, 4)).astype("float32")
    expected = -0.5 * np.sum(z**2 + np.log(2 * np.pi), axis=1)
    np.testing.assert_allclose(prior.distribution(4).log_prob(z), expected, rtol=1e-5)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_the_inverse_undoes_the_flow_and_its_volume(d):
    prior = made_families.prior_of("flow", d)
    u = np.random.default_rng(0).normal(size=(40, d)).astype("float32")
    z, log_det = prior.transform(u)
    back, back_log_det = prior.inverse(z)
    assert np.abs(z - u).max() > 0.1
    np.testing.assert_allclose(back, u, atol=1e-4)
    np.testing.assert_allclose(back_log_det, -np.asarray(log_det), atol=1e-4)


@pytest.mark.parametrize("options", [{"steps": 0}, {"units": 0}])
def test_a_size_that_is_none_is_refused(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        FlowPrior(**options)
