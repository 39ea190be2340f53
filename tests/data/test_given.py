import numpy as np

from keras_vae.data.given import array_of, count, take

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
