"""A name, a path or an array -> examples: load, check, split, binarise, batch."""

from keras_vae.data.arrays import as_array, refuse_counts
from keras_vae.data.audit import audit, audit_dataset
from keras_vae.data.batches import TrainingBatches
from keras_vae.data.conditions import conditions_of, with_conditions
from keras_vae.data.defaults import defaults_taken
from keras_vae.data.examples import Dataset, Examples
from keras_vae.data.given import array_of, count, part_of, take
from keras_vae.data.in_memory import as_dataset, is_in_memory, name_in_memory
from keras_vae.data.in_order import rows_in_order
from keras_vae.data.load import from_arrays, load_data
from keras_vae.data.protocol import (
    binarize,
    default_binarization,
    describe_protocol,
    examples_to_fit,
    is_binary,
    recorded_binarization,
)
from keras_vae.data.sources.files import load_numpy
from keras_vae.data.sources.named import NAMED
from keras_vae.data.sources.tfrecords import write_tfrecords
from keras_vae.data.streams.batches import StreamBatches
from keras_vae.data.streams.splits import open_stream
from keras_vae.data.streams.stream import Stream

__all__ = [
    "NAMED",
    "Dataset",
    "Examples",
    "Stream",
    "StreamBatches",
    "TrainingBatches",
    "array_of",
    "as_array",
    "as_dataset",
    "audit",
    "audit_dataset",
    "binarize",
    "conditions_of",
    "count",
    "default_binarization",
    "defaults_taken",
    "describe_protocol",
    "examples_to_fit",
    "from_arrays",
    "is_binary",
    "is_in_memory",
    "load_data",
    "load_numpy",
    "name_in_memory",
    "open_stream",
    "part_of",
    "recorded_binarization",
    "refuse_counts",
    "rows_in_order",
    "take",
    "with_conditions",
    "write_tfrecords",
]
