"""Rows of a `.npy` that is too large for memory."""

import math

import numpy as np
import tensorflow as tf

from keras_vae.aliases import PathLike
from keras_vae.data.levels import kept_dtype
from keras_vae.data.sources.block_and_window import block_and_window
from keras_vae.data.sources.files import left_beside, numpy_errors
from keras_vae.data.sources.unchanged_file import ReadInto, UnchangedFile
from keras_vae.errors import DataError

__all__ = ["NpyRows"]

PIECE_BYTES = 2**20


class NpyRows:
    """The examples of a `.npy` in C order, read directly from the file.

    Args:
        path: the file; of its contents only the header is read here.

    Attributes:
        count: examples.
        event_shape: the shape of one.
        row_bytes: bytes of one, in the file or in memory, whichever is more.
        block, window: as `StreamOrder` wants them.
        dtype: of the values, uint8 for uint8 and bool, uint16 for uint16, float32 for all else.
        own_splits: dict of `"train"`, `"validation"`, `"test"` -> (first, end), the rows of each
            split of the source's own; empty if it has none.
        reading, warnings: as those of `Dataset`.
        is_known: as that of `Source`.
        stored: `tf.TensorSpec` of what `read` gives for one example.

    Raises:
        DataError: if the file is damaged, not in C order, or holds no real numbers.
    """

    class_names: tuple[str, ...] | None = None
    reading: tuple[str, ...] = ()
    is_known = False

    def __init__(self, path: PathLike) -> None:
        self._file = UnchangedFile(path)
        self.own_splits: dict[str, tuple[int, int]] = {}
        self.warnings = left_beside(path)
        with numpy_errors(path):
            # a memory map, of which no page is ever touched
            header = np.lib.format.open_memmap(path, mode="r")
        if header.dtype.kind not in "buif":
            raise DataError(f"{path}: x has dtype {header.dtype}; expected real numbers")
        if header.ndim < 2 or header.size == 0:
            raise DataError(
                f"{path}: x is empty or has no event shape; its shape is {header.shape}"
            )
        if not header.flags.c_contiguous:
            raise DataError(
                f"{path}: is in Fortran order, which cannot be read example by example; write it "
                "again as numpy.save(path, numpy.ascontiguousarray(x))"
            )
        self.count, *event_shape = header.shape
        self.event_shape = tuple(event_shape)
        self._stored = header.dtype
        self._offset = header.offset
        if self._file.size != header.offset + header.nbytes:
            raise DataError(
                f"{path}: has data after its array, so it is damaged or holds several arrays; "
                "write each into a file of its own"
            )
        self._stored_bytes = math.prod(event_shape) * header.dtype.itemsize
        self.dtype = kept_dtype(header.dtype)
        self.row_bytes = math.prod(event_shape) * max(header.dtype.itemsize, self.dtype.itemsize)
        self.block, self.window = block_and_window(self.row_bytes)
        self.stored = tf.TensorSpec(self.event_shape, self.dtype)

    def read(self, rows: np.ndarray) -> np.ndarray:
        """The examples of the given rows, in their order: (len(rows), *event_shape)."""
        x = np.empty((len(rows), *self.event_shape), self.dtype)
        pieces = -(-x.nbytes // PIECE_BYTES)
        with self._file.opened() as read_into, np.errstate(over="ignore"):
            # in the order of the file, and never a second time in memory
            for places in np.array_split(np.argsort(rows), pieces):
                x[places] = self._ascending(rows[places], read_into)
        return x

    def _ascending(self, rows: np.ndarray, read_into: ReadInto) -> np.ndarray:
        """The examples of rows that ascend, as they are stored, or bool as uint8."""
        x = np.empty((len(rows), *self.event_shape), self._stored)
        buffer = x.reshape(-1).view("uint8").data
        # neighbours are read together, and nothing that was not asked for
        ends = np.append(np.flatnonzero(np.diff(rows) != 1) + 1, len(rows)).tolist()
        starts = [0, *ends[:-1]]
        offsets = (self._offset + rows[starts] * self._stored_bytes).tolist()
        size = self._stored_bytes
        for start, end, offset in zip(starts, ends, offsets, strict=True):
            read_into(buffer[start * size : end * size], offset)
        return x.view("uint8") if x.dtype == bool else x

    def decode(self, raw: tf.data.Dataset) -> tf.data.Dataset:
        """`tf.data.Dataset` of (rows, what `read` gives) -> the same: nothing to decode."""
        return raw

    def describe(self, row: int) -> str:
        """Where an example is to be found."""
        return f"{self._file.path}: example {row}"

    def labels(self, rows: np.ndarray) -> None:
        """There are no classes."""

    def diagnose(self, rows: np.ndarray) -> None:
        """Says what is wrong with one of the rows; `read` has said it already."""
