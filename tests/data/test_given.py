import numpy as np

from keras_vae.data.given import array_of, count, part_of, take

X = np.arange(6.0).reshape(3, 2)


def test_an_array_stays_an_array_and_a_dictionary_a_dictionary():
    given = {"x": X, "mask": X > 2}
    for x in (X, given):
        assert array_of(x) is X
        assert count(x) == 3
    np.testing.assert_array_equal(take(X, [2, 0]), X[[2, 0]])
    taken = take(given, slice(1, 2))
    assert taken.keys() == given.keys()
    np.testing.assert_array_equal(taken["mask"], [[False, True]])


def test_a_part_that_is_not_there_is_none():
    given = {"x": X, "mask": X > 2}
    assert part_of(given, "mask") is given["mask"]
    assert part_of(given, "condition") is None
    assert part_of(X, "mask") is None
    assert part_of(X, "mask", 0) is None


def test_a_part_of_some_examples_is_that_of_their_rows():
    given = {"x": X, "condition": X + 1}
    np.testing.assert_array_equal(part_of(given, "condition", 1), [3, 4])
    np.testing.assert_array_equal(part_of(given, "condition", [2, 0]), (X + 1)[[2, 0]])
