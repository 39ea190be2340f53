"""Numbers in any container -> one array or tensor."""

import contextlib

import keras
import numpy as np
import tensorflow as tf

from keras_vae.errors import DataError, first_line

__all__ = ["as_array"]

NO_NUMBERS = (str, bytes, np.void)


def as_array(x, what="x"):
    """A tensor as it is; all else as a NumPy array in the machine's byte order.

    Args:
        x: array, tensor, list of lists, data frame or sparse matrix.
        what: what errors call it.

    Returns:
        Tensor, or NumPy array of bool, integers or float32.

    Raises:
        DataError: if these are not numbers, not as many in each row, or masked.
    """
    if getattr(x, "_keras_mask", None) is not None or isinstance(x, np.ma.MaskedArray):
        raise DataError(
            f"{what} is masked, and p(x|z) describes every entry: fill what is masked with values "
            f"that are to be learned, or leave those examples out"
        )
    if isinstance(x, tf.RaggedTensor):
        raise _ragged(what)
    if isinstance(x, tf.SparseTensor):
        return tf.sparse.to_dense(tf.sparse.reorder(x))
    if isinstance(x, (tf.Tensor, keras.KerasTensor)):
        if x.dtype in (tf.string, tf.complex64, tf.complex128):
            raise _not_numbers(what, f"a tensor of dtype {tf.as_dtype(x.dtype).name}")
        return x
    received = _no_array(x)
    if received:
        raise _not_numbers(what, received)
    return _numbers(_in_numpy(x, what), what)


def _no_array(x):
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
    if hasattr(x, "splits") or (hasattr(x, "labels") and hasattr(x, "x")):
        return f"{type(x).__name__} of keras_vae; give its array, such as dataset.train.x"
    return None


def _in_numpy(x, what):
    """`x` as NumPy sees it."""
    try:
        if hasattr(x, "toarray"):  # a sparse matrix of SciPy
            return np.asarray(x.toarray())
        return np.asarray(x.to_numpy() if hasattr(x, "to_numpy") else x)
    except (ValueError, TypeError, RuntimeError) as error:
        if "inhomogeneous" in str(error):
            raise _ragged(what) from None
        raise _not_numbers(what, f"a {type(x).__name__}: {first_line(error)}") from error


def _numbers(x, what):
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


def _not_numbers(what, received):
    return DataError(f"{what} must be an array of numbers (N, ...), got {received}")


def _ragged(what):
    return DataError(
        f"{what} is ragged: its rows differ in length, and a VAE takes examples of one shape; cut "
        f"them to one length"
    )
