"""An array of a series -> pandas DataFrame, as if it were a table without names."""

import os
from typing import Any

import numpy as np
import pandas as pd

from keras_vae.data.tables.frames import is_table, read_frame
from keras_vae.errors import DataError, first_line

__all__ = ["read_series"]


def read_series(data: Any) -> pd.DataFrame:
    """Reads a series: a table, as `read_frame` does, or an array.

    Args:
        data: as for `read_frame`; or real numbers of shape (time, channels) or (time,), NaN where
            there are none, as an array, a `.npy` or a `.npz` that holds one array: the rows are in
            order, and the columns are called 0, 1, ...

    Raises:
        DataError: as `read_frame`, or if it is no such array.
    """
    if is_table(data):
        return read_frame(data)
    is_path = isinstance(data, (str, os.PathLike))
    name = os.fspath(data) if is_path else "the array"
    try:
        x = _of_file(name) if is_path else np.asarray(data)
    except DataError:
        raise
    except Exception as error:  # a damaged file, or an odd container, ends in errors of many kinds
        # NumPy takes what it does not know for pickled objects, and names the way to run them
        reason = "Python objects, which are never unpickled, or damage"
        reason = reason if "pickle" in str(error) else first_line(error)
        raise DataError(f"{name}: is not an array of numbers ({reason})") from error
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or not x.size or x.dtype.kind not in "buif":
        raise DataError(
            f"{name}: is of shape {x.shape} and dtype {x.dtype}; expected numbers (time, channels)"
        )
    return pd.DataFrame(x, columns=list(map(str, range(x.shape[1]))))


def _of_file(path: str) -> np.ndarray:
    found = np.load(path, allow_pickle=False)
    if isinstance(found, np.ndarray):
        return found
    with found:
        if len(found.files) != 1:
            raise DataError(
                f"{path}: holds {', '.join(found.files) or 'nothing'}; a series is one array of "
                f"shape (time, channels), which is split in time"
            )
        return found[found.files[0]]
