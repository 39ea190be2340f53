import numpy as np
import pytest

from keras_vae import Config
from keras_vae.training.schedules import learning_rate_of


def rates(steps, **options):
    schedule = learning_rate_of(Config(learning_rate=1e-3, **options), steps)
    return np.array([float(schedule(step)) for step in range(steps)])


def test_the_cosine_ends_at_a_hundredth():
    found = rates(100)
    steps = np.arange(100)
    expected = 1e-3 * (0.01 + 0.99 * (1 + np.cos(np.pi * steps / 100)) / 2)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_burdas_stages_are_each_three_times_as_long_and_end_at_a_tenth():
    """Burda et al. 2016, section 5: learning rates 10^(-i / 7) for 3^i passes, i = 0 ... 7."""
    found = rates(3280, schedule="burda")
    values, lengths = np.unique(found, return_counts=True)
    np.testing.assert_allclose(values[::-1], 1e-3 * 10 ** (-np.arange(8) / 7), rtol=1e-4)
    np.testing.assert_allclose(lengths[::-1], 3 ** np.arange(8), atol=1)
    assert (np.diff(found) <= 0).all()


def test_a_constant_one_is_constant():
    np.testing.assert_allclose(rates(50, schedule="constant"), 1e-3, rtol=1e-6)
    with pytest.raises(ValueError, match="schedule='linear'"):
        rates(50, schedule="linear")
