"""Data sets in files: `.npz`, `.npy`, or a folder of images or of `.npy` files."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from scipy import sparse

from keras_vae.aliases import PathLike
from keras_vae.data.arrays import dense
from keras_vae.data.sources.arrays_by_name import source_of
from keras_vae.data.sources.image_files import ImageFiles
from keras_vae.data.sources.own_splits import splits_of
from keras_vae.data.sources.source import Source
from keras_vae.errors import DataError, first_line

__all__ = ["left_beside", "load_numpy", "numpy_errors", "read_path"]


def read_path(path: PathLike, pictures: Mapping[str, Any] | None = None) -> Source:
    """Reads a file or folder of examples.

    Args:
        path: a `.npz` with arrays named as `arrays_by_name.source_of` takes them, or with one
            sparse matrix, as `scipy.sparse.save_npz` writes it; a `.npy`; a folder of such
            arrays in `.npy` files; or a folder of images, see `ImageFiles`.
        pictures: dict of the options of `ImageFiles`.

    Returns:
        `Source`.

    Raises:
        DataError: if nothing readable is there. Pickled arrays are never unpickled.
    """
    path = Path(path)
    if path.is_dir():
        arrays = sorted(path.glob("*.npy"))
        if arrays:
            return source_of(path, {file.stem: _load_npy(file) for file in arrays})
        return ImageFiles(path, **pictures or {}).whole()
    if not os.path.exists(path):  # unlike Path.exists, no error for a name that is too long
        raise DataError(f"{path}: no such file or folder")
    if path.suffix == ".npz":
        return _read_npz(path)
    if path.suffix == ".npy":
        return Source(_load_npy(path), warnings=left_beside(path))
    raise DataError(
        f"{path}: expected a .csv, .parquet, .npz, .npy or a folder of images, got {path.suffix!r}"
    )


def load_numpy(path: PathLike) -> np.ndarray | dict[str, np.ndarray]:
    """The array of a `.npy`, or a dict of the arrays of a `.npz`, read whole.

    Raises:
        DataError: in one line for each way that such a file is bad.
    """
    with numpy_errors(path), open(path, "rb") as file:
        _check_magic(path, file)
        loaded = np.load(file, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            if file.read(1):
                raise DataError(
                    f"{path}: has data after its array, so it is damaged or holds several arrays; "
                    "write each into a file of its own, or all with numpy.savez"
                )
            return loaded
        return {name: loaded[name] for name in loaded.files}


@contextlib.contextmanager
def numpy_errors(path: PathLike) -> Iterator[None]:
    """Inside it, any error of NumPy or SciPy for a bad file becomes a `DataError` with its name."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:  # a damaged file ends in errors of many kinds
        if "allow_pickle" in str(error) or "Python objects" in str(error):
            raise DataError(
                f"{path}: holds pickled Python objects, which are never unpickled because they "
                f"can run code; save a plain numeric array instead"
            ) from error
        raise DataError(
            f"{path}: not a .npy or .npz, damaged or cut short ({first_line(error)}); copy or "
            f"download it again"
        ) from error


def left_beside(path: PathLike) -> tuple[str, ...]:
    """What to warn of where the other splits of a `.npy` lie beside it: `x_test.npy`."""
    path = Path(path)
    splits, words = splits_of(path.stem)
    if splits != {"train"}:
        return ()
    others = [
        other.name
        for other in sorted(path.parent.glob("*.npy"))
        if splits_of(other.stem)[1] == words and other != path
    ]
    if not others:
        return ()
    return (f"by default, {', '.join(others)} beside {path} is left out; --data {path.parent} "
            f"reads all of its .npy files as splits",)  # fmt: skip


def _check_magic(path: PathLike, file: BinaryIO) -> None:
    """NumPy takes every file that it does not know for a pickle: tell the two apart."""
    start = file.read(6)
    file.seek(0)
    if start and not (start.startswith(b"PK") or b"\x93NUMPY".startswith(start)):
        raise DataError(
            f"{path}: not a readable NumPy file; write it with numpy.save or numpy.savez"
        )


def _load_npy(path: PathLike) -> np.ndarray:
    x = load_numpy(path)
    if not isinstance(x, np.ndarray):
        raise DataError(f"{path}: is a .npz by its contents; rename it to end in .npz")
    return x


def _read_npz(path: PathLike) -> Source:
    arrays = load_numpy(path)
    if isinstance(arrays, np.ndarray):
        return Source(arrays)
    if {"format", "shape", "data"} <= set(arrays):
        with numpy_errors(path):
            return Source(dense(path, sparse.load_npz(path)))
    return source_of(path, arrays)
