import numpy as np
import pandas
import pytest
import tensorflow as tf

from keras_vae import DataError, load_data
from keras_vae.data import as_dataset, from_arrays, is_in_memory, name_in_memory

X = np.random.default_rng(0).random((6, 4)).astype("float32")


@pytest.mark.parametrize(
    "given",
    [X, X.astype("float64"), X.tolist(), pandas.DataFrame(X), tf.constant(X)],
    ids=lambda given: type(given).__name__,
)
def test_an_array_in_any_container_is_taken_whole_and_in_order(given):
    dataset = as_dataset(given)
    examples = dataset.split("all")
    np.testing.assert_array_equal(examples.x, X)
    assert examples.x.dtype == "float32"
    assert examples.rows.tolist() == [0, 1, 2, 3, 4, 5]
    assert (dataset.shown_split, list(dataset.splits)) == ("all", ["all"])
    with pytest.raises(DataError, match="no test split, because arrays are taken whole"):
        dataset.split("test")


def test_gray_levels_are_scaled_as_load_data_scales_them():
    gray = np.arange(240, dtype="uint8").reshape(60, 4)
    ours, theirs = as_dataset(gray), from_arrays(gray)
    assert ours.split("all").x.max() == np.float32(239 / 255)
    np.testing.assert_array_equal(ours.split("all").x[theirs.test.rows], theirs.test.x)


def test_a_dataset_stays_as_it_is_and_a_name_is_loaded():
    dataset = load_data("digits")
    assert as_dataset(dataset) is dataset
    assert dataset.shown_split == "test"
    np.testing.assert_array_equal(as_dataset("digits").test.x, dataset.test.x)


def test_arrays_are_named_by_shape_and_contents():
    name = name_in_memory(X)
    assert name.startswith("arrays in memory of shape (6, 4) float32, sha256 ")
    assert name == name_in_memory(X.copy()) == as_dataset(X).name
    assert name != name_in_memory(X[::-1])
    assert is_in_memory(name)
    assert not is_in_memory("digits")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (X[:1], "1 example; expected at least 2"),
        (X[0], "N, .event_shape"),
        (np.full((3, 2), np.nan), "6 NaN or infinite values"),
        ([["a", "b"], ["c", "d"]], "expected an array of numbers"),
    ],
)
def test_what_makes_no_examples_is_one_line(given, words):
    with pytest.raises(DataError, match=words) as error:
        as_dataset(given)
    assert "\n" not in str(error.value)


def test_a_dictionary_is_taken_whole_with_its_mask_and_condition():
    mask, condition = X > 0.4, X[:, :2]
    given = {"x": np.where(mask, X, np.nan), "mask": mask, "condition": condition}
    dataset = as_dataset(given)
    found = dataset.given("all")
    np.testing.assert_array_equal(found["x"], X * mask)
    np.testing.assert_array_equal(found["mask"], mask)
    np.testing.assert_array_equal(found["condition"], condition)
    assert dataset.is_conditional
    assert dataset.name == name_in_memory(given)
    # all that a model is given is in the name
    others = {**given, "condition": 2 * condition}, {"x": X * mask, "mask": mask}, X * mask
    assert len({name_in_memory(other) for other in (given, *others)}) == 4
