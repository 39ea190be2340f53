import numpy as np
import pytest

from keras_vae.data.sources.arrays_by_name import source_of
from keras_vae.errors import DataError

X, V, T = (np.full((4, 2), level) for level in (0.0, 1.0, 2.0))
Y = np.arange(4)


@pytest.mark.parametrize(
    "names",
    [
        ("x_train", "x_val", "x_test", "y_train", "y_val", "y_test"),
        ("X_train", "X_valid", "X_test", "Y_train", "Y_valid", "Y_test"),
        ("train_images", "val_images", "test_images", "train_labels", "val_labels", "test_labels"),
        ("train", "validation", "test", "train_target", "validation_target", "test_target"),
        ("x", "x_val", "x_test", "y", "y_val", "y_test"),
        ("images_train", "images_val", "images_test", "image_labels_train", "labels_val", "y_test"),
    ],
)
def test_names_tell_splits_and_labels(names):
    source = source_of("f", dict(zip(names, (X, V, T, Y, Y + 1, Y + 2), strict=True)))
    for found, expected in (
        (source.x, X),
        (source.x_validation, V),
        (source.x_test, T),
        (source.labels, Y),
        (source.labels_validation, Y + 1),
        (source.labels_test, Y + 2),
    ):
        assert found is not None
        np.testing.assert_array_equal(found, expected)
    assert source.warnings == ()


@pytest.mark.parametrize("names", [("X", "y"), ("data", "target"), ("images", "labels")])
def test_examples_and_labels_need_no_split(names):
    source = source_of("f", dict(zip(names, (X, Y), strict=True)))
    assert source.x is X
    assert source.labels is Y
    assert (source.x_validation, source.x_test) == (None, None)


@pytest.mark.parametrize("name", ["arr_0", "anything"])
def test_a_single_array_may_have_any_name(name):
    assert source_of("f", {name: X}).x is X


@pytest.mark.parametrize(("name", "is_told"), [("x_test", True), ("val_images", True),
                                               ("x_train", False), ("arr_0", False)])  # fmt: skip
def test_a_single_array_of_another_split_is_told(name, is_told):
    source = source_of("f", {name: X})
    assert source.x is X
    assert [name in line for line in source.warnings] == [True] * is_told


def test_arrays_that_are_not_read_are_told():
    source = source_of("f", {"x": X, "weights": Y, "train_test_x": T})
    (line,) = source.warnings
    assert "weights, train_test_x in f is left out" in line


@pytest.mark.parametrize("names", [("x", "x_train"), ("x", "images"), ("x_val", "x_valid", "x")])
def test_two_arrays_for_one_part_are_refused_by_name(names):
    with pytest.raises(DataError, match=f"f: both {names[0]} and {names[1]} could be"):
        source_of("f", dict.fromkeys(names, X))


@pytest.mark.parametrize("names", [(), ("a", "b"), ("arr_0", "arr_1"), ("x_test", "y_test")])
def test_without_training_examples_there_is_a_refusal_with_what_was_found(names):
    found = ", ".join(names) or "nothing"
    with pytest.raises(DataError, match=rf"expected arrays x_train and x_test.*found {found}"):
        source_of("f", dict.fromkeys(names, X))
