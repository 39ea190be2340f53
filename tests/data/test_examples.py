import numpy as np
import pytest

from keras_vae.data import Dataset, Examples


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
