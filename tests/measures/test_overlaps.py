import numpy as np
import pytest

from keras_vae.measures import overlap_fraction

RNG = np.random.default_rng(0)
SERIES = np.cumsum(RNG.normal(size=(2000, 2)), axis=0).astype("float32")


def windows(series, length, stride):
    starts = np.arange(0, len(series) - length + 1, stride)
    return series[starts[:, None] + np.arange(length)]


@pytest.mark.parametrize(("shift", "is_found"), [(1, True), (-1, True), (14, True), (-14, True),
                                                 (0, False), (16, False), (20, False)])  # fmt: skip
def test_windows_that_share_more_than_a_quarter_overlap(shift, is_found):
    x = windows(SERIES[20:], 20, 100)
    others = windows(SERIES[20 + shift :], 20, 100)
    assert overlap_fraction(others, x) == is_found
    flat = others.reshape(len(others), -1), x.reshape(len(x), -1)
    assert overlap_fraction(*flat) == is_found


def test_the_fraction_is_that_of_the_test_examples_which_do():
    train = windows(SERIES[:1000], 20, 20)
    test = np.concatenate([windows(SERIES[5:], 20, 20)[:7], windows(SERIES[1000:], 20, 20)[:21]])
    assert overlap_fraction(test, train) == 7 / 28


def test_windows_of_random_splits_overlap_and_those_cut_after_a_split_do_not():
    x = windows(SERIES, 16, 4)
    order = RNG.permutation(len(x))
    assert overlap_fraction(x[order[:50]], x[order[50:]]) > 0.9
    assert overlap_fraction(windows(SERIES[1500:], 16, 4), windows(SERIES[:1485], 16, 4)) == 0


def test_what_is_equal_in_few_values_is_chance():
    coarse = np.round(SERIES / 30)  # some values, long the same
    x = windows(coarse, 16, 4)
    assert overlap_fraction(x[::5], x[1::5]) == 0
    table = RNG.integers(0, 7, (3000, 40))
    assert overlap_fraction(table[:1000], table[1000:]) == 0


def test_gaps_are_equal_and_no_values():
    x = windows(SERIES, 20, 100)[:, :, 0].copy()
    moved = windows(SERIES[3:], 20, 100)[:, :, 0].copy()
    x[:, 10], moved[:, 7] = np.nan, np.nan  # the same step
    # a quarter of 20 entries is less than 8, and 8 are taken: of them 8 must be there
    assert overlap_fraction(moved, x) == 1
    x[:], moved[:] = np.nan, np.nan
    assert overlap_fraction(moved, x) == 0


def test_windows_of_fewer_than_16_entries_say_nothing():
    assert np.isnan(overlap_fraction(np.zeros((5, 15)), np.zeros((5, 15))))
