from dataclasses import replace

import numpy as np
import pytest

from keras_vae import ConfigError, DataError
from keras_vae.data import Dataset, Examples, as_dataset, binarize, describe_protocol


def test_rows_of_examples_keep_their_labels():
    examples = Examples(np.arange(12.0).reshape(4, 3), np.array([5, 6, 7, 8]))
    some = examples[np.array([3, 0])]
    np.testing.assert_array_equal(some.x[:, 0], [9, 0])
    np.testing.assert_array_equal(some.labels, [8, 5])
    assert (len(examples), len(some), Examples(examples.x)[1:].labels) == (4, 2, None)


def test_a_dataset_knows_its_splits_and_the_shape_of_one_example():
    parts = [Examples(np.zeros((n, 3, 2))) for n in (5, 2, 1)]
    dataset = Dataset("made", *parts)
    assert dataset.event_shape == (3, 2)
    assert {name: len(part) for name, part in dataset.splits.items()} == {
        "train": 5,
        "validation": 2,
        "test": 1,
    }
    assert dataset.split("test") is parts[2]
    with pytest.raises(ValueError, match="split='tset': expected one of train, validation, test"):
        dataset.split("tset")


GRAY = np.random.default_rng(0).random((30, 4)).astype("float32")
MASK = (np.random.default_rng(1).random((30, 4)) < 0.7).astype("float32")
CONDITION = np.arange(30, dtype="float32")[:, None]


def parted(binarization="none", **beside):
    """20 training, 5 validation and 5 test examples."""
    examples = Examples(GRAY * beside.get("mask", 1), **beside)
    parts = (examples[rows] for rows in (slice(20), slice(20, 25), slice(25, 30)))
    return Dataset("made", *parts, binarization=binarization)


def test_rows_of_examples_keep_their_masks_and_conditions():
    examples = Examples(GRAY, mask=MASK, condition=CONDITION)
    some = examples[np.array([3, 0])].given
    assert list(some) == ["x", "mask", "condition"]
    for name, whole in (("x", GRAY), ("mask", MASK), ("condition", CONDITION)):
        np.testing.assert_array_equal(some[name], whole[[3, 0]])
    assert Examples(GRAY).given is GRAY
    assert list(Examples(GRAY, condition=CONDITION).given) == ["x", "condition"]


@pytest.mark.parametrize("binarization", ["dynamic", "static", "threshold", "none"])
@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_dataset_applies_its_own_protocol(binarization, split):
    dataset = parted(binarization)
    expected = binarize(dataset.split(split).x, binarization, split)
    np.testing.assert_array_equal(dataset.given(split), expected)
    np.testing.assert_array_equal(dataset.given(split, 3), expected[:3])
    np.testing.assert_array_equal(parted().as_binarized(binarization).given(split), expected)
    assert dataset.protocol(split) == describe_protocol(binarization, split)


@pytest.mark.parametrize("binarization", ["dynamic", "static", "threshold"])
def test_data_that_are_not_split_are_drawn_as_a_test_split_and_trained_on_as_a_training_split(
    binarization,
):
    dataset = as_dataset(GRAY).as_binarized(binarization)
    np.testing.assert_array_equal(dataset.given("all"), binarize(GRAY, binarization, "all"))
    drawn = binarize(GRAY, binarization, "train")
    np.testing.assert_array_equal(dataset.seen_in_training().x, drawn)
    np.testing.assert_array_equal(dataset.to_fit(of_binary=False).x, drawn)
    is_dynamic = binarization == "dynamic"
    np.testing.assert_array_equal(dataset.to_fit(True).x, GRAY if is_dynamic else drawn)


def test_masks_and_conditions_ride_along_and_what_is_observed_is_drawn_as_without_them():
    given = parted("static", mask=MASK, condition=CONDITION).given("test")
    np.testing.assert_array_equal(given["x"], parted("static").given("test") * MASK[25:])
    np.testing.assert_array_equal(given["mask"], MASK[25:])
    np.testing.assert_array_equal(given["condition"], CONDITION[25:])


def test_the_protocol_says_how_much_is_observed():
    dataset = parted("static", mask=MASK)
    share = MASK[25:].sum() / 20
    assert dataset.observed("test") == pytest.approx(share)
    words = f"; of the observed entries alone, {share:.1%} of all"
    assert dataset.protocol("test") == describe_protocol("static", "test") + words
    assert parted().observed("test") == 1


def test_an_unknown_protocol_and_a_stream_with_a_mask_are_refused():
    with pytest.raises(ConfigError, match="binarization='often': expected one of dynamic"):
        parted("often")
    with pytest.raises(DataError, match="made: has a mask or a condition, which are not read from"):
        replace(parted(mask=MASK), stream=object())
