"""Tables: columns of any kind become arrays, and arrays rows again. No TensorFlow is needed."""

from keras_vae.data.tables.column import KINDS, LEVELS, MODELLED, Column
from keras_vae.data.tables.described import read_described
from keras_vae.data.tables.frames import is_table, read_frame
from keras_vae.data.tables.infer import infer_schema
from keras_vae.data.tables.rows import Rows, read_rows, recorded_schema
from keras_vae.data.tables.schema import Schema
from keras_vae.data.tables.write import write_frame

__all__ = [
    "KINDS",
    "LEVELS",
    "MODELLED",
    "Column",
    "Rows",
    "Schema",
    "infer_schema",
    "is_table",
    "read_described",
    "read_frame",
    "read_rows",
    "recorded_schema",
    "write_frame",
]
