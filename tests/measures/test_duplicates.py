import numpy as np
import pytest

from keras_vae.measures import duplicate_fraction, duplicates_by_chance, one_entry_apart


def images(count, seed=0):
    return np.random.default_rng(seed).random((count, 4, 3), "float32")


def test_planted_examples_are_counted_wherever_they_stand():
    train, test = images(200), images(50, seed=1)
    test[[0, 7, 49]] = train[[199, 3, 3]]
    assert duplicate_fraction(test, train) == (3 / 50, 0)
    assert duplicate_fraction(train, train) == (1, 0)
    assert duplicate_fraction(images(50, seed=1), train) == (0, 0)


def test_one_entry_of_another_value_is_another_example():
    train = images(20)
    test = train.copy()
    test[:, 3, 2] += 1e-3
    assert duplicate_fraction(test, train)[0] == 0
    # the same entries in another order, too
    assert duplicate_fraction(train[:, ::-1], train)[0] == 0


@pytest.mark.parametrize("dtype", ["float64", "float16", "uint8", "bool"])
def test_a_copy_of_another_dtype_or_shape_is_a_copy(dtype):
    test = (images(60) > 0.5).astype(dtype)
    train = test[:30].reshape(30, -1).astype("float32")
    train[train == 0] *= -1
    expected = np.mean([(row == train).all(axis=1).any() for row in test.reshape(60, -1)])
    assert expected >= 0.5
    assert duplicate_fraction(test, train)[0] == expected
    assert duplicate_fraction(test[:, ::-1, ::-1][:, ::-1, ::-1], train)[0] == expected


def test_what_to_expect_is_how_much_of_the_training_data_stands_there_more_than_once():
    train = images(20)
    train[10:13] = train[0]  # four of one
    train[15] = train[1]  # two of another
    assert duplicate_fraction(images(5, seed=1), train) == (0, 6 / 20)


def test_coarse_data_repeat_themselves_as_often_in_both_splits():
    rng = np.random.default_rng(0)
    # 11 bits, not alike in probability
    train, test = (rng.random((count, 11)) < 0.15 for count in (2000, 4000))
    found, expected = duplicate_fraction(test, train)
    assert 0.5 < found < 0.99
    # 0.8: one test example in 2000 and one training example among the others of 1999
    assert abs(found - expected) < 4 * np.sqrt(found * (1 - found) * (1 / 2000 + 1 / 4000))


def test_the_probability_of_as_many_copies_by_chance_is_that_of_dealing_the_pairs_out():
    train = images(30)
    test = np.concatenate([train[:3], images(17, seed=1)])
    # each of three pairs in two splits: 8 ways of 20 and 30 places, of all ways to place six
    places = np.prod(np.arange(18, 21.0)) * np.prod(np.arange(28, 31.0))
    expected = 8 * places / np.prod(np.arange(45, 51.0))
    error = np.sqrt(expected * (1 - expected) / 4999)
    found = duplicates_by_chance(test, train, draws=4999)
    assert found == pytest.approx(expected, abs=4 * error)


def test_copies_by_chance_of_coarse_data_are_likely_and_those_of_a_leak_are_not():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (200, 5))
    assert duplicates_by_chance(x[:40], x[40:]) > 0.01
    assert duplicates_by_chance(images(40), images(200, seed=1)) == 1
    assert duplicates_by_chance(images(200)[:40], images(200)) == 1 / 1000


def apart_by_pairs(x):
    """The same by comparing all pairs."""
    different = np.unique(x, axis=0)
    distances = (different[:, None] != different[None]).sum(axis=-1)
    return (distances == 1).any(axis=1).mean()


@pytest.mark.parametrize(("entries", "values"), [(1, 9), (3, 4), (4, 9), (6, 12), (9, 2)])
def test_examples_that_differ_in_one_entry_are_those_that_pairs_show(entries, values):
    x = np.random.default_rng(entries).integers(0, values, (150, entries)).astype("float32")
    assert one_entry_apart(x) == apart_by_pairs(x)


def test_repeats_and_gaps_make_no_difference_of_their_own():
    gap, zero = np.float32("nan"), np.float32(-0.0)
    x = np.float32([[1, 2, gap], [1, 2, gap], [1, 5, gap], [0, 7, 8], [zero, 7, 8], [3, 3, 3]])
    assert one_entry_apart(x) == 2 / 4
    assert one_entry_apart(images(30)) == 0
