"""Annotated matrices: the rows of a `.h5ad`, and what its `obs` says of each."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np
import pandas as pd
import tensorflow as tf
from scipy import sparse

from keras_vae.aliases import PathLike
from keras_vae.conditions import LIBRARY
from keras_vae.data.sources.block_and_window import block_and_window
from keras_vae.data.sources.matrices import (
    PACKED,
    RowMatrix,
    SparseRows,
    packed,
    row_matrix,
    unpacked,
)
from keras_vae.data.sources.source import Source
from keras_vae.data.sources.unchanged_file import UnchangedFile
from keras_vae.data.tables.encode import LARGEST_WHOLE
from keras_vae.errors import DataError, first_line
from keras_vae.files.packages import check_package

__all__ = ["H5adRows", "of_anndata"]

PIECE_BYTES = 2**20  # of rows, as if they were dense, that are read together
CHUNK_BYTES = 4 * 2**20  # of what is looked at together


class H5adRows:
    """The rows of a matrix in a `.h5ad`, read from the file; a `RowSource`.

    Rows of a sparse matrix are made dense a batch at a time. The attributes are those of `NpyRows`,
    and:

    Args:
        path: the file.
        layer: which of its `layers`; None for `X`.
        label_column: the column of `obs` that holds the classes, or None.

    Attributes:
        obs: `DataFrame` of the columns of `obs`, a row for each row of the matrix, and `library`,
            the sum of the row.
        entries: the names of the columns of the matrix.
        file_bytes: of the file.

    Raises:
        DataError: if anndata is not installed, the file is damaged, or has no such layer or
            column.
    """

    is_known = True
    dtype = np.dtype("float32")

    def __init__(
        self, path: PathLike, layer: str | None = None, label_column: str | None = None
    ) -> None:
        check_package(path)
        self._file, self._name = UnchangedFile(path), str(path)
        self.file_bytes = self._file.size
        self.own_splits: dict[str, tuple[int, int]] = {}
        self._place = "X" if layer is None else f"layers/{layer}"
        with self._opened() as matrix:
            self.count, columns = matrix.shape
            if not self.count or not columns:
                raise DataError(
                    f"{self._name}: {self._place} has {self.count} rows and {columns} columns; "
                    f"expected at least one of each"
                )
            self.event_shape: tuple[int, ...] = (columns,)
            self.row_bytes = 4 * columns
            self.block, _ = block_and_window(max(1, int(matrix.stored_bytes)))
            _, self.window = block_and_window(self.row_bytes)
            library, self.is_counts, self._largest = _looked_at(matrix)
            is_sparse = isinstance(matrix, SparseRows)
        self.stored = PACKED if is_sparse else tf.TensorSpec(self.event_shape, self.dtype)
        obs, self.entries = self._annotations()
        self._labels, self.class_names = self._classes(obs, label_column)
        self.obs = obs.assign(**{LIBRARY: library})
        self.reading: tuple[str, ...] = (f"{'X' if layer is None else f'layer {layer}'} as stored",)
        self.warnings = self._told()

    def whole(self) -> Source:
        """All of it in memory: `Source`."""
        x = np.empty((self.count, *self.event_shape), self.dtype)
        for places, part in self._pieces(np.arange(self.count)):
            x[places] = part.toarray() if sparse.issparse(part) else part
        return Source(
            x,
            self._labels,
            class_names=self.class_names,
            reading=self.reading,
            warnings=self.warnings,
            is_known=True,
        )

    def read(self, rows: np.ndarray) -> np.ndarray:
        """The given rows, in their order: float32 (len(rows), columns), those of a sparse matrix
        as `packed` has them."""
        x = np.empty((len(rows), *self.stored.shape), self.stored.dtype.as_numpy_dtype)
        for places, part in self._pieces(rows):
            x[places] = packed(part) if sparse.issparse(part) else part
        return x

    def decode(self, raw: tf.data.Dataset) -> tf.data.Dataset:
        """`tf.data.Dataset` of batches (rows, what `read` gives) -> (rows, float32 values)."""
        if self.stored != PACKED:
            return raw
        (columns,) = self.event_shape
        return raw.map(lambda rows, x: (rows, unpacked(x, columns)))

    def describe(self, row: int) -> str:
        """Where an example is to be found."""
        return f"{self._name}: row {row} of {self._place}"

    def labels(self, rows: np.ndarray) -> np.ndarray | None:
        """The classes: int64 (len(rows),), or None."""
        return None if self._labels is None else self._labels[rows]

    def diagnose(self, rows: np.ndarray) -> None:
        """`read` has said what is wrong."""

    def _pieces(self, rows: np.ndarray) -> Iterator[tuple[np.ndarray, Any]]:
        """(places in `rows`, what the file holds of them): in the order of the file, and never all
        of it a second time in memory."""
        pieces = -(-len(rows) * self.row_bytes // PIECE_BYTES)
        with self._opened() as matrix:
            for places in np.array_split(np.argsort(rows), pieces):
                yield places, matrix.rows(rows[places])

    @contextlib.contextmanager
    def _opened(self) -> Iterator[RowMatrix]:
        with self._file.opened(), _errors_of(self._name), h5py.File(self._name) as file:
            if self._place not in file:
                layers = ", ".join(file.get("layers", ())) or "none"
                raise DataError(f"{self._name}: has no {self._place}; its layers: {layers}")
            yield row_matrix(f"{self._name}: {self._place}", file[self._place])

    def _annotations(self) -> tuple[pd.DataFrame, tuple[str, ...]]:
        with _errors_of(self._name), h5py.File(self._name) as file, of_anndata() as anndata:
            obs, var = (anndata.io.read_elem(file[part]) for part in ("obs", "var"))
        if LIBRARY in obs:
            raise DataError(
                f"{self._name}: obs has a column {LIBRARY!r}, the name of the sum of a row here; "
                "rename it"
            )
        return obs, tuple(map(str, var.index))

    def _classes(
        self, obs: pd.DataFrame, column: str | None
    ) -> tuple[np.ndarray | None, tuple[str, ...] | None]:
        if column is None:
            return None, None
        if column not in obs:
            raise DataError(
                f"{self._name}: obs has no column {column!r}; it has {', '.join(obs) or 'none'}"
            )
        classes = pd.Categorical(obs[column])
        if (classes.codes < 0).any():
            raise DataError(f"{self._name}: the column {column!r} of obs has gaps; fill them")
        return classes.codes.astype("int64"), tuple(map(str, classes.categories))

    def _told(self) -> tuple[str, ...]:
        if self.is_counts and self._largest > LARGEST_WHOLE:
            return (
                f"{self._place} of {self._name} holds counts up to {self._largest:.0f}; above "
                f"{LARGEST_WHOLE} float32 rounds them",
            )
        if self.is_counts:
            return ()
        with h5py.File(self._name) as file:
            layers = [name for name in file.get("layers", ()) if f"layers/{name}" != self._place]
        return (
            f"{self._place} of {self._name} holds other numbers than counts"
            + (f"; --layer {layers[0]} takes another matrix" if layers else "")
            + "; --likelihood gaussian is for such numbers",
        )


@contextlib.contextmanager
def of_anndata() -> Iterator[Any]:
    """anndata, whose warnings, of pandas and of its own names, are nobody's here, and which writes
    the strings of pandas 3."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import anndata

        with anndata.settings.override(allow_write_nullable_strings=True):
            yield anndata


@contextlib.contextmanager
def _errors_of(name: str) -> Iterator[None]:
    """A damaged file ends in errors of many kinds."""
    try:
        yield
    except DataError:
        raise
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise DataError(
            f"{name}: not a .h5ad, damaged or cut short ({first_line(error)}); write it again"
        ) from error


def _looked_at(matrix: RowMatrix) -> tuple[np.ndarray, bool, float]:
    """(the sum of each row, float64 (N,); whether all values are counts; the largest)."""
    sums, are_counts, largest = np.empty(matrix.shape[0]), True, 0.0
    step = max(1, int(CHUNK_BYTES / max(1.0, matrix.stored_bytes)))
    for first in range(0, len(sums), step):
        end = min(first + step, len(sums))
        values, rows = matrix.values(first, end)
        sums[first:end] = np.bincount(rows, values, minlength=end - first)
        are_counts &= bool(((values >= 0) & (values == np.floor(values))).all())
        largest = max(largest, float(values.max(initial=0)))
    return sums, are_counts, largest
