"""The means that training reports, in one metric."""

from collections.abc import Iterable

import keras
import tensorflow as tf

__all__ = ["Means"]


class Means(keras.metrics.Metric):
    """Means over examples of several values at once: `result` is a dict of them by name.

    One metric a value would do the same with many times as many operations in every step.

    Args:
        names: of the values.
    """

    def __init__(self, names: Iterable[str], name: str = "means") -> None:
        # float64: sums over an epoch outgrow the digits of float32.
        super().__init__(name=name, dtype="float64")
        self.names = tuple(names)
        self.total = self.add_variable((len(self.names),), "zeros", self.dtype, name="total")
        self.count = self.add_variable((), "zeros", self.dtype, name="count")

    def update_state(
        self, values: dict[str, tf.Tensor], sample_weight: tf.Tensor | None = None
    ) -> None:
        """Adds a batch, unless a value was NaN or infinite before: then the means stay as they
        were, and show which of them it was.

        Args:
            values: dict with a tensor (batch,) for each name.
            sample_weight: optional weights (batch,); 1 for each example if None.
        """
        stacked = tf.cast(tf.stack([values[name] for name in self.names]), tf.float64)
        weights = tf.ones_like(stacked[0]) if sample_weight is None else sample_weight
        weights = tf.cast(weights, tf.float64)
        is_finite = tf.reduce_all(tf.math.is_finite(self.total))
        for sums, added in (
            (self.total, tf.reduce_sum(stacked * weights, axis=1)),
            (self.count, tf.reduce_sum(weights)),
        ):
            sums.assign_add(tf.where(is_finite, added, tf.zeros_like(added)))

    def result(self) -> dict[str, tf.Tensor]:
        """name -> mean over all examples since the last reset; 0 before the first."""
        means = tf.math.divide_no_nan(tf.convert_to_tensor(self.total), self.count.value)
        return dict(zip(self.names, tf.unstack(means), strict=True))
