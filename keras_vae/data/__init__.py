"""A name, a path, an array or a table -> examples: load, check, split, binarise, batch.

Each part is loaded when it is first asked for: `tables/` needs no TensorFlow.
"""

from typing import TYPE_CHECKING

from keras_vae.on_demand import loaded_on_demand

if TYPE_CHECKING:
    from keras_vae.data import tables
    from keras_vae.data.arrays import as_array, refuse_counts
    from keras_vae.data.audit import audit_dataset
    from keras_vae.data.batches import TrainingBatches
    from keras_vae.data.conditions import conditions_of, with_conditions
    from keras_vae.data.defaults import decided, default_likelihood, defaults_taken
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
    "audit_dataset",
    "binarize",
    "conditions_of",
    "count",
    "decided",
    "default_binarization",
    "default_likelihood",
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
    "tables",
    "take",
    "with_conditions",
    "write_tfrecords",
]

# Module -> the names that this package has of it, as type checkers see them above.
_NAMES = {
    "arrays": (
        "as_array",
        "refuse_counts",
    ),
    "audit": ("audit_dataset",),
    "batches": ("TrainingBatches",),
    "conditions": (
        "conditions_of",
        "with_conditions",
    ),
    "defaults": (
        "decided",
        "default_likelihood",
        "defaults_taken",
    ),
    "examples": (
        "Dataset",
        "Examples",
    ),
    "given": (
        "array_of",
        "count",
        "part_of",
        "take",
    ),
    "in_memory": (
        "as_dataset",
        "is_in_memory",
        "name_in_memory",
    ),
    "in_order": ("rows_in_order",),
    "load": (
        "from_arrays",
        "load_data",
    ),
    "protocol": (
        "binarize",
        "default_binarization",
        "describe_protocol",
        "examples_to_fit",
        "is_binary",
        "recorded_binarization",
    ),
    "sources.files": ("load_numpy",),
    "sources.named": ("NAMED",),
    "sources.tfrecords": ("write_tfrecords",),
    "streams.batches": ("StreamBatches",),
    "streams.splits": ("open_stream",),
    "streams.stream": ("Stream",),
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = loaded_on_demand(__name__, _NAMES)
