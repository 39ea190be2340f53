import numpy as np
from extensions import full_covariance

from keras_vae.evidence.parameters import len_of, specs_of_posterior


def shapes(specs):
    return [spec.shape.as_list() for spec in specs]


def test_the_specs_of_a_posterior_are_those_of_any_family(small_vae):
    assert shapes(specs_of_posterior(small_vae(), np.zeros((3, 6)))) == [[None, 2]] * 2
    vae = full_covariance.make(np.zeros((1, 4)))
    assert shapes(specs_of_posterior(vae, np.zeros((3, 4)))) == [[None, 2], [None, 2, 2]]


def test_a_batch_has_as_many_examples_as_each_of_its_parts():
    x = {"x": np.zeros((5, 2, 3)), "condition": np.zeros((5, 4))}
    assert len_of(x) == len_of(x["x"]) == 5
