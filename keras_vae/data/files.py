"""Data sets in files: `.npz`, `.npy`, or a folder of images."""

import os
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image, UnidentifiedImageError

from keras_vae.data.source import Source
from keras_vae.errors import DataError, first_line

__all__ = ["load_numpy", "read_path"]

# What np.load raises for a file that is not whole, was tampered with, or is locked.
DAMAGES = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
)
GRAY_MODES = ("1", "L", "LA")  # Pillow's names
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
    if not os.path.exists(path):  # unlike Path.exists, no error for a name that is too long
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
            _check_magic(path, file)
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return loaded
            return {name: loaded[name] for name in loaded.files}
    except DataError:
        raise
    except DAMAGES as error:
        if "allow_pickle" in str(error):
            raise DataError(
                f"{path}: holds pickled Python objects, which are never unpickled because they "
                f"can run code; save a plain numeric array instead"
            ) from error
        raise DataError(
            f"{path}: damaged or cut short ({first_line(error)}); copy or download it again"
        ) from error


def _check_magic(path, file):
    """NumPy takes every file that it does not know for a pickle: tell the two apart."""
    start = file.read(6)
    file.seek(0)
    if start and not (start.startswith(b"PK") or b"\x93NUMPY".startswith(start)):
        raise DataError(
            f"{path}: not a readable NumPy file; write it with numpy.save or numpy.savez"
        )


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
    files = [path for path in sorted(folder.rglob("*")) if _is_image_file(path, folder)]
    if not files:
        raise DataError(
            f"{folder}: no images in it; expected files ending in {', '.join(IMAGE_SUFFIXES)}"
        )
    # The folder just below `folder` is the class; "" stands for no folder.
    classes = [path.relative_to(folder).parts[0] if path.parent != folder else "" for path in files]
    class_names, labels = np.unique(classes, return_inverse=True)
    if "" in class_names and len(class_names) > 1:
        raise DataError(
            f"{folder}: holds images both directly and in class folders; move them to one level"
        )
    channels = common_channels(files)
    x = np.stack([decode_image(path, channels) for path in files])
    if "" in class_names:
        return Source(x)
    return Source(x, labels, class_names=tuple(map(str, class_names)))


def _is_image_file(path, folder):
    is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.suffix.lower() in IMAGE_SUFFIXES and not is_hidden and path.is_file()


def decode_image(path, channels):
    """One image as uint8 (height, width, channels)."""
    try:
        image = tf.io.decode_image(
            tf.io.read_file(str(path)), channels=channels, expand_animations=False
        )
    except tf.errors.OpError as error:
        raise DataError(f"{path}: cannot be decoded, perhaps cut short; replace it") from error
    return image.numpy()


def common_channels(files):
    """The channels that all images have, 1 or 3; size and colours are read from the headers."""
    first = None
    for path in files:
        try:
            with Image.open(path) as image:
                size, mode = f"{image.height}x{image.width}", image.mode
        except (UnidentifiedImageError, OSError) as error:
            raise DataError(f"{path}: not an image; remove it or replace it") from error
        if mode.startswith(("I", "F")):
            raise DataError(f"{path}: has more than 8 bits a channel; save it with 8 bits")
        # TensorFlow decodes no .bmp into one channel.
        is_gray = mode in GRAY_MODES and path.suffix.lower() != ".bmp"
        kind = f"{size}, {'gray' if is_gray else 'colour'}"
        first = first or (path, kind)
        if kind != first[1]:
            raise DataError(
                f"images differ in size or colours: {first[0]} is {first[1]}, {path} is {kind}; "
                f"convert them to one size and to gray or colour first"
            )
    return 1 if is_gray else 3
