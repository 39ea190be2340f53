import numpy as np
from extensions import full_covariance

from keras_vae.evidence.parameters import repeated, specs_of


def test_the_specs_are_those_of_any_family(small_vae):
    specs = specs_of(small_vae(), (6,))
    assert [spec.shape.as_list() for spec in specs] == [[None, 2]] * 2
    specs = specs_of(full_covariance.make(np.zeros((1, 4))), (4,))
    assert [spec.shape.as_list() for spec in specs] == [[None, 2], [None, 2, 2]]


def test_what_is_repeated_stands_in_a_row():
    x, (a, b) = repeated((np.array([1, 2]), (np.array([[3], [4]]), np.array([5, 6]))), 2)
    assert x.numpy().tolist() == [1, 1, 2, 2]
    assert a.numpy().tolist() == [[3], [3], [4], [4]]
    assert b.numpy().tolist() == [5, 5, 6, 6]
