"""Data sets in files: `.npz`, `.npy`, or a folder of images."""

import zipfile
import zlib
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image, UnidentifiedImageError

from keras_vae.data.source import Source
from keras_vae.errors import DataError

__all__ = ["load_numpy", "read_path"]

IMAGE_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")


def read_path(path):
    """Reads a file or folder of examples.

    Args:
        path: a `.npz` in Keras's layout (`x_train`, `x_test`, optionally `y_train`, `y_test`)
            or with a single `x` (optionally `y`); a `.npy`; or a folder of images of one size,
            where sub-folders, if any, give the classes.

    Returns:
        `Source`.

    Raises:
        DataError: if nothing readable is there. Pickled arrays are never unpickled.
    """
    path = Path(path)
    if path.is_dir():
        return _read_image_folder(path)
    if not path.exists():
        raise DataError(f"{path}: no such file or folder; --data takes a name or a path")
    if path.suffix == ".npz":
        return _read_npz(path)
    if path.suffix == ".npy":
        return Source(load_numpy(path))
    raise DataError(f"{path}: expected a .npz, a .npy or a folder of images, got {path.suffix!r}")


def load_numpy(path):
    """The array of a `.npy`, or a dict of the arrays of a `.npz`, read whole.

    Raises:
        DataError: in one line for each way that such a file is bad.
    """
    try:
        with open(path, "rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return loaded
            return {name: loaded[name] for name in loaded.files}
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise DataError(
                f"{path}: holds pickled Python objects, which are never unpickled because they "
                f"can run code; save a plain numeric array instead"
            ) from error
        raise DataError(f"{path}: not a readable NumPy file: {error}") from error
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise DataError(
            f"{path}: damaged or cut short ({str(error) or type(error).__name__}); copy or "
            f"download it again"
        ) from error


def _read_npz(path):
    arrays = load_numpy(path)
    if isinstance(arrays, np.ndarray):
        return Source(arrays)
    if "x_train" in arrays:
        return Source(
            arrays["x_train"], arrays.get("y_train"), arrays.get("x_test"), arrays.get("y_test")
        )
    if "x" in arrays:
        return Source(arrays["x"], arrays.get("y"))
    found = ", ".join(arrays) or "nothing"
    raise DataError(f"{path}: expected arrays x_train and x_test, or x; found {found}")


def _read_image_folder(folder):
    files = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in IMAGE_SUFFIXES]
    if not files:
        raise DataError(
            f"{folder}: no images in it; expected files ending in {', '.join(IMAGE_SUFFIXES)}"
        )
    size, mode = _common_format(files)
    has_classes = any(entry.is_dir() for entry in folder.iterdir())
    if has_classes and any(path.parent == folder for path in files):
        raise DataError(
            f"{folder}: holds images both directly and in class folders; move them to one level"
        )
    try:
        batches = keras.utils.image_dataset_from_directory(
            folder,
            labels="inferred" if has_classes else None,
            label_mode="int" if has_classes else None,
            color_mode=mode,
            image_size=size,
            batch_size=256,
            shuffle=False,
            verbose=False,
        )
        parts = list(batches.as_numpy_iterator())
    except (tf.errors.InvalidArgumentError, ValueError) as error:
        raise DataError(f"{folder}: an image cannot be decoded: {_reason(error)}") from error
    if not has_classes:
        return Source(np.concatenate(parts).astype("uint8"))
    x, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Source(x.astype("uint8"), labels, class_names=tuple(batches.class_names))


def _common_format(files):
    """((height, width), Keras color mode) of the images, from their headers alone."""
    first = None
    for path in files:
        try:
            with Image.open(path) as image:
                found = (image.height, image.width), image.mode
        except (UnidentifiedImageError, OSError) as error:
            raise DataError(f"{path}: not an image; remove it or replace it") from error
        first = first or (path, found)
        if found[0] != first[1][0]:
            raise DataError(
                f"images differ in size: {first[0]} is {_size(first[1][0])}, {path} is "
                f"{_size(found[0])}; resize them to one size first"
            )
    size, mode = first[1]
    return size, "grayscale" if mode in ("1", "L", "LA") else "rgb"


def _size(height_and_width):
    return "{}x{}".format(*height_and_width)


def _reason(error):
    return str(error).strip().splitlines()[0][:200]
