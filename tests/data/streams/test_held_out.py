import numpy as np
import pytest

from keras_vae.data.streams.held_out import HeldOut

COUNTS = (20, 21, 199, 1_000, 49_999, 150_001)


@pytest.mark.parametrize("count", COUNTS)
def test_the_three_splits_take_every_row_exactly_once(count):
    held_out = HeldOut(count)
    training = held_out.training_rows(np.arange(held_out.training_examples))
    rows = np.concatenate([held_out.validation, held_out.test, training])
    np.testing.assert_array_equal(np.sort(rows), np.arange(count))


@pytest.mark.parametrize("count", COUNTS)
def test_training_examples_are_the_other_rows_in_their_order(count):
    held_out = HeldOut(count)
    rows = held_out.training_rows(np.arange(held_out.training_examples))
    taken = np.concatenate([held_out.validation, held_out.test])
    np.testing.assert_array_equal(rows, np.setdiff1d(np.arange(count), taken))


@pytest.mark.parametrize(
    ("count", "validation", "test"),
    [(20, 2, 2), (1_009, 100, 100), (60_000, 5_000, 6_000), (10**8, 5_000, 10_000)],
)
def test_a_tenth_each_is_held_out_up_to_the_bounds(count, validation, test):
    held_out = HeldOut(count)
    assert (len(held_out.validation), len(held_out.test)) == (validation, test)
    assert held_out.training_examples == count - validation - test


def test_large_examples_hold_out_fewer():
    held_out = HeldOut(60_000, largest=300)
    assert (len(held_out.validation), len(held_out.test)) == (300, 300)


def test_the_splits_are_the_same_whatever_the_global_seed():
    np.random.seed(1)
    first = HeldOut(1_000)
    np.random.seed(2)
    second = HeldOut(1_000)
    np.testing.assert_array_equal(first.validation, second.validation)
    np.testing.assert_array_equal(first.test, second.test)
    np.testing.assert_array_equal(first.training_sample(9), second.training_sample(9))


def test_held_out_rows_are_a_uniform_draw_in_random_order():
    # the mean rank of n of N rows has mean (N - 1) / 2, variance (N + 1) (N - n) / (12 n)
    held_out = HeldOut(100_000)
    for rows in (held_out.validation, held_out.test, held_out.training_sample(5_000)):
        n = len(rows)
        error = np.sqrt((100_000 + 1) * (100_000 - n) / (12 * n))
        assert abs(rows.mean() - (100_000 - 1) / 2) < 4 * error
        assert abs(np.corrcoef(np.arange(n), rows)[0, 1]) < 4 / np.sqrt(n)


def test_the_training_sample_holds_different_training_examples_only():
    held_out = HeldOut(1_000)
    sample = held_out.training_sample(300)
    assert len(set(sample.tolist())) == 300
    taken = np.concatenate([held_out.validation, held_out.test])
    assert not set(sample.tolist()) & set(taken.tolist())
    assert len(held_out.training_sample(5_000)) == 800


def test_splits_of_the_sources_own_are_kept_and_never_trained_on():
    held_out = HeldOut(1_000, own={"validation": (100, 160), "test": (900, 1_000)})
    np.testing.assert_array_equal(held_out.validation, np.arange(100, 160))
    np.testing.assert_array_equal(held_out.test, np.arange(900, 1_000))
    training = held_out.training_rows(np.arange(held_out.training_examples))
    np.testing.assert_array_equal(training, [*range(100), *range(160, 900)])


def test_a_split_that_is_missing_is_a_tenth_of_the_others():
    held_out = HeldOut(1_000, own={"test": (0, 100)})
    np.testing.assert_array_equal(held_out.test, np.arange(100))
    assert len(held_out.validation) == 90
    training = held_out.training_rows(np.arange(held_out.training_examples))
    rows = np.concatenate([held_out.validation, held_out.test, training])
    np.testing.assert_array_equal(np.sort(rows), np.arange(1_000))


def test_an_own_split_that_is_too_large_has_a_fixed_part_that_stands_for_it():
    held_out = HeldOut(1_000, largest=30, own={"test": (0, 100)})
    assert len(held_out.test) == 30
    assert held_out.test.max() < 100
    assert held_out.training_rows(np.arange(held_out.training_examples)).min() >= 100
