"""Training data larger than memory: batches that are read while training goes on."""

import collections
import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.choices import BINARIZATIONS
from keras_vae.data.entry_draws import draw_key, uniform_entries
from keras_vae.data.examples import LARGEST_VALUE
from keras_vae.data.protocol import BINARIZATION_SEEDS
from keras_vae.data.sources.source import RowSource
from keras_vae.data.streams.held_out import HeldOut
from keras_vae.data.streams.order import StreamOrder
from keras_vae.data.streams.values import FAILURES, decoded, raise_what_was_said, refuse, values_of
from keras_vae.errors import DataError

__all__ = ["Stream"]

# More windows than can be on their way between the reader and the training step.
RECENT_WINDOWS = 64


class Stream:
    """The training examples of a source on disk, in shuffled batches; see `open_stream`.

    Memory is bounded whatever the number of examples: a few windows of at most 16 MiB and a few
    batches, besides 8 bytes for each block of neighbours that is read together.

    Args:
        source: `NpyRows`, `ImageFiles` or `TFRecords`.
        held_out: `HeldOut` of its examples.
        levels: how many there are, where values are levels, to be divided by the last; else None.

    Attributes:
        examples: how many training examples there are.
        count: how many of all, those that are held out among them.
        event_shape: the shape of one.
        support: the range in which values must lie when they are read.
        condition: float32 (count, *condition_shape), what a model is told of each example, held
            out or not; None: nothing.
    """

    def __init__(self, source: RowSource, held_out: HeldOut, levels: int | None) -> None:
        self.examples = held_out.training_examples
        self.count = source.count
        self.event_shape = source.event_shape
        self.support = (-LARGEST_VALUE, LARGEST_VALUE)
        self.condition: np.ndarray | None = None
        self._source = source
        self._held_out = held_out
        self._levels = levels
        # (function of the next two to rows, epoch, window)
        self._recent: collections.deque[tuple[Callable[[int, int], np.ndarray], int, int]]
        self._recent = collections.deque(maxlen=RECENT_WINDOWS)

    def with_condition(self, condition: np.ndarray) -> "Stream":
        """The same stream, whose batches have a condition."""
        told = copy.copy(self)
        told.condition = condition
        return told

    def read(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Examples of the source by their number, held out or not.

        Args:
            rows: int64 array of numbers in [0, count).

        Returns:
            (x, labels): float32 (len(rows), *event_shape), as `load_data` gives it, and int64
            (len(rows),), or None without classes.

        Raises:
            DataError: if one cannot be read.
        """
        with self.errors():
            x = self._scaled(values_of(self._source, rows)).numpy()
        return x, self._source.labels(rows)

    def labels(self, rows: np.ndarray) -> np.ndarray | None:
        """The classes of some rows, int64 (len(rows),), or None."""
        return self._source.labels(rows)

    def steps(self, batch_size: int) -> int:
        """Batches of an epoch; leftover examples, chosen at random, are skipped.

        Raises:
            DataError: if there is not even one.
        """
        if batch_size > self.examples:
            raise DataError(
                f"{self.examples} training examples do not fill one batch of {batch_size}; choose "
                f"a --batch-size of at most {self.examples}"
            )
        return self.examples // batch_size

    def batches(
        self,
        epoch: int | tf.Tensor,
        batch_size: int,
        seed: int,
        binarization: str = "none",
        shard: tuple[int, int] = (0, 1),
        first_step: int = 0,
    ) -> tf.data.Dataset:
        """The batches of one epoch: a pure function of (seed, epoch, step) and the data.

        Args:
            epoch: integer from 0, or an integer tensor.
            batch_size: examples a step, of all shards together.
            seed: integer, at least 0.
            binarization: `"dynamic"` (x_i ~ Bernoulli(gray level) again in each epoch), `"static"`
                (the same draw in every epoch and for every seed), `"threshold"` or `"none"`.
            shard: (i, n): worker i of n gets the i-th of n equal, contiguous parts of each batch,
                and reads no other examples (of TFRecords: uses no others).
            first_step: where in the epoch to begin; nothing before it is read.

        Returns:
            Finite `tf.data.Dataset` of float32 (batch_size / n, *event_shape); with a condition of
            (x, condition). Iterate over it inside `errors()`.

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

        def window_rows(epoch: int, window: int) -> np.ndarray:
            """The rows of the shard's steps in one window: (steps, part)."""
            own = order.window(epoch, window)[:, index * part : (index + 1) * part]
            return self._held_out.training_rows(own[skipped if window == first_window else 0 :])

        def noted_rows(window: np.ndarray, epoch: np.ndarray) -> np.ndarray:
            self._recent.append((window_rows, int(epoch), int(window)))
            return window_rows(int(epoch), int(window))

        def drawn(rows: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
            if binarization == "none":
                return x
            if binarization == "threshold":
                return tf.cast(x > 0.5, tf.float32)
            is_static = binarization == "static"
            key = draw_key(BINARIZATION_SEEDS["train"]) if is_static else draw_key(seed, epoch)
            # x_i ~ Bernoulli(gray level)
            return tf.cast(uniform_entries(key, rows, self.event_shape) < x, tf.float32)

        condition = None if self.condition is None else tf.constant(self.condition)

        @tf.autograph.experimental.do_not_convert  # there is nothing; to look takes long
        def finished(rows: tf.Tensor, values: tf.Tensor) -> Any:
            x = drawn(rows, self._scaled(values))
            return x if condition is None else (x, tf.gather(condition, rows))

        if first_step == steps:
            first_window = order.windows
        windows = tf.data.Dataset.range(first_window, order.windows)
        batches = decoded(source, windows, noted_rows, part, epoch).map(
            finished, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        )
        # AUTOTUNE would take a share of all memory
        batches = batches.prefetch(2)
        return batches.apply(tf.data.experimental.assert_cardinality(steps - first_step))

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Inside it, a failure of `batches` that the data caused is a `DataError`.

        TensorFlow's own errors do not name the file; so what was read last is checked again.
        """
        try:
            yield
        except FAILURES as error:
            raise_what_was_said(error)
            for window_rows, epoch, window in list(self._recent):
                self._diagnose(window_rows(epoch, window).reshape(-1), error)
            raise

    def _scaled(self, values: tf.Tensor | np.ndarray) -> tf.Tensor:
        """float32, levels as fractions of the last; fails for values that nothing can learn."""
        if self._levels is not None:
            return tf.cast(values, tf.float32) / (self._levels - 1)
        low, high = self.support
        high = min(high, 1) if self._source.dtype.kind == "u" else high
        x = tf.cast(values, tf.float32)
        tf.debugging.Assert(tf.reduce_all((x >= low) & (x <= high)), ["unusable values"])
        return x

    def _diagnose(self, rows: np.ndarray, error: Exception) -> None:
        """Raises the DataError of the first of the rows that cannot be used."""
        try:
            values = values_of(self._source, rows)
            if self._source.dtype.kind == "u" and self._levels is None:
                refuse(
                    self._source,
                    rows,
                    values > 1,
                    f"has {self._source.dtype} values above 1, but a sample of the others is "
                    "binary; store gray levels and binary data in separate files",
                )
            low, high = self.support
            if self._levels is None:
                refuse(
                    self._source,
                    rows,
                    (values < low) | (values > high),
                    f"holds values outside [{low:g}, {high:g}], which the likelihood, or the "
                    f"binarisation, cannot describe; scale the data, or choose another",
                )
        except DataError as reason:
            raise reason from error
