import math

import numpy as np
import pytest
from scipy import stats

from keras_vae.measures import standard_error


def test_it_is_the_standard_deviation_with_n_minus_1_over_the_root_of_n():
    # squared distances from 2.5 add up to 5, so the variance is 5 / 3
    assert standard_error([1.0, 2.0, 3.0, 4.0]) == pytest.approx(math.sqrt(5 / 3 / 4))


def test_it_is_scipys_standard_error_of_the_mean():
    values = np.random.default_rng(0).normal(-100, 5, size=200)
    assert standard_error(values) == pytest.approx(stats.sem(values))


def test_float32_values_are_averaged_in_float64():
    values = np.float32(1e6) + np.tile([0.0, 1.0], 5000).astype("float32")
    assert standard_error(values) == pytest.approx(stats.sem(values.astype("float64")), rel=1e-9)
