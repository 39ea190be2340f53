"""TFRecord files of arrays: how they are written, and how their examples are read."""

import array
import contextlib
import glob
import math
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf
from google.protobuf import message

from keras_vae.aliases import PathLike
from keras_vae.data.levels import DTYPE_LEVELS, kept_dtype
from keras_vae.data.sources.block_and_window import block_and_window
from keras_vae.data.sources.own_splits import files_by_split, rows_by_split
from keras_vae.data.sources.unchanged_file import UnchangedFile
from keras_vae.errors import DataError, first_line

__all__ = ["TFRecords", "is_record_file", "write_tfrecords"]

DTYPES = (*DTYPE_LEVELS, "float32")
# A record is its length (8 bytes), a checksum of it (4), the data, and their checksum (4).
HEAD, TAIL = 12, 4
LENGTH = struct.Struct("<Q")


def write_tfrecords(path: PathLike, x: np.ndarray) -> None:
    """Writes examples as one TFRecord file, a `tf.train.Example` each.

    Its features are `x`, the values as raw bytes in C order, little-endian; `shape`, a list of
    integers; and `dtype`, `"uint8"`, `"uint16"` or `"float32"`. uint8 and bool are stored as
    uint8, uint16 as it is, all else as float32.

    Args:
        path: ends in `.tfrecord`; an old file is replaced completely or not at all.
        x: (N, *event_shape), real numbers; also a `numpy.memmap` larger than memory.
    """
    path = Path(path)
    unfinished = path.with_name(f".{path.name}-unfinished")
    dtype = kept_dtype(x.dtype)
    shape = tf.train.Feature(int64_list=tf.train.Int64List(value=x.shape[1:]))
    try:
        with tf.io.TFRecordWriter(str(unfinished)) as writer:
            for example in x:
                features = {
                    "x": _bytes(np.asarray(example, dtype.newbyteorder("<")).tobytes()),
                    "shape": shape,
                    "dtype": _bytes(dtype.name.encode()),
                }
                record = tf.train.Example(features=tf.train.Features(feature=features))
                writer.write(record.SerializeToString())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def is_record_file(path: PathLike) -> bool:
    """Whether the name is one of a TFRecord file, `x.tfrecord-00000-of-00010` among them."""
    return ".tfrecord" in Path(path).name and not Path(path).name.startswith(".")


class TFRecords:
    """The examples of TFRecord files as `write_tfrecords` writes them.

    Opening reads all records once, in TensorFlow's own reader, to count them and to check their
    checksums. Kept is the place of every `block`-th record, so that neighbours can be read
    from anywhere.

    Args:
        path: a file, a folder of them, or a pattern such as `"folder/*.tfrecord"`.

    Attributes:
        count, event_shape, row_bytes, block, window, dtype, stored, own_splits: as those of
            `NpyRows`. Files whose names tell splits are read split by split.

    Raises:
        DataError: if a file is damaged, compressed, or holds other features.
    """

    class_names: tuple[str, ...] | None = None
    stored = tf.TensorSpec((), tf.string)
    reading: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    is_known = False

    def __init__(self, path: PathLike) -> None:
        files, splits = files_by_split(path, _record_files(path))
        self._files = [UnchangedFile(file) for file in files]
        paths = [file.path for file in self._files]
        with _translated(path):
            first = next(iter(tf.data.TFRecordDataset(paths).take(1).as_numpy_iterator()), None)
        if first is None:
            raise DataError(f"{path}: does not hold one complete record; write it again")
        self.dtype, self.event_shape = _described(f"{path}, first record", first)
        self.row_bytes = HEAD + len(first) + TAIL
        self.block, self.window = block_and_window(self.row_bytes)
        counts, self._places = zip(*map(self._index, self._files), strict=True)
        self._ends = np.cumsum(counts)
        self.count = int(self._ends[-1])
        self.own_splits = rows_by_split(splits, self._ends)

    def read(self, rows: np.ndarray) -> np.ndarray:
        """The given records as they are stored: an object array of bytes."""
        order = np.argsort(rows)
        in_files = rows[order]
        records = []
        first = 0
        for file, places, end in zip(self._files, self._places, self._ends, strict=True):
            numbers = in_files[slice(*np.searchsorted(in_files, (first, end)))] - first
            records += self._records(file, places, numbers)
            first = end
        asked = np.empty(len(rows), object)
        asked[order] = records
        return asked

    def decode(self, raw: tf.data.Dataset) -> tf.data.Dataset:
        """`tf.data.Dataset` of batches (rows, records) -> (rows, x of `self.dtype`)."""
        return raw.map(
            tf.autograph.experimental.do_not_convert(
                lambda rows, records: (rows, self._parsed(records))
            ),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )

    def describe(self, row: int) -> str:
        """Where an example is to be found."""
        file = np.searchsorted(self._ends, row, side="right")
        first = self._ends[file - 1] if file else 0
        return f"{self._files[file].path}: record {row - first}"

    def labels(self, rows: np.ndarray) -> None:
        """There are no classes."""

    def diagnose(self, rows: np.ndarray) -> None:
        """Raises the DataError of the first of the given records that cannot be used."""
        for row, record in zip(rows, self.read(rows), strict=True):
            described = _described(self.describe(row), record)
            if described != (self.dtype, self.event_shape):
                raise DataError(
                    f"{self.describe(row)} is {described[0]} of shape {described[1]}, the first "
                    f"record {self.dtype} of shape {self.event_shape}; write them all alike"
                )

    def _index(self, file: UnchangedFile) -> tuple[int, np.ndarray]:
        """How many records a file has, and where every `block`-th begins, and the last ends."""
        blocks = tf.data.TFRecordDataset(file.path).batch(self.block)
        count, places = 0, array.array("q", [0])
        with _translated(file.path):
            for lengths in blocks.map(tf.strings.length).prefetch(2).as_numpy_iterator():
                count += len(lengths)
                places.append(places[-1] + int(lengths.sum()) + len(lengths) * (HEAD + TAIL))
        # TensorFlow takes less than a length at the end for the end
        if places[-1] != file.size:
            raise DataError(
                f"{file.path}: not TFRecords, damaged or cut short (at byte {places[-1]} of "
                f"{file.size}); copy or write it again"
            )
        return count, np.asarray(places)

    def _records(self, file: UnchangedFile, places: np.ndarray, numbers: np.ndarray) -> list[bytes]:
        """The records of one file with the given numbers, which ascend."""
        records: list[bytes] = []
        if not len(numbers):
            return records
        blocks, firsts = np.unique(numbers // self.block, return_index=True)
        with file.opened() as read_into:
            for block, wanted in zip(blocks, np.split(numbers, firsts[1:]), strict=True):
                content = bytearray(places[block + 1] - places[block])
                read_into(content, int(places[block]))
                place, number = 0, block * self.block
                for want in wanted.tolist():
                    while True:
                        (length,) = LENGTH.unpack_from(content, place)
                        begin = place + HEAD
                        place = begin + length + TAIL
                        number += 1
                        if number > want:
                            break
                    records.append(bytes(content[begin : begin + length]))
        return records

    def _parsed(self, records: tf.Tensor) -> tf.Tensor:
        """A batch of records -> (batch, *event_shape); fails if one is unlike the first."""
        features = tf.io.parse_example(
            records,
            {
                "x": tf.io.FixedLenFeature([], tf.string),
                "shape": tf.io.FixedLenFeature([len(self.event_shape)], tf.int64),
                "dtype": tf.io.FixedLenFeature([], tf.string),
            },
        )
        tf.debugging.assert_equal(features["shape"], tf.constant(self.event_shape, tf.int64))
        tf.debugging.assert_equal(features["dtype"], self.dtype.name)
        x = tf.io.decode_raw(features["x"], self.dtype.name)
        return tf.reshape(x, (records.shape[0], *self.event_shape))


def _record_files(path: PathLike) -> list[str]:
    if os.path.isdir(path):
        files = [str(file) for file in sorted(Path(path).iterdir()) if is_record_file(file)]
    elif os.path.exists(path):
        files = [str(path)]
    else:
        files = sorted(glob.glob(str(path)))
    if not files:
        raise DataError(f"{path}: no such file, and no .tfrecord files match it")
    compressed = [file for file in files if file.endswith((".gz", ".zlib"))]
    if compressed:
        raise DataError(
            f"{compressed[0]}: compressed files cannot be read from the middle; unpack it (gunzip)"
        )
    return files


def _described(where: str, record: bytes) -> tuple[np.dtype, tuple[int, ...]]:
    """The dtype and shape that a record says it has, if they fit the bytes that it holds."""
    try:
        feature = tf.train.Example.FromString(record).features.feature
        (x,), (dtype,) = feature["x"].bytes_list.value, feature["dtype"].bytes_list.value
        shape = tuple(feature["shape"].int64_list.value)
        dtype = np.dtype(DTYPES[DTYPES.index(dtype.decode())])
    except (ValueError, message.DecodeError) as error:
        raise DataError(
            f"{where}: expected the features x (bytes), shape and dtype ({' or '.join(DTYPES)}); "
            f"write it with keras_vae.data.write_tfrecords"
        ) from error
    if not shape or not len(x) == math.prod(shape) * dtype.itemsize > 0:
        raise DataError(
            f"{where}: holds {len(x)} bytes, which are not {dtype} of shape {shape}; write it "
            f"with keras_vae.data.write_tfrecords"
        )
    return dtype, shape


@contextlib.contextmanager
def _translated(path: PathLike) -> Iterator[None]:
    try:
        yield
    except (tf.errors.OpError, UnicodeDecodeError) as error:
        said = getattr(error, "message", "bytes that are not text")
        reason = first_line(said.split("}} ")[-1])
        raise DataError(
            f"{path}: not TFRecords, damaged or cut short ({reason}); copy or write it again"
        ) from error


def _bytes(value: bytes) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
