import numpy as np
import pytest
from reference import normal_log_density

from keras_vae.explanations.questions.prior import answer


def test_the_prior_at_the_code_is_the_density_of_n_0_i(material, healthy):
    numbers = answer(material).numbers
    z_mean, _ = healthy.encode(material.one)
    expected = normal_log_density(z_mean[0], 0, 0).sum()
    assert numbers["log_prior"] == pytest.approx(expected, abs=1e-4)
    assert numbers["log_prior_at_middle"] == pytest.approx(-np.log(2 * np.pi), abs=1e-4)
