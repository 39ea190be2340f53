"""Matrices in a `.h5ad`, dense or sparse, of which some rows are read at a time."""

import itertools
from collections.abc import Iterator
from typing import Any, Protocol

import h5py
import numpy as np
import tensorflow as tf
from scipy import sparse

from keras_vae.errors import DataError

__all__ = ["PACKED", "DenseRows", "RowMatrix", "SparseRows", "packed", "row_matrix", "unpacked"]

# Of a matrix stored column by column, which is converted in memory.
CONVERTED_BYTES = 2**30
PAIR_BYTES = 8  # of a column and a value
PACKED = tf.TensorSpec((), tf.string)  # of a row


class RowMatrix(Protocol):
    """N rows of as many columns.

    Attributes:
        shape: (N, columns).
        stored_bytes: what a row takes in the file, on average.
    """

    shape: tuple[int, int]
    stored_bytes: float

    def rows(self, rows: np.ndarray) -> np.ndarray | sparse.csr_matrix:
        """Some rows, whose numbers ascend: (len(rows), columns), sparse if they are stored so."""
        ...

    def values(self, first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """(what is stored of the rows from `first` to `end`, from which of them each value is)."""
        ...


class DenseRows:
    """Of a dense data set; see `RowMatrix`."""

    def __init__(self, matrix: h5py.Dataset) -> None:
        self.shape = matrix.shape
        self.stored_bytes = matrix.shape[1] * matrix.dtype.itemsize
        self._matrix = matrix

    def rows(self, rows: np.ndarray) -> np.ndarray:
        return np.concatenate([self._matrix[first:end] for first, end in _runs(rows)])

    def values(self, first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self._matrix[first:end]
        return rows.ravel(), np.repeat(np.arange(len(rows)), rows.shape[1])


class SparseRows:
    """Of compressed sparse rows, in a file or in memory; see `RowMatrix`.

    Args:
        data, indices, indptr: as those of `scipy.sparse.csr_matrix`; what can be sliced will do.
        shape: (N, columns).
    """

    def __init__(self, data: Any, indices: Any, indptr: Any, shape: tuple[int, int]) -> None:
        self.shape = shape
        self._data, self._indices, self._indptr = data, indices, np.asarray(indptr[:], "int64")
        width = data.dtype.itemsize + indices.dtype.itemsize
        self.stored_bytes = width * len(data) / max(1, shape[0])

    def rows(self, rows: np.ndarray) -> sparse.csr_matrix:
        spans = [slice(*self._indptr[[first, end]]) for first, end in _runs(rows)]
        data, indices = (
            np.concatenate([part[span] for span in spans]) for part in (self._data, self._indices)
        )
        counts = self._indptr[rows + 1] - self._indptr[rows]
        indptr = np.concatenate([[0], np.cumsum(counts)])
        return sparse.csr_matrix((data, indices, indptr), (len(rows), self.shape[1]))

    def values(self, first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        counts = np.diff(self._indptr[first : end + 1])
        data = self._data[self._indptr[first] : self._indptr[end]]
        return data, np.repeat(np.arange(end - first), counts)


def packed(rows: sparse.csr_matrix) -> np.ndarray:
    """Rows as bytes, (N,), that tf.data can carry: the column (int32) and the value (float32) of
    each entry that is stored."""
    pairs = np.empty(rows.nnz, [("column", "int32"), ("value", "float32")])
    pairs["column"], pairs["value"] = rows.indices, rows.data
    ends = rows.indptr.tolist()
    of_rows = [pairs[a:b].tobytes() for a, b in itertools.pairwise(ends)]
    # not as NumPy's bytes, which lose zeros at their end
    return np.array(of_rows, object)


def unpacked(rows: tf.Tensor, columns: int) -> tf.Tensor:
    """What `packed` gave, dense: float32 (N, columns)."""
    longest = tf.maximum(tf.reduce_max(tf.strings.length(rows)), PAIR_BYTES)
    # the end of a shorter row is padded with pairs (0, 0.0), which add nothing
    pairs = tf.reshape(tf.io.decode_raw(rows, tf.int32, fixed_length=longest), (-1, 2))
    of_row = tf.repeat(tf.range(rows.shape[0]), longest // PAIR_BYTES)
    places = tf.stack([of_row, pairs[:, 0]], axis=1)
    return tf.scatter_nd(places, tf.bitcast(pairs[:, 1], tf.float32), (rows.shape[0], columns))


def row_matrix(name: str, stored: h5py.Dataset | h5py.Group) -> RowMatrix:
    """The rows of a matrix as anndata stores it.

    Raises:
        DataError: if it is not a matrix of real numbers, or is stored column by column and too
            large to be converted.
    """
    kind = stored.attrs.get("encoding-type", "array" if isinstance(stored, h5py.Dataset) else "")
    dtype = stored.dtype if isinstance(stored, h5py.Dataset) else stored["data"].dtype
    if dtype.kind not in "buif":
        raise DataError(f"{name}: has dtype {dtype}; expected real numbers")
    if kind == "csr_matrix":
        return SparseRows(*_parts(stored))
    if kind == "csc_matrix":
        if sum(stored[part].nbytes for part in ("data", "indices")) > CONVERTED_BYTES:
            raise DataError(
                f"{name}: is stored column by column (CSC), and rows are read; write it again by "
                "rows: adata.X = adata.X.tocsr(), adata.write_h5ad(path)"
            )
        data, indices, indptr, shape = _parts(stored)
        rows = sparse.csc_matrix((data[:], indices[:], indptr[:]), shape).tocsr()
        return SparseRows(rows.data, rows.indices, rows.indptr, shape)
    if kind == "array" and len(stored.shape) == 2:
        return DenseRows(stored)
    raise DataError(f"{name}: is {kind or 'of an unknown kind'}; expected a matrix, (cells, genes)")


def _parts(stored: h5py.Group) -> tuple[Any, Any, Any, tuple[int, int]]:
    rows, columns = map(int, stored.attrs["shape"])
    return stored["data"], stored["indices"], stored["indptr"], (rows, columns)


def _runs(rows: np.ndarray) -> Iterator[tuple[int, int]]:
    """(first row, row behind the last) of each stretch of neighbours in rows that ascend."""
    is_last = np.append(np.diff(rows) != 1, True)
    is_first = np.append(True, is_last[:-1])
    yield from zip(rows[is_first].tolist(), (rows[is_last] + 1).tolist(), strict=True)
