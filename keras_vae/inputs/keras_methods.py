"""Keras's `fit`, `evaluate`, `predict` and the like, which check x and y first."""

from collections.abc import Iterator
from numbers import Integral
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from keras_vae.data import StreamBatches, TrainingBatches, as_array
from keras_vae.data.given import array_of, count, take
from keras_vae.distributions import Likelihood
from keras_vae.errors import ConfigError, DataError
from keras_vae.inputs.examples import Takes, examples, parts_by_name, same_axes
from keras_vae.inputs.labels import check_labels, without_text
from keras_vae.inputs.streams import BatchRule, first_of, is_stream, told_in_one_line
from keras_vae.pairs import pairs_at_once
from keras_vae.progress import tracked

__all__ = ["KerasMethods"]

if TYPE_CHECKING:
    from keras import Model
else:
    Model = object  # the methods that are wrapped are those of the class beside it


class KerasMethods(Model):
    """Mixed into a `keras.Model` that has `event_shape` (None until built) and `likelihood`.

    `x` may be a NumPy array, tensor, list of lists, data frame or SciPy sparse matrix
    (N, *event_shape), or a `tf.data.Dataset`, `keras.utils.PyDataset`, generator or other
    iterable of batches x, (x, y) or (x, y, sample_weight). Axes of size 1 may be missing or too
    many. Labels y are accepted, but no loss uses them.

    Where entries are missing, or the model is conditional, x is a dictionary of such: `"x"`,
    `"mask"` (like x: 1 where an entry was observed, 0 where it is missing) and `"condition"`
    (N, *condition_shape).

    Raises:
        DataError: for x of another shape, or values that are NaN, infinite, outside the
            likelihood's support, or 8-bit counts: of a stream, when they are read, and always
            before figures are returned; for y that looks like a target to learn.
    """

    condition_shape: tuple[int, ...] | None
    event_shape: tuple[int, ...] | Any  # None until built, as the next
    latent_dim: int | Any
    likelihood: Likelihood

    def __call__(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        return super().__call__(self.as_examples(x), *args, **kwargs)

    def fit(  # type: ignore[override]  # what Keras takes besides is taken by name only
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """As `keras.Model.fit`.

        `x` may also be `TrainingBatches` or `StreamBatches`: with `steps_per_execution` above 1
        in `compile`, that is several times faster.
        """
        x, y = self._let_in(x, y, needs_labels=kwargs.get("class_weight") is not None)
        if is_stream(validation_data):
            validation_data, _ = self._let_in(validation_data)
        elif validation_data is not None:
            x_y_weight = keras.utils.unpack_x_y_sample_weight(validation_data)
            validation_data = (*self._let_in(*x_y_weight[:2]), x_y_weight[2])
        with told_in_one_line():
            return super().fit(
                x,
                y,
                batch_size=batch_size,
                epochs=epochs,
                verbose=verbose,
                callbacks=callbacks,
                validation_split=validation_split,
                validation_data=validation_data,
                **kwargs,
            )

    def evaluate(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.evaluate`."""
        if not kwargs.get("_use_cached_eval_dataset"):  # not the validation data of `fit`
            x, y = self._let_in(x, y)
        with told_in_one_line():
            return super().evaluate(x, y, *args, **kwargs)

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> np.ndarray:
        """As `keras.Model.predict`: the mean of p(x|z) at z = z_mean, (N, *event_shape)."""
        x, _ = self._let_in(x)
        with told_in_one_line():
            return super().predict(x, *args, **kwargs)

    def train_on_batch(self, x: Any, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.train_on_batch`."""
        return super().train_on_batch(*self._let_in(x, y), *args, **kwargs)

    def test_on_batch(self, x: Any, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.test_on_batch`."""
        return super().test_on_batch(*self._let_in(x, y), *args, **kwargs)

    def predict_on_batch(self, x: Any) -> np.ndarray:
        """As `keras.Model.predict_on_batch`."""
        return super().predict_on_batch(self._let_in(x)[0])

    def as_examples(self, x: Any) -> Any:
        """`x` as this model takes it: see `keras_vae.inputs.examples`."""
        return examples(x, self._takes)

    @property
    def _takes(self) -> Takes:
        return Takes(self.event_shape, self.likelihood, self.condition_shape)

    def in_batches(self, x: Any, batch_size: int) -> Iterator[Any]:
        """x of any kind, stream or not, in its order: yields float32 (batch, *event_shape), or
        dictionaries of such."""
        if is_stream(x):
            x, _ = self._let_in(x)
            with told_in_one_line():
                yield from (
                    keras.tree.map_structure(lambda part: tf.cast(part, tf.float32), batch[0])
                    for batch in x
                )
        else:
            self._build_for(x)
            yield from in_batches(self.as_examples(x), batch_size)

    def _let_in(self, x: Any, y: Any = None, needs_labels: bool = False) -> tuple[Any, Any]:
        """x and y as Keras may have them; builds the model if x is the first that it sees."""
        if isinstance(x, (TrainingBatches, StreamBatches)):
            self._check_batches(x)
            return x, y
        if is_stream(x):
            if not self.built:
                first, x = first_of(x)
                self._build_for(first[0] if isinstance(first, tuple) else first)
            return BatchRule(self._takes, needs_labels).stream(x), y
        self._build_for(x)
        x = self.as_examples(x)
        values = array_of(x)
        if values.shape[0] == 0:
            raise DataError("x holds no examples")
        check_labels(y, values)
        if needs_labels and (y is None or np.asarray(y).dtype.kind not in "biuf"):
            raise DataError(
                "class_weight weighs examples by their labels, whole numbers: give them as y"
            )
        return x, without_text(y)

    def _build_for(self, x: Any) -> None:
        """Builds a model that does not know the shape of its examples for that of x."""
        if self.built:
            return
        if isinstance(x, dict):
            parts_by_name(x, self._takes)
        shape = tuple(as_array(array_of(x)).shape)
        if len(shape) < 2:
            raise DataError(f"x has shape {shape}, expected (N, *event_shape)")
        with self.distribute_strategy.scope():
            self.build((None, *shape[1:]))

    def _check_batches(self, batches: TrainingBatches | StreamBatches) -> None:
        if self.event_shape not in (None, batches.event_shape):
            raise DataError(
                f"the batches have examples of shape {batches.event_shape}, the model takes "
                f"{self.event_shape}: make them of x.reshape(-1, *{self.event_shape})"
            )
        of_batches, ours = batches.condition_shape, self.condition_shape
        if (of_batches is None) != (ours is None) or not same_axes(of_batches or (), ours or ()):
            raise DataError(
                f"the batches have conditions of shape {of_batches}, the model takes "
                f"{self.condition_shape}: give TrainingBatches the dictionary of x and condition "
                f"that the networks name"
            )
        if isinstance(batches, StreamBatches):
            batches.must_lie_in(self.likelihood.support)
        elif batches.table.dtype == tf.float32:  # else in [0, 1]
            given = {"x": batches.table, "mask": batches.mask}
            examples(given, Takes(None, self.likelihood))


def in_batches(x: Any, batch_size: int) -> Iterator[Any]:
    """Slices of an array along its first axis, or of a dictionary of arrays: float32 tensors. What
    is done with them is `tracked`.

    Args:
        x: of any length.
        batch_size: rows at a time; fewer where they are large (`pairs_at_once`).

    Raises:
        ConfigError: if `batch_size` is not a whole number above 0.
    """
    if not isinstance(batch_size, Integral) or batch_size < 1:
        raise ConfigError(f"batch_size={batch_size!r}: expected a whole number of at least 1")
    if isinstance(x, dict):
        x = {name: np.asarray(part, "float32") for name, part in x.items()}
    else:
        x = np.asarray(x, "float32")
    batch_size = pairs_at_once(np.shape(array_of(x))[1:], batch_size)
    return (
        keras.tree.map_structure(tf.convert_to_tensor, take(x, slice(start, start + batch_size)))
        for start in tracked(range(0, max(count(x), 1), batch_size))
    )
