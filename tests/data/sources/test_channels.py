import numpy as np
import pytest

from keras_vae.data import from_arrays, load_data, open_stream
from keras_vae.data.sources.channels import is_channels_first
from keras_vae.errors import DataError

X = np.random.default_rng(0).random((40, 3, 8, 6)).astype("float32")


@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 28, 28), (4, 5, 6), (3, 8, 16, 16)])
def test_a_shape_with_two_readings_is_asked_about_with_both(shape):
    with pytest.raises(DataError) as caught:
        is_channels_first("mine", shape, None)
    message = str(caught.value)
    sides = " x ".join(map(str, shape[1:]))
    pixels = " x ".join(map(str, shape[:-1]))
    assert f"{sides} with {shape[0]} channels (channels first)" in message
    assert f"{pixels} with {shape[-1]} channels (channels last)" in message
    assert "--channels first or last" in message
    assert "\n" not in message
    assert is_channels_first("mine", shape, "first")
    assert not is_channels_first("mine", shape, "last")


@pytest.mark.parametrize(
    "shape", [(784,), (3, 16), (28, 28), (16, 16, 3), (3, 4, 3), (28, 28, 1), (16, 16, 16)]
)
def test_a_shape_with_one_reading_is_not_asked_about(shape):
    assert not is_channels_first("mine", shape, None)


def test_an_example_without_channels_cannot_have_them_first():
    with pytest.raises(DataError, match=r"shape \(3, 16\) have no channel axis"):
        is_channels_first("mine", (3, 16), "first")


def test_channels_become_the_last_axis_in_every_split():
    with pytest.raises(DataError, match="two readings"):
        from_arrays(X)
    dataset = from_arrays(X, x_test=X[:5], channels="first")
    np.testing.assert_array_equal(dataset.test.x, X[:5].transpose(0, 2, 3, 1))
    assert dataset.event_shape == (8, 6, 3)
    assert "channels moved" in " ".join(dataset.reading)
    assert from_arrays(X, channels="last").event_shape == (3, 8, 6)


@pytest.mark.parametrize("kind", ["npy", "tfrecord"])
def test_a_stream_asks_and_moves_them_as_well(saved, kind):
    path = saved(kind, X)
    with pytest.raises(DataError, match="two readings"):
        open_stream(path)
    dataset = load_data(path, stream=True, channels="first")
    rows = np.concatenate([split.x for split in dataset.splits.values()])
    order, expected = np.argsort(rows[:, 0, 0, 0]), X.transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(rows[order], expected[np.argsort(expected[:, 0, 0, 0])])
    with dataset.stream.errors():
        batches = list(dataset.stream.batches(0, 32, 0).as_numpy_iterator())
    streamed = np.sort(batches[0][:, 0, 0, 0])
    np.testing.assert_array_equal(streamed, np.sort(dataset.train.x[:, 0, 0, 0]))
    assert batches[0].shape == (32, 8, 6, 3)
