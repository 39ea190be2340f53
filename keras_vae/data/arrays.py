"""Whatever holds numbers in memory -> a NumPy array."""

import os

import numpy as np
from scipy import sparse

from keras_vae.errors import DataError, first_line

__all__ = ["as_array", "dense"]

# Of the machine's memory, for a sparse matrix that is made dense: it is copied when it is split.
LARGEST_PART = 0.25
MEMORY_IF_UNKNOWN = 8 * 2**30


def as_array(name, data):
    """A NumPy array of what an array, DataFrame, list, tensor or SciPy sparse matrix holds.

    Args:
        name: what messages call the data.
        data: numbers, one example a row.

    Raises:
        DataError: if they make no array, or a matrix is too large to be dense.
    """
    if sparse.issparse(data):
        return dense(name, data)
    if hasattr(data, "columns") and hasattr(data, "to_numpy"):
        return _frame(name, data)
    if np.ma.is_masked(data):
        raise DataError(
            f"{name}: is a masked array with {np.ma.count_masked(data)} masked values, which "
            f"would be taken for data; fill them, or leave those examples out"
        )
    if hasattr(data, "detach"):  # a PyTorch tensor
        data = data.detach().cpu()
    try:
        x = np.asarray(data)
    except Exception as error:  # whatever the conversion of another library raises
        raise DataError(
            f"{name}: {type(data).__name__} is not an array of numbers ({first_line(error)}); "
            f"expected examples of one shape, one a row"
        ) from error
    if x.dtype == object and x.ndim == 0:
        raise DataError(
            f"{name}: {type(data).__name__} is not an array of numbers; expected a path, or an "
            f"array, DataFrame, list, tensor or SciPy sparse matrix with one example a row"
        )
    return x


def dense(name, matrix):
    """A SciPy sparse matrix as a dense array: bool and uint8 as they are, all else float32.

    Raises:
        DataError: if it would take more than a quarter of the machine's memory, is damaged, or
            holds no real numbers.
    """
    if matrix.dtype.kind not in "buif":
        raise DataError(f"{name}: sparse of dtype {matrix.dtype}; expected real numbers")
    dtype = matrix.dtype if matrix.dtype in ("bool", "uint8") else np.dtype("float32")
    needed = int(np.prod(matrix.shape, dtype=object)) * dtype.itemsize
    allowed = int(LARGEST_PART * _memory())
    if needed > allowed:
        raise DataError(
            f"{name}: the sparse matrix of shape {matrix.shape} takes {needed / 2**30:.1f} GiB "
            f"when dense; at most {allowed / 2**30:.1f} GiB, a quarter of the memory, are allowed: "
            f"keep fewer columns, or write a float32 .npy piece by piece and use --stream"
        )
    try:
        if hasattr(matrix, "check_format"):
            matrix.check_format(full_check=True)  # a wrong index would be written anywhere
        return matrix.astype(dtype).toarray()
    except ValueError as error:
        raise DataError(f"{name}: damaged sparse matrix ({first_line(error)})") from error


def _frame(name, frame):
    """A table's values, if each of its columns holds numbers."""
    values = frame.to_numpy()
    if values.dtype.kind in "buif":
        return values
    columns = [np.asarray(frame.to_numpy()[:, i]) for i in range(values.shape[1])]
    for column, entries in zip(frame.columns, columns, strict=True):
        is_text = any(isinstance(entry, (str, bytes)) for entry in entries)
        try:
            entries.astype("float64")
        except (TypeError, ValueError):
            is_text = True
        if is_text:
            raise DataError(
                f"{name}: column {column!r} holds values that are not numbers, or gaps; expected "
                f"numbers only: leave it out, encode it, or fill its gaps"
            )
    return values.astype("float64")


def _memory():
    """Bytes of the machine's memory."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows
        return MEMORY_IF_UNKNOWN
