import numpy as np
import pytest
from scipy import stats

from keras_vae.distributions import Poisson


@pytest.mark.parametrize("mean", [0.01, 2.5, 300.0])
def test_poisson_gives_the_probability_of_every_count(mean):
    x = np.arange(500, dtype="float32")[:, None]
    log_p = Poisson().log_prob(x, np.full_like(x, np.log(mean)))
    np.testing.assert_allclose(log_p, stats.poisson.logpmf(x[:, 0], mean), rtol=5e-6, atol=5e-6)


def test_mean_and_variance_are_the_rate():
    parameters = np.log(np.float32([[0.5, 7.0]]))
    p = Poisson().distribution(parameters)
    np.testing.assert_allclose(Poisson()(parameters), [[0.5, 7.0]], rtol=1e-5)
    np.testing.assert_allclose(p.variance(), [[0.5, 7.0]], rtol=1e-5)
