import numpy as np
import pytest
from PIL import Image

from keras_vae.data import load_data, write_tfrecords
from keras_vae.errors import DataError


@pytest.fixture
def npz(tmp_path):
    """Writes the arrays to a `.npz` and gives its path."""

    def write(**arrays):
        path = tmp_path / "data.npz"
        np.savez(path, **arrays)
        return path

    return write


@pytest.fixture
def write_images():
    """Writes uint8 arrays as the images 000.png, 001.png, ... of a folder and gives the folder."""

    def write(folder, images, suffix=".png"):
        folder.mkdir(parents=True, exist_ok=True)
        for number, image in enumerate(images):
            Image.fromarray(image).save(folder / f"{number:03}{suffix}")
        return folder

    return write


@pytest.fixture
def saved(tmp_path, write_images):
    """Saves examples in one of the three kinds of source and gives the path."""

    def save(kind, x):
        if kind == "npy":
            np.save(tmp_path / "x.npy", x)
            return tmp_path / "x.npy"
        if kind == "tfrecord":
            write_tfrecords(tmp_path / "x.tfrecord", x)
            return tmp_path / "x.tfrecord"
        return write_images(tmp_path / "images", x)

    return save


@pytest.fixture
def refusal():
    """The message of the DataError with which a source is refused: one line that names it."""

    def load(data):
        with pytest.raises(DataError) as caught:
            load_data(data)
        message = str(caught.value)
        assert "\n" not in message
        assert str(data) in message
        return message

    return load


@pytest.fixture
def x():
    """30 examples of shape (4, 3) in [0, 1]."""
    return np.random.default_rng(0).random((30, 4, 3)).astype("float32")
