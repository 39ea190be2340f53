"""Training batches from a stream, as `TrainingBatches` gives them from memory."""

from typing import Any

import tensorflow as tf

from keras_vae.data.streams.stream import Stream
from keras_vae.errors import DataError
from keras_vae.replicas import own_rows

__all__ = ["StreamBatches"]


class StreamBatches:
    """Training batches of a `Stream`, and the place in it that training has reached.

    `VAE.fit` takes it in place of an array.

    Args:
        stream: `Stream`.
        batch_size: examples a step, of all workers together.
        binarization: as in `TrainingBatches`.
        seed: integer.
        shard: (i, n): this process is worker i of n, and reads its part of each batch.

    Attributes:
        batch_size, steps, event_shape, condition_shape, epoch, step: as in `TrainingBatches`.

    Raises:
        DataError: for a dictionary with a mask or a condition.
    """

    def __init__(
        self,
        stream: Stream,
        batch_size: int,
        binarization: str = "none",
        seed: int = 0,
        shard: tuple[int, int] = (0, 1),
    ) -> None:
        if isinstance(stream, dict):
            raise DataError(
                "a stream is not a dictionary: masks are not read from disk, and conditions come "
                "with Stream.with_condition; load the data into memory, for TrainingBatches"
            )
        self.batch_size = batch_size
        self.steps = stream.steps(batch_size)
        self.event_shape = stream.event_shape
        self.condition_shape = None if stream.condition is None else stream.condition.shape[1:]
        self._stream = stream
        self._options = batch_size, seed, binarization, shard
        self._shards = shard[1]
        self.epoch = self.step = 0

    def must_lie_in(self, support: tuple[float, float]) -> None:
        """Refuses values outside of `support`, and outside [0, 1] if they are to be binarised."""
        _, _, binarization, _ = self._options
        low, high = support if binarization == "none" else (0, 1)
        largest = self._stream.support[1]
        self._stream.support = max(low, -largest), min(high, largest)

    def begin(self, epoch: int, step: int = 0) -> None:
        """Goes to a step of an epoch."""
        self.epoch, self.step = epoch, step
        self._iterator = iter(self._stream.batches(epoch, *self._options, first_step=step))

    def take(self, limit: int) -> tuple[tf.Tensor, tuple[tf.Tensor, ...]]:
        """Moves on by `limit` steps, or to the end of the epoch.

        Returns:
            (count, parts): how many steps those are, and `limit` batches, padded after `count`, for
            `examples`: x, and the condition where there is one.

        Raises:
            DataError: if the data cannot be read, or have changed.
        """
        count = min(limit, self.steps - self.step)
        with self._stream.errors():
            taken = [next(self._iterator) for _ in range(count)]
        self.step += count
        own = self.batch_size // self._shards
        shapes = [s for s in (self.event_shape, self.condition_shape) if s is not None]
        taken = [each if isinstance(each, tuple) else (each,) for each in taken]
        taken = taken or [tuple(tf.zeros((own, *shape)) for shape in shapes)]
        padded = taken + taken[-1:] * (limit - len(taken))
        return tf.constant(count), tuple(tf.stack(part) for part in zip(*padded, strict=True))

    def examples(self, x: tf.Tensor, condition: tf.Tensor | None = None) -> Any:
        """The batch itself, with a condition a dictionary; in a replica, that replica's part of
        what this process read."""
        x = own_rows(x, self._shards)
        return x if condition is None else {"x": x, "condition": own_rows(condition, self._shards)}
