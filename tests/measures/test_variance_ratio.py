import numpy as np
import pytest

from keras_vae.measures import variance_ratio


@pytest.mark.parametrize(("sigma", "expected"), [(0.3, 1.0), (0.1, 9.0), (1.0, 0.09)])
def test_it_is_the_true_variance_over_the_stated_one(sigma, expected):
    rng = np.random.default_rng(0)
    mean = rng.random((500, 4, 4))
    x = mean + 0.3 * rng.standard_normal(mean.shape)
    ratio, error = variance_ratio(x.astype("float32"), mean, sigma)
    assert abs(ratio - expected) < 4 * error
    # the variance of a mean of 16 squared normals is 2 / 16
    assert error == pytest.approx(expected * np.sqrt(2 / 16 / 500), rel=0.15)


def test_examples_not_entries_are_what_is_independent():
    rng = np.random.default_rng(0)
    one = rng.standard_normal((400, 1))
    assert variance_ratio(np.repeat(one, 25, axis=1), 0, 1) == pytest.approx(
        variance_ratio(one, 0, 1)
    )
