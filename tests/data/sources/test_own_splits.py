import numpy as np
import pytest

from keras_vae.data.sources.own_splits import (
    files_by_split,
    rows_by_split,
    split_of_word,
    splits_of,
)
from keras_vae.errors import DataError


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train_images", "train"),
        ("X_train", "train"),
        ("x_val", "validation"),
        ("x_valid", "validation"),
        ("validation-labels", "validation"),
        ("TEST", "test"),
        ("mnist-test.tfrecord-00000-of-00010", "test"),
        ("x", None),
        ("trains", None),
        ("contest", None),
    ],
)
def test_a_name_tells_its_split(name, split):
    assert splits_of(name)[0] == ({split} if split else set())


def test_a_name_may_tell_two_splits():
    assert splits_of("train_test_x") == ({"train", "test"}, ["x"])


def test_a_folder_tells_a_split_only_by_its_whole_name():
    assert split_of_word("Val") == "validation"
    assert split_of_word("test tubes") is None


def test_files_are_ordered_by_split_and_then_by_name():
    files = ["a/test.tfrecord", "a/train-2.tfrecord", "a/train-1.tfrecord", "a/val.tfrecord"]
    assert files_by_split("a", files) == (
        ["a/train-1.tfrecord", "a/train-2.tfrecord", "a/val.tfrecord", "a/test.tfrecord"],
        ["train", "train", "validation", "test"],
    )


@pytest.mark.parametrize("files", [["a", "b"], ["train-1", "train-2"], ["test-1"], ["train", "x"]])
def test_files_of_one_split_at_most_have_none_of_their_own(files):
    assert files_by_split("a", files) == (files, [None] * len(files))


@pytest.mark.parametrize(
    ("files", "told"),
    [(["train", "test", "more"], "some do not"), (["val", "test"], "none is train")],
)
def test_files_of_which_only_some_tell_a_split_are_refused(files, told):
    with pytest.raises(DataError, match=f"a: some names contain a split .*{told}"):
        files_by_split("a", files)


def test_rows_of_a_split_reach_from_its_first_file_to_its_last():
    ends = np.array([3, 5, 9])
    assert rows_by_split(["train", "train", "test"], ends) == {"train": (0, 5), "test": (5, 9)}
    assert rows_by_split([None] * 3, ends) == {}
