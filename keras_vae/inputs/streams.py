"""Batches that come one after another: each is checked when it comes."""

import contextlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any

import keras
import tensorflow as tf

from keras_vae.data import as_array
from keras_vae.data.given import array_of
from keras_vae.errors import DataError
from keras_vae.inputs.examples import Takes, are_parts, examples, is_inside
from keras_vae.inputs.labels import are_labels, check_labels, without_text

__all__ = ["BatchRule", "first_of", "is_stream", "told_in_one_line"]


def is_stream(x: Any) -> bool:
    """Whether `x` gives batches one by one: a dataset, a loader, a generator."""
    if isinstance(x, (tf.data.Dataset, keras.utils.PyDataset, Iterator)):
        return True
    is_array = isinstance(x, (list, tuple, dict, str, bytes, keras.KerasTensor)) or tf.is_tensor(x)
    knows_numpy = any(hasattr(x, name) for name in ("__array__", "to_numpy", "toarray"))
    return isinstance(x, Iterable) and not is_array and not knows_numpy


def first_of(stream: Iterable[Any]) -> tuple[Any, Iterable[Any]]:
    """The first batch, and a stream that still begins with it.

    Raises:
        DataError: if there is none.
    """
    iterator = iter(stream)
    first = next(iterator, None)
    if first is None:
        raise _nothing()
    again = itertools.chain([first], iterator) if iterator is stream else stream
    return first, again


class BatchRule:
    """What one model takes as a batch.

    Args:
        takes: of the model; see `examples`.
        needs_labels: whether examples are weighed by their labels.
    """

    def __init__(self, takes: Takes, needs_labels: bool = False) -> None:
        self.takes, self.needs_labels = takes, needs_labels

    def __call__(self, batch: Any) -> tuple[Any, ...]:
        """One batch as (x,), (x, y) or (x, y, sample_weight).

        Raises:
            DataError: as `examples` and `check_labels`.
        """
        x, y, *weights = self._parts(batch)
        x = examples(x, self.takes)
        check_labels(y, array_of(x))
        return _packed(x, without_text(y), weights)

    def stream(self, x: Any) -> Any:
        """A stream of any kind as one that Keras takes, of such batches.

        What is wrong with a batch is raised when that is read: see `told_in_one_line`.
        """
        if isinstance(x, tf.distribute.DistributedDataset):
            raise DataError(
                "x is already distributed: give the tf.data.Dataset that it was made from; a model "
                "built in the scope of a strategy distributes it itself"
            )
        if isinstance(x, tf.data.Dataset):
            if x.cardinality() == 0:
                raise _nothing()
            return x.map(self._in_graph, num_parallel_calls=tf.data.AUTOTUNE)
        if isinstance(x, keras.utils.PyDataset):
            return _CheckedPyDataset(x, self)
        if isinstance(x, Iterator):
            _, x = first_of(x)
            return (self(batch) for batch in x)
        return self._dataset(x)

    @tf.autograph.experimental.do_not_convert
    def _in_graph(self, *batch: Any) -> tuple[Any, ...]:
        """The same as a call, where TensorFlow computes it and asks Python what is wrong."""
        x, y, *weights = self._parts(batch)
        given = x = (
            {name: as_array(x[name], name) for name in x} if isinstance(x, dict) else as_array(x)
        )
        if not isinstance(x, dict) and (x.shape.rank is None or None in x.shape[1:]):
            dtype = tf.float32 if x.dtype.is_floating else x.dtype
            x = tf.numpy_function(lambda x: self((x,))[0], [x], dtype)
            x.set_shape((None, *(self.takes.event_shape or ())))
        x = examples(x, self.takes)  # shapes alone: values are not known yet
        values = array_of(x)
        parts = keras.tree.flatten(given)

        def refuse(*values: Any) -> bool:
            x, *labels = (
                keras.tree.pack_sequence_as(given, values[: len(parts)]),
                *values[len(parts) :],
            )
            self((x, *labels))
            return True

        is_right = tf.cond(
            is_inside(values, self.takes.likelihood) & are_parts(x) & are_labels(y, values),
            lambda: tf.constant(True),
            lambda: tf.numpy_function(refuse, parts if y is None else [*parts, y], tf.bool),
        )
        with tf.control_dependencies([is_right]):
            x = keras.tree.map_structure(tf.identity, x)
            return _packed(x, without_text(y), weights)

    def _parts(self, batch: Any) -> tuple[Any, ...]:
        """(x, y) or (x, y, sample_weight), as Keras reads a batch; y may be None."""
        is_list_of_parts = isinstance(batch, list) and all(hasattr(each, "shape") for each in batch)
        parts = (*batch,) if isinstance(batch, tuple) or is_list_of_parts else (batch,)
        if not 1 <= len(parts) <= 3:
            raise DataError(
                f"a batch must be x, (x, y) or (x, y, sample_weight), got {len(parts)} parts"
            )
        if self.needs_labels and (len(parts) == 1 or parts[1] is None):
            raise DataError("class_weight weighs examples by their labels: give batches (x, y)")
        return parts if len(parts) > 1 else (*parts, None)

    def _dataset(self, loader: Iterable[Any]) -> tf.data.Dataset:
        """`tf.data.Dataset` of what is read from its beginning in each epoch."""
        first, _ = first_of(loader)
        parts = keras.tree.map_structure(tf.convert_to_tensor, self(first))
        dataset = tf.data.Dataset.from_generator(
            lambda: map(self, loader),
            output_signature=keras.tree.map_structure(
                lambda part: tf.TensorSpec((None, *part.shape[1:]), part.dtype), parts
            ),
        )
        if isinstance(loader, Sized):
            dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(loader)))
        return dataset.prefetch(tf.data.AUTOTUNE)


class _CheckedPyDataset(keras.utils.PyDataset):
    """Another `PyDataset`, batch by batch."""

    def __init__(self, inner: keras.utils.PyDataset, rule: BatchRule) -> None:
        super().__init__(inner.workers, inner.use_multiprocessing, inner.max_queue_size)
        self._inner, self._rule = inner, rule

    @property
    def num_batches(self) -> int | None:
        return self._inner.num_batches

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        return self._rule(self._inner[index])

    def on_epoch_begin(self) -> None:
        self._inner.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self._inner.on_epoch_end()


@contextlib.contextmanager
def told_in_one_line() -> Iterator[None]:
    """Raises the DataError that Python raised inside of TensorFlow, which wraps it."""
    try:
        yield
    except tf.errors.OpError as error:
        found = re.search(r"DataError: (.+)", error.message)
        if found is None:
            raise
        raise DataError(found[1]) from None


def _packed(x: Any, y: Any, weights: Sequence[Any]) -> tuple[Any, ...]:
    """As Keras has a batch, with no more parts than are needed."""
    return (x, y, *weights) if weights else (x,) if y is None else (x, y)


def _nothing() -> DataError:
    return DataError("x gives no batches: it is empty, or was read to its end before")
