import numpy as np
import pytest

from keras_vae.conditions import Condition
from keras_vae.data import conditions_of, from_arrays, with_conditions
from keras_vae.errors import DataError

X = np.random.default_rng(0).integers(0, 2, (40, 3))
LABELS = np.arange(40) % 4 + 1


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (LABELS, ("0", "1", "2", "3", "4")),
        (np.array(["a", "b", "c", "d"])[LABELS - 1], ("a", "b", "c", "d")),
    ],
)
def test_labels_are_told_by_their_names_in_every_split(labels, names):
    dataset = from_arrays(X, labels)
    conditions = conditions_of(dataset, ("labels",))
    assert conditions == (Condition("label", names),)
    told = with_conditions(dataset, conditions)
    assert told.conditions == conditions
    for split, examples in told.splits.items():
        assert examples.condition.shape == (len(examples), len(names))
        np.testing.assert_array_equal(examples.condition.argmax(1), dataset.split(split).labels)
        np.testing.assert_array_equal(examples.condition.sum(1), 1)
        assert set(examples.given) == {"x", "condition"}


def test_other_data_with_a_class_that_the_model_does_not_know_are_refused():
    conditions = conditions_of(from_arrays(X, LABELS), ("labels",))
    with pytest.raises(
        DataError, match=r"label=[5-8]: the model was trained on label 0, 1, 2, 3, 4"
    ):
        with_conditions(from_arrays(X, LABELS + 5), conditions)
    with pytest.raises(DataError, match="has no labels"):
        with_conditions(from_arrays(X), conditions)


@pytest.mark.parametrize(
    ("labels", "name", "said"),
    [(None, "labels", "have no labels"), (LABELS, "color", "have labels only")],
)
def test_a_condition_that_the_data_do_not_have_is_refused(labels, name, said):
    with pytest.raises(DataError, match=f"--condition {name}: .* {said}"):
        conditions_of(from_arrays(X, labels), (name,))
