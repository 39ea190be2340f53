import numpy as np
import pandas as pd
import pytest
from scipy import stats

from keras_vae.data.tables.cells import read_cells
from keras_vae.data.tables.numbers_seen import COARSE, numbers_seen


def seen(values):
    return numbers_seen(read_cells(pd.Series(values)))


def test_the_gain_of_a_logarithm_is_that_of_the_best_log_normal_over_the_best_normal():
    x = np.random.default_rng(0).lognormal(1, 0.7, 200)
    shape, _, scale = stats.lognorm.fit(x, floc=0)
    gain = stats.lognorm.logpdf(x, shape, 0, scale) - stats.norm.logpdf(x, x.mean(), x.std())
    assert seen(x).log_gain == pytest.approx(gain.mean(), abs=1e-4)
    assert seen(x - 1).log_gain is None


def test_moments_are_those_of_the_finite_values():
    x = np.array([0, 0, 1, 5, np.inf, np.nan])
    found = seen(x)
    assert (found.count, found.different, found.low, found.high, found.mode) == (4, 3, 0, 5, 0)
    assert found.skewness == pytest.approx(stats.skew(x[:4]))
    assert found.variance == pytest.approx(x[:4].var())
    assert not found.is_distinct
    assert found.is_whole


def test_the_step_of_float32_is_its_spacing_in_standard_deviations():
    assert seen([2**24, 2**24 + 4]).step == 2 / 2
    assert seen(1.6e9 + np.arange(50) * 2.5).step > COARSE
    assert seen(np.random.default_rng(0).normal(0, 1, 10**5)).step < 1e-5


def test_whole_numbers_are_told_apart_exactly():
    assert seen([9007199254740993, 9007199254740992, 1]).is_distinct


def test_equal_steps_are_seen():
    assert seen(1949 + np.arange(24) / 12).is_in_steps
    assert not seen([1, 2, 4]).is_in_steps
    assert seen(1e-9 * np.arange(24)).is_in_steps
    assert not seen([1e-9, 2e-9, 4e-9]).is_in_steps  # the same in other units
