"""Training examples in the memory of the device, cut into batches there."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.data.arrays import refuse_counts
from keras_vae.data.part_arrays import part_arrays
from keras_vae.data.protocol import BLOCK, binarize, is_binary
from keras_vae.replicas import own_rows
from keras_vae.traced import traced

__all__ = ["TrainingBatches"]

PHILOX = 1  # its number among TensorFlow's generators


class TrainingBatches:
    """An endless supply of training batches, and the place in it that training has reached.

    Each epoch takes all examples in a new order, `batch_size` a step. Leftover examples that do not
    fill a batch are skipped in that epoch, different ones each time. Order and pixels depend on
    `seed`, epoch and step alone, so that a run can be repeated, or entered anywhere.

    `VAE.fit` takes it in place of an array and never touches the host between steps.

    Args:
        x: float32 (N, *event_shape), in [0, 1] if it is to be binarised; or a dictionary of such
            an `x` and a `mask`, 1 where it is observed, a `condition` (N, *condition_shape), or
            both. Other real numbers become float32; 8-bit counts above 1 are refused.
        batch_size: examples a step; all N if there are fewer.
        binarization: `"dynamic"` (x_i ~ Bernoulli(gray level) again in each epoch), `"static"`,
            `"threshold"` or `"none"`.
        seed: integer.

    Attributes:
        batch_size: examples a step.
        steps: of an epoch.
        event_shape: the shape of one example.
        condition_shape: that of one condition; None without.
        epoch, step: int32 variables: where training is, both from 0.
    """

    def __init__(self, x: Any, batch_size: int, binarization: str = "none", seed: int = 0) -> None:
        x, mask, condition = part_arrays("x", x)
        refuse_counts(x)
        x = x.astype("float32", copy=False)
        self.condition_shape = None if condition is None else condition.shape[1:]
        # What a model is given beside x; a mask takes a byte an entry.
        beside = {"mask": None if mask is None else mask == 1, "condition": condition}
        self._beside = {n: tf.constant(part) for n, part in beside.items() if part is not None}
        self.batch_size = min(batch_size, len(x))
        self.steps = len(x) // self.batch_size
        self.event_shape = x.shape[1:]
        self._seed = seed
        self._is_dynamic = binarization == "dynamic" and not is_binary(x)
        if self._is_dynamic:
            self._table = tf.constant(_thresholds(x))
        else:
            self._table = _compact(binarize(x, binarization, "train"))
        self.epoch = tf.Variable(0, trainable=False)
        self.step = tf.Variable(0, trainable=False)
        self._order = tf.Variable(tf.zeros((self.steps, self.batch_size), tf.int32))
        self.begin(0)

    @property
    def table(self) -> tf.Tensor:
        """All examples as they are kept: bool, 8-bit gray levels, float32, or uint16 thresholds of
        those that are drawn from gray levels."""
        return self._table

    @property
    def mask(self) -> tf.Tensor | None:
        """Of the shape of `table`, whether an entry is observed; None: all are."""
        return self._beside.get("mask")

    def begin(self, epoch: int, step: int = 0) -> None:
        """Goes to a step of an epoch."""
        order = tf.random.experimental.stateless_shuffle(
            tf.range(len(self._table)), _fold(self._seed, epoch)
        )
        kept = order[: self.steps * self.batch_size]
        self._order.assign(tf.reshape(kept, self._order.shape))
        self.epoch.assign(epoch)
        self.step.assign(step)

    @traced
    def take(self, limit: int) -> tuple[tf.Tensor, tuple[tf.Tensor, ...]]:
        """Moves on by `limit` steps, or to the end of the epoch.

        Returns:
            (count, parts): how many steps those are, and `limit` batches in a compact form for
            `examples`: x, then what a model is given beside it; those after the first `count` are
            padding.
        """
        first = self.step.read_value()
        count = tf.minimum(limit, self.steps - first)
        steps = tf.minimum(first + tf.range(limit), self.steps - 1)
        self.step.assign_add(count)
        rows = tf.gather(self._order, steps)
        values = tf.gather(self._table, rows)
        if self._is_dynamic:
            # x_i ~ Bernoulli(gray level)
            values = tf.minimum(self._bits(first, limit), 2**16 - 2) < values
        return count, (values, *(tf.gather(part, rows) for part in self._beside.values()))

    def examples(self, values: tf.Tensor, *beside: tf.Tensor) -> Any:
        """The batch itself: (batch, *event_shape), float32, or bool if binary.

        With a mask or a condition it is a dictionary, as it was given, of which these are float32.
        In a replica of `tf.distribute`, that replica's part of the batch.
        """
        x = own_rows(values)
        x = tf.cast(x, tf.float32) / 255 if x.dtype == tf.uint8 else x
        if not beside:
            return x
        parts = zip(self._beside, beside, strict=True)
        return {"x": x, **{name: tf.cast(own_rows(part), tf.float32) for name, part in parts}}

    def _bits(self, first: tf.Tensor, limit: int) -> tf.Tensor:
        """16 random bits an entry of the `limit` batches from step `first` on: uint16
        (limit, batch, *event_shape), the epoch's one Philox stream entered at their place.

        Half as many as a float32 takes, and drawn apart from the compiled steps: inside XLA the
        same draw takes many times longer on a CPU.
        """
        entries = self.batch_size * int(np.prod(self.event_shape))
        blocks = -(-entries // 8)  # of 128 bits, a count of Philox's counter
        key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=_fold(self._seed, self.epoch))
        place = tf.cast(first, tf.uint64) * blocks
        words = tf.raw_ops.StatelessRandomUniformFullIntV2(
            shape=[limit, 4 * blocks],
            key=key,
            counter=counter + tf.stack([place, tf.zeros_like(place)]),
            alg=PHILOX,
            dtype=tf.uint32,
        )
        bits = tf.reshape(tf.bitcast(words, tf.uint16), (limit, -1))[:, :entries]
        return tf.reshape(bits, (limit, self.batch_size, *self.event_shape))


def _thresholds(x: np.ndarray) -> np.ndarray:
    """t, uint16, for which 16 random bits, at most 2^16 - 2, are below t with probability x: to a
    multiple of 2^-16, and always for 1, never for 0."""
    return np.minimum(np.rint(x.astype("float64") * 2**16), 2**16 - 1).astype("uint16")


def _fold(seed: int, epoch: int | tf.Variable) -> tf.Tensor:
    return tf.random.experimental.stateless_fold_in([seed, 0], epoch)


def _compact(x: np.ndarray) -> tf.Tensor:
    """x in as few bytes as hold it exactly: bool, 8-bit gray levels, or float32."""
    if is_binary(x):
        return tf.constant(x == 1)
    levels = np.empty(x.shape, "uint8")
    for first in range(0, len(x), BLOCK):
        rows = slice(first, first + BLOCK)
        levels[rows] = np.clip(np.rint(x[rows] * 255), 0, 255)
        if not np.array_equal(levels[rows] / np.float32(255), x[rows]):
            return tf.constant(x)
    return tf.constant(levels)
