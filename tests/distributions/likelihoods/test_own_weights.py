import keras
import numpy as np
import pytest

from keras_vae.distributions import DiagonalGaussian, NegativeBinomial, Ordinal
from keras_vae.distributions.likelihoods.own_weights import WithOwnWeights

X = np.random.default_rng(0).integers(0, 2, (20, 2, 3)).astype("float32")


@pytest.mark.parametrize("kind", [NegativeBinomial, DiagonalGaussian, Ordinal])
def test_the_weights_are_there_after_a_fit_a_call_and_loading_and_have_the_shape_of_x(kind):
    fitted, called = kind(), kind()
    assert fitted.weights == []
    best = fitted.fit_without_z(X)
    called(keras.tree.map_structure(lambda part: part[None], best))
    loaded = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(fitted))
    for likelihood in (fitted, called, loaded):
        assert likelihood.weights
        assert all(weight.shape[:2] == (2, 3) for weight in likelihood.weights)
    count = len(fitted.weights)
    fitted.fit_without_z(X)
    assert len(fitted.weights) == count


def test_a_subclass_without_weights_says_what_it_must_define():
    with pytest.raises(NotImplementedError, match="add_weights"):
        WithOwnWeights().build_for((3,))
