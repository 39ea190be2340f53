import numpy as np
from extensions import laplace_prior

from keras_vae.evidence.prior_range import prior_range


def test_it_reaches_as_many_standard_deviations_as_a_lattice_must_cover(small_vae):
    np.testing.assert_array_equal(prior_range(small_vae()), [[-6.5, -6.5], [6.5, 6.5]])
    vae = laplace_prior.make(np.zeros((1, 4)))
    vae.prior.log_scale.assign(np.log([1.0, 2.0]))
    # the variance of a Laplace distribution is 2 scale^2
    expected = 6.5 * np.sqrt(2) * np.array([[-1, -2], [1, 2]])
    np.testing.assert_allclose(prior_range(vae), expected, rtol=1e-6)
