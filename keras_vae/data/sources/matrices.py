"""Matrices in a `.h5ad`, dense or sparse, of which some rows are read at a time."""

from collections.abc import Iterator
from typing import Any, Protocol

import h5py
import numpy as np
from scipy import sparse

from keras_vae.errors import DataError

__all__ = ["DenseRows", "RowMatrix", "SparseRows", "row_matrix"]

# Of a matrix stored column by column, which is converted in memory.
CONVERTED_BYTES = 2**30


class RowMatrix(Protocol):
    """N rows of as many columns.

    Attributes:
        shape: (N, columns).
        stored_bytes: what a row takes in the file, on average.
    """

    shape: tuple[int, int]
    stored_bytes: float

    def rows(self, rows: np.ndarray) -> np.ndarray:
        """Some rows, whose numbers ascend: dense (len(rows), columns)."""
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

    def rows(self, rows: np.ndarray) -> np.ndarray:
        spans = [slice(*self._indptr[[first, end]]) for first, end in _runs(rows)]
        data, indices = (
            np.concatenate([part[span] for span in spans]) for part in (self._data, self._indices)
        )
        counts = self._indptr[rows + 1] - self._indptr[rows]
        indptr = np.concatenate([[0], np.cumsum(counts)])
        return sparse.csr_matrix((data, indices, indptr), (len(rows), self.shape[1])).toarray()

    def values(self, first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        counts = np.diff(self._indptr[first : end + 1])
        data = self._data[self._indptr[first] : self._indptr[end]]
        return data, np.repeat(np.arange(end - first), counts)


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
