import numpy as np
import pytest

from keras_vae.measures import left_open

RNG = np.random.default_rng(17)
N = 600
CLASSES = RNG.integers(0, 3, N)


def test_a_copy_of_the_classes_in_any_coding_leaves_nothing_open():
    assert left_open(np.array([7.0, -2.0, 3.5])[CLASSES], CLASSES) == 0


def test_noise_leaves_all_of_the_classes_open_however_many_values_it_has():
    for noise in (RNG.normal(size=N), RNG.integers(0, 4, N) * 1.0):
        assert left_open(noise, CLASSES) > 0.8


def test_what_is_left_open_of_classes_is_the_share_of_errors_of_the_most_frequent_class():
    # in a tenth of the rows the code is that of the next class, which nothing can tell
    is_wrong = RNG.random(N) < 0.1
    codes = np.where(is_wrong, (CLASSES + 1) % 3, CLASSES)
    errors = N - np.bincount(CLASSES).max()
    assert left_open(codes * 1.0, CLASSES) == pytest.approx(is_wrong.sum() / errors)


def test_classes_cut_from_a_number_are_told_but_for_those_at_the_cuts():
    x = RNG.normal(size=N)
    cut = np.digitize(x, [-1, 0.5])
    errors = N - np.bincount(cut).max()
    assert left_open(x, cut) <= 2 * 2 / errors


def test_a_copy_of_a_number_in_another_unit_or_on_another_scale_leaves_nothing_open():
    x = RNG.lognormal(size=N)
    for copy in (x, -3 * x + 5, np.log(x)):
        assert left_open(copy, x) == pytest.approx(0, abs=1e-12)


def test_what_is_left_open_of_a_number_is_the_part_of_the_variance_of_ranks():
    x, y = RNG.normal(size=(2, N))
    ranks = np.stack([np.argsort(np.argsort(values)) for values in (x + y, x)])
    expected = 1 - np.corrcoef(ranks)[0, 1] ** 2
    assert left_open(x + y, x) == pytest.approx(expected)


def test_a_constant_tells_nothing():
    assert left_open(np.ones(N), CLASSES) == pytest.approx(1)
    assert left_open(np.ones(N), RNG.normal(size=N)) == 1


def test_of_what_hardly_varies_nothing_is_said():
    rare = (np.arange(N) < 19).astype(int)
    assert left_open(rare * 1.0, rare) is None
    assert left_open(rare * 1.0, np.ones(N)) is None
    assert left_open(np.arange(19.0), np.arange(19.0)) is None


def test_of_classes_of_two_examples_all_is_left_open_by_noise():
    assert left_open(RNG.normal(size=N), np.arange(N) // 2) > 0.9
