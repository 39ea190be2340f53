"""Numbers in any container -> one array or tensor."""

import contextlib
import os
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from scipy import sparse

from keras_vae.aliases import PathLike
from keras_vae.data.examples import Dataset, Examples
from keras_vae.errors import DataError, first_line

__all__ = ["as_array", "as_numpy", "dense", "refuse_counts"]

NO_NUMBERS = (str, bytes, np.void)
# Of the machine's memory, for a sparse matrix that is made dense: it is copied when it is split.
LARGEST_PART = 0.25
MEMORY_IF_UNKNOWN = 8 * 2**30


def as_array(x: Any, what: str = "x") -> Any:
    """A tensor as it is; all else as a NumPy array in the machine's byte order.

    Args:
        x: array, tensor of TensorFlow or PyTorch, list of lists, data frame or sparse matrix.
        what: what errors call it.

    Returns:
        TensorFlow or Keras tensor, or NumPy array of bool, integers or float32.

    Raises:
        DataError: if these are not numbers, not as many in each row, or masked, or if a sparse
            matrix is too large to be dense.
    """
    if getattr(x, "_keras_mask", None) is not None or np.ma.is_masked(x):
        raise DataError(
            f"{what}: is a masked array, but p(x|z) describes every entry: fill the masked entries "
            "with values to learn, or leave those examples out"
        )
    if isinstance(x, tf.RaggedTensor):
        raise _ragged(what)
    if isinstance(x, tf.SparseTensor):
        return tf.sparse.to_dense(tf.sparse.reorder(x))
    if isinstance(x, (tf.Tensor, keras.KerasTensor)):
        if x.dtype in (tf.string, tf.complex64, tf.complex128):
            raise _not_numbers(what, f"a tensor of dtype {tf.as_dtype(x.dtype).name}")
        return x
    if sparse.issparse(x):
        return dense(what, x)
    received = _no_array(x)
    if received:
        raise _not_numbers(what, received)
    return _numbers(_in_numpy(x, what), what)


def as_numpy(x: Any, what: str = "x") -> np.ndarray:
    """`as_array`, tensors too as a NumPy array."""
    return np.asarray(as_array(x, what))


def refuse_counts(x: np.ndarray, most: float = np.inf) -> None:
    """Refuses 8-bit counts above 1: a VAE takes numbers as they are.

    Args:
        x: of any dtype.
        most: the largest value that can be meant.
    """
    if x.dtype != "uint8" or not x.size or x.max() <= 1:
        return
    kept = ", or x.astype('float32') to keep the counts" if most >= x.max() else ""
    raise DataError(
        f"x holds 8-bit counts up to {x.max()}, and a VAE takes numbers as they are: give x / 255, "
        f"as kv.load_data does{kept}"
    )


def dense(what: PathLike, matrix: Any) -> np.ndarray:
    """A SciPy sparse matrix as a dense array: bool and uint8 as they are, all else float32.

    Raises:
        DataError: if it would take more than a quarter of the machine's memory, is damaged, or
            holds no real numbers.
    """
    if matrix.dtype.kind not in "buif":
        raise DataError(f"{what}: sparse of dtype {matrix.dtype}; expected real numbers")
    dtype = matrix.dtype if matrix.dtype in ("bool", "uint8") else np.dtype("float32")
    needed = int(np.prod(matrix.shape, dtype=object)) * dtype.itemsize
    allowed = int(LARGEST_PART * _memory())
    if needed > allowed:
        raise DataError(
            f"{what}: the sparse matrix of shape {matrix.shape} takes {needed / 2**30:.1f} GiB "
            f"when dense; at most {allowed / 2**30:.1f} GiB, a quarter of the memory, are allowed: "
            f"keep fewer columns, or write a float32 .npy piece by piece and use --stream"
        )
    try:
        if hasattr(matrix, "check_format"):
            matrix.check_format(full_check=True)  # a wrong index would be written anywhere
        return matrix.astype(dtype).toarray()
    except ValueError as error:
        raise DataError(f"{what}: damaged sparse matrix ({first_line(error)})") from error


def _no_array(x: Any) -> str | None:
    """What `x` is, and what to do, if its kind cannot be an array."""
    if x is None:
        return "None"
    if isinstance(x, (str, bytes)):
        return f"the text {x[:60]!r}; kv.load_data reads names and paths"
    if isinstance(x, dict):
        keys = ", ".join(map(repr, x))
        return f"a dictionary of {keys}; give the one array in it that holds the examples"
    if isinstance(x, tuple) and any(hasattr(part, "shape") for part in x):
        return f"a tuple of {len(x)}; give x alone, and labels as y"
    if isinstance(x, Dataset):
        return 'Dataset of keras_vae; give one split of it, such as data.given("validation")'
    if isinstance(x, Examples):
        return "Examples of keras_vae; give what a model takes of them, examples.given"
    return None


def _in_numpy(x: Any, what: str) -> np.ndarray:
    """`x` as NumPy sees it."""
    if hasattr(x, "detach"):  # a PyTorch tensor
        x = x.detach().cpu()
    try:
        values = np.asarray(x.to_numpy() if hasattr(x, "to_numpy") else x)
    except Exception as error:  # whatever the conversion of another library raises
        if "inhomogeneous" in str(error):
            raise _ragged(what) from None
        raise _not_numbers(what, f"a {type(x).__name__}: {first_line(error)}") from error
    if values.dtype.kind == "O":
        if values.ndim == 0:
            raise _not_numbers(what, f"a {type(x).__name__}")
        if hasattr(x, "columns"):
            _check_columns(x.columns, values, what)
    return values


def _check_columns(names: Iterable[object], values: np.ndarray, what: str) -> None:
    """Names the column of a table that does not hold numbers."""
    for name, column in zip(names, values.T, strict=True):
        try:
            is_text = any(isinstance(value, NO_NUMBERS) for value in column)
            column.astype("float32")
        except (TypeError, ValueError):
            is_text = True
        if is_text:
            raise DataError(
                f"{what}: column {name!r} holds values that are not numbers, or gaps; expected "
                f"numbers only: leave it out, or read the table with keras_vae.load_data, and rows "
                f"for a model of a table with run.rows"
            )


def _numbers(x: np.ndarray, what: str) -> np.ndarray:
    """`x` as bool, integers or float32."""
    if x.dtype.kind in "OV" and not any(isinstance(value, NO_NUMBERS) for value in x.flat):
        # columns of several types; float types of other packages
        with contextlib.suppress(ValueError, TypeError):
            x = x.astype("float32")
    if x.dtype.kind not in "biuf":
        kind = {"O": "objects, text or missing values among them", "U": "text"}.get(x.dtype.kind)
        raise _not_numbers(what, f"an array of {kind or f'dtype {x.dtype}'}")
    dtype = "float32" if x.dtype.kind == "f" else x.dtype.newbyteorder("=")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is told
        return x.astype(dtype, copy=False)


def _not_numbers(what: str, received: str) -> DataError:
    return DataError(f"{what}: expected an array of numbers (N, ...), got {received}")


def _ragged(what: str) -> DataError:
    return DataError(
        f"{what}: is ragged: its rows differ in length, but a VAE takes examples of one shape; cut "
        "them to one length"
    )


def _memory() -> int:
    """Bytes of the machine's memory."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows
        return MEMORY_IF_UNKNOWN
