"""Batches that come one after another: each is held against the rule when it comes."""

import contextlib
import itertools
import re
from collections.abc import Iterable, Iterator

import keras
import tensorflow as tf

from keras_vae.errors import DataError
from keras_vae.inputs.arrays import as_array
from keras_vae.inputs.examples import examples, fitted, is_inside
from keras_vae.inputs.labels import are_labels, check_labels

__all__ = ["BatchRule", "first_of", "is_stream", "told_in_one_line"]


def is_stream(x):
    """Whether `x` gives batches one by one: a dataset, a loader, a generator."""
    if isinstance(x, (tf.data.Dataset, keras.utils.PyDataset, Iterator)):
        return True
    is_array = isinstance(x, (list, tuple, dict, str, bytes, keras.KerasTensor)) or tf.is_tensor(x)
    knows_numpy = any(hasattr(x, name) for name in ("__array__", "to_numpy", "toarray"))
    return isinstance(x, Iterable) and not is_array and not knows_numpy


def first_of(stream):
    """The x of the first batch, and a stream that still begins with it.

    Raises:
        DataError: if there is none.
    """
    iterator = iter(stream)
    first = next(iterator, None)
    if first is None:
        raise DataError("x gives no batches: it is empty, or was read to its end before")
    again = itertools.chain([first], iterator) if iterator is stream else stream
    return as_array(_parts(first)[0]), again


class BatchRule:
    """What one model takes as a batch.

    Args:
        event_shape, likelihood: of the model; see `examples`.
    """

    def __init__(self, event_shape, likelihood):
        self.event_shape, self.likelihood = event_shape, likelihood

    def __call__(self, batch):
        """One batch as (x,), (x, y) or (x, y, sample_weight).

        Raises:
            DataError: as `examples` and `check_labels`.
        """
        x, *beside = _parts(batch)
        x = examples(x, self.event_shape, self.likelihood)
        if beside:
            check_labels(beside[0], x)
        return (x, *beside)

    def stream(self, x):
        """A stream of any kind as one that Keras takes, of such batches.

        What is wrong with a batch is raised when that is read: see `told_in_one_line`.
        """
        if isinstance(x, tf.distribute.DistributedDataset):
            raise DataError(
                "x was distributed already: give the tf.data.Dataset that it was made of, which a "
                "model made in the scope of a strategy distributes by itself"
            )
        if isinstance(x, tf.data.Dataset):
            return x.map(self._in_graph, num_parallel_calls=tf.data.AUTOTUNE)
        if isinstance(x, keras.utils.PyDataset):
            return _CheckedPyDataset(x, self)
        if isinstance(x, Iterator):
            return (self(batch) for batch in x)
        return self._dataset(x)

    @tf.autograph.experimental.do_not_convert
    def _in_graph(self, *batch):
        """The same as a call, where TensorFlow computes it and asks Python what is wrong."""
        x, *beside = _parts(batch)
        given = x = as_array(x)
        y = beside[0] if beside else None
        if x.shape.rank is None or None in x.shape[1:]:
            dtype = tf.float32 if x.dtype.is_floating else x.dtype
            x = tf.numpy_function(lambda x: self((x,))[0], [x], dtype)
            x.set_shape((None, *self.event_shape))
        x = fitted(x, self.event_shape)

        def refuse(*values):
            self(values)
            return True

        is_right = tf.cond(
            is_inside(x, self.likelihood) & are_labels(y, x),
            lambda: tf.constant(True),
            lambda: tf.numpy_function(refuse, [given] if y is None else [given, y], tf.bool),
        )
        with tf.control_dependencies([is_right]):
            return (tf.identity(x), *beside)

    def _dataset(self, loader):
        """`tf.data.Dataset` of what is read from its beginning in each epoch."""
        parts = [tf.convert_to_tensor(part) for part in self(next(iter(loader)))]
        dataset = tf.data.Dataset.from_generator(
            lambda: map(self, loader),
            output_signature=tuple(
                tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in parts
            ),
        )
        if hasattr(loader, "__len__"):
            dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(loader)))
        return dataset.prefetch(tf.data.AUTOTUNE)


class _CheckedPyDataset(keras.utils.PyDataset):
    """Another `PyDataset`, batch by batch."""

    def __init__(self, inner, rule):
        super().__init__(inner.workers, inner.use_multiprocessing, inner.max_queue_size)
        self._inner, self._rule = inner, rule

    @property
    def num_batches(self):
        return self._inner.num_batches

    def __getitem__(self, index):
        return self._rule(self._inner[index])

    def on_epoch_begin(self):
        self._inner.on_epoch_begin()

    def on_epoch_end(self):
        self._inner.on_epoch_end()


@contextlib.contextmanager
def told_in_one_line():
    """Raises the DataError that Python raised inside of TensorFlow, which wraps it."""
    try:
        yield
    except tf.errors.OpError as error:
        found = re.search(r"DataError: (.+)", error.message)
        if found is None:
            raise
        raise DataError(found[1]) from None


def _parts(batch):
    """x, and what stands beside it, as Keras reads a batch."""
    is_list_of_arrays = isinstance(batch, list) and all(hasattr(part, "shape") for part in batch)
    parts = batch if isinstance(batch, tuple) or is_list_of_arrays else (batch,)
    if not 1 <= len(parts) <= 3:
        raise DataError(f"a batch must be x, (x, y) or (x, y, sample_weight), got {len(parts)}")
    return parts
