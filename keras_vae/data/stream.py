"""Training data larger than memory: batches that are read while training goes on."""

import collections
import contextlib
import math
import os
import re

import numpy as np
import tensorflow as tf

from keras_vae.data.entry_draws import draw_key, uniform_entries
from keras_vae.data.examples import Dataset, Examples
from keras_vae.data.held_out import LARGEST_TEST, HeldOut
from keras_vae.data.image_files import ImageFiles
from keras_vae.data.load import LARGEST_VALUE, MIN_EXAMPLES
from keras_vae.data.npy_rows import NpyRows
from keras_vae.data.protocol import BINARIZATION_SEEDS
from keras_vae.data.stream_order import StreamOrder
from keras_vae.data.tfrecords import TFRecords, is_record_file
from keras_vae.errors import DataError

__all__ = ["Stream", "open_stream"]

BINARIZATIONS = ("dynamic", "static", "threshold", "none")
SAMPLE_EXAMPLES = 5_000
# The most that one of the splits in memory takes as float32.
SPLIT_BYTES = 2**30
# What `_values` reads at once.
CHUNK_EXAMPLES = 500
CHUNK_BYTES = 16 * 2**20
# TensorFlow quotes the bytes of what is no image, and Python may fail to read the quotation.
FAILURES = (tf.errors.OpError, UnicodeDecodeError)
# More windows than can be on their way between the reader and the training step.
RECENT_WINDOWS = 64


def open_stream(path):
    """Opens data of any size; only what is held out, and a sample of the rest, come into memory.

    Validation and test are a tenth each, at most 5,000 and 10,000 examples; the sample is 5,000
    of the training examples. None takes more than 1 GiB: of large examples it has fewer. Which
    example belongs where depends on its number and on how many there are, on nothing else:
    numbers are rows of a `.npy`, records, or images by name.

    Args:
        path: a `.npy` in C order; a folder of images of one size; TFRecords as `write_tfrecords`
            writes them, a file, a folder or a pattern (`"folder/*.tfrecord"`).

    Returns:
        `Dataset` with a `stream`; x as `load_data` gives it: float32, and in [0, 1] if it was uint8 with
        values above 1.

    Raises:
        DataError: if the data cannot be read, are too few, constant or not finite.
    """
    source = _source(path)
    if source.count < MIN_EXAMPLES:
        raise DataError(f"{path}: {source.count} examples; expected at least {MIN_EXAMPLES}")
    most = max(2, SPLIT_BYTES // (4 * math.prod(source.event_shape)))
    held_out = HeldOut(source.count, min(LARGEST_TEST, most))
    rows = {
        "train": held_out.training_sample(min(SAMPLE_EXAMPLES, most)),
        "validation": held_out.validation,
        "test": held_out.test,
    }
    x = {split: _values(source, rows[split]) for split in rows}
    # as `load_data`: uint8 without values above 1 is binary already
    is_8_bit = source.dtype == "uint8" and max(values.max() for values in x.values()) > 1
    if (x["train"] == x["train"][0]).all():
        raise DataError(f"{path}: all examples of a sample are the same; there is nothing to learn")
    splits = {}
    for split in rows:
        values = x.pop(split)
        values = values / np.float32(255) if is_8_bit else values.astype("float32", copy=False)
        labels = source.labels(rows[split]) if source.class_names else None
        splits[split] = Examples(values, labels)
    return Dataset(
        str(path),
        **splits,
        class_names=source.class_names,
        stream=Stream(source, held_out, is_8_bit),
    )


class Stream:
    """The training examples of a source on disk, in shuffled batches; see `open_stream`.

    Memory is bounded whatever the number of examples: a few windows of at most 16 MiB and a few
    batches, besides 8 bytes for each block of neighbours that is read together.

    Args:
        source: `NpyRows`, `ImageFiles` or `TFRecords`.
        held_out: `HeldOut` of its examples.
        is_8_bit: whether values are gray levels, to be divided by 255.

    Attributes:
        examples: how many training examples there are.
        event_shape: the shape of one.
    """

    def __init__(self, source, held_out, is_8_bit):
        self.examples = held_out.training_examples
        self.event_shape = source.event_shape
        self._source = source
        self._held_out = held_out
        self._is_8_bit = is_8_bit
        self._recent = collections.deque(maxlen=RECENT_WINDOWS)

    def steps(self, batch_size):
        """Batches of an epoch; what is too little for a batch sits out, by chance.

        Raises:
            DataError: if there is not even one.
        """
        if batch_size > self.examples:
            raise DataError(
                f"{self.examples} training examples make no batch of {batch_size}; choose a "
                f"--batch-size of at most {self.examples}"
            )
        return self.examples // batch_size

    def batches(self, epoch, batch_size, seed, binarization="none", shard=(0, 1), first_step=0):
        """The batches of one epoch: a pure function of (seed, epoch, step) and the data.

        Args:
            epoch: integer from 0, or an integer tensor.
            batch_size: examples a step, of all shards together.
            seed: integer, at least 0.
            binarization: `"dynamic"` (x_i ~ Bernoulli(gray level) anew each epoch), `"static"`
                (the same draw in every epoch and for every seed), `"threshold"` or `"none"`.
            shard: (i, n): worker i of n gets the i-th of n equal, contiguous parts of each batch,
                and reads no other examples (of TFRecords: uses no others).
            first_step: where in the epoch to begin; nothing before it is read.

        Returns:
            Finite `tf.data.Dataset` of float32 (batch_size / n, *event_shape). Iterate over it
            inside `errors()`.

        Raises:
            DataError: if there are fewer examples than `batch_size`.
        """
        steps = self.steps(batch_size)
        index, shards = shard
        if binarization not in BINARIZATIONS:
            raise ValueError(
                f"binarization={binarization!r}: expected one of {', '.join(BINARIZATIONS)}"
            )
        if not 0 <= index < shards or batch_size % shards:
            raise ValueError(
                f"shard={shard}: expected (i, n), i from 0 to n - 1, where n divides the batch "
                f"size of {batch_size}"
            )
        if not 0 <= first_step <= steps:
            raise ValueError(f"first_step={first_step}: expected 0 to {steps}, the steps")
        source = self._source
        order = StreamOrder(self.examples, batch_size, source.block, source.window, seed)
        first_window, skipped = divmod(first_step, order.steps_per_window)
        part = batch_size // shards

        def window_rows(epoch, window):
            """The rows of the shard's steps in one window: (steps, part)."""
            own = order.window(epoch, window)[:, index * part : (index + 1) * part]
            return self._held_out.training_rows(own[skipped if window == first_window else 0 :])

        def noted_rows(window, epoch):
            self._recent.append((window_rows, int(epoch), int(window)))
            return window_rows(int(epoch), int(window))

        def finished(rows, values):
            x = self._scaled(values)
            if binarization == "none":
                return x
            if binarization == "threshold":
                return tf.cast(x > 0.5, tf.float32)
            is_static = binarization == "static"
            key = draw_key(BINARIZATION_SEEDS["train"]) if is_static else draw_key(seed, epoch)
            # x_i ~ Bernoulli(gray level)
            return tf.cast(uniform_entries(key, rows, self.event_shape) < x, tf.float32)

        if first_step == steps:
            first_window = order.windows
        windows = tf.data.Dataset.range(first_window, order.windows)
        batches = _decoded(source, windows, noted_rows, part, epoch).map(
            finished, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        )
        # AUTOTUNE would take a share of all memory
        batches = batches.prefetch(2)
        return batches.apply(tf.data.experimental.assert_cardinality(steps - first_step))

    @contextlib.contextmanager
    def errors(self):
        """Inside it, a failure of `batches` that the data caused is a `DataError`.

        TensorFlow's own errors tell no file; so what was read last is looked at again.
        """
        try:
            yield
        except FAILURES as error:
            _raise_what_was_said(error)
            for window_rows, epoch, window in list(self._recent):
                self._diagnose(window_rows(epoch, window).reshape(-1), error)
            raise

    def _scaled(self, values):
        """float32, gray levels as fractions of 255; fails for values that nothing can learn."""
        if self._is_8_bit:
            return tf.cast(values, tf.float32) / 255
        largest = 1 if self._source.dtype == "uint8" else LARGEST_VALUE
        x = tf.cast(values, tf.float32)
        tf.debugging.Assert(tf.reduce_all(tf.abs(x) <= largest), ["unusable values"])
        return x

    def _diagnose(self, rows, error):
        """Raises the DataError of the first of the rows that cannot be used."""
        try:
            values = _values(self._source, rows)
            if self._source.dtype == "uint8" and not self._is_8_bit:
                _refuse(
                    self._source,
                    rows,
                    values > 1,
                    "has uint8 values above 1, where a sample of the "
                    "others is binary; store gray levels and binary data apart",
                )
        except DataError as reason:
            raise reason from error


def _source(path):
    """The source of examples that `path` names."""
    name = str(path)
    if os.path.isdir(path):
        has_records = any(is_record_file(entry) for entry in os.listdir(path))
        return TFRecords(path) if has_records else ImageFiles(path)
    if name.endswith(".npy") and os.path.exists(path):
        return NpyRows(path)
    if is_record_file(path) or "*" in name:
        return TFRecords(path)
    if not os.path.exists(path):
        raise DataError(f"{path}: no such file or folder")
    raise DataError(
        f"{path}: cannot be read piece by piece; expected a .npy, a folder of images or .tfrecord "
        f"files (an array of a .npz: take it out with numpy.save)"
    )


def _decoded(source, windows, window_rows, batch_size, *arguments):
    """`tf.data.Dataset` of window numbers -> batches (rows, values), read and decoded.

    Args:
        window_rows: (window, *arguments) -> int64 (steps, batch_size), run as Python.
    """

    def read(*numbers):
        rows = window_rows(*numbers)
        return rows, source.read(rows.reshape(-1))

    def batches_of(window):
        rows, raw = tf.numpy_function(read, [window, *arguments], [tf.int64, source.stored.dtype])
        rows = tf.reshape(rows, (-1, batch_size))
        return rows, tf.reshape(raw, (-1, batch_size, *source.stored.shape))

    # a window is read while the one before it is used
    batches = (
        windows.map(batches_of)
        .prefetch(1)
        .flat_map(lambda rows, raw: tf.data.Dataset.from_tensor_slices((rows, raw)))
    )
    options = tf.data.Options()
    options.deterministic = True
    return source.decode(batches).with_options(options)


def _values(source, rows):
    """The examples of the given rows in memory, of `source.dtype`: (len(rows), *event_shape).

    Raises:
        DataError: if one cannot be read or decoded, or is not finite.
    """
    size = max(1, min(CHUNK_EXAMPLES, CHUNK_BYTES // source.row_bytes, len(rows)))
    # neighbours together, and the last again until the last chunk is full
    places = np.argsort(rows)
    places = np.pad(places, (0, -len(rows) % size), mode="edge").reshape(-1, size)
    x = np.empty((len(rows), *source.event_shape), source.dtype)
    chunks = tf.data.Dataset.range(len(places))
    batches = _decoded(source, chunks, lambda chunk: rows[places[chunk]][None], size)
    try:
        for chunk, (_, values) in zip(places, batches.as_numpy_iterator(), strict=True):
            x[chunk] = values
    except FAILURES as error:
        _raise_what_was_said(error)
        source.diagnose(rows)
        raise
    if source.dtype != "uint8":
        # NaN is on no side
        _refuse(
            source, rows, ~(np.abs(x) <= LARGEST_VALUE), f"holds NaN, infinite values or values "
            f"beyond {LARGEST_VALUE:.0e}; remove such examples, or fill the gaps, before training"
        )  # fmt: skip
    return x


def _refuse(source, rows, is_wrong, reason):
    """Raises a DataError for the first of the rows that has a wrong entry."""
    wrong = is_wrong.reshape(len(rows), -1).any(axis=1)
    if wrong.any():
        raise DataError(f"{source.describe(rows[wrong].min())} {reason}")


def _raise_what_was_said(error):
    """A DataError that was raised inside tf.data comes out as text inside another error."""
    said = re.search(r"\bDataError: (.*)", str(error))
    if said:
        raise DataError(said.group(1)) from error
