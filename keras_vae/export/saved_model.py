"""Signatures -> the files of a SavedModel."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import keras
import tensorflow as tf

from keras_vae.export.signatures import Functions

__all__ = ["file_errors", "write_saved_model"]


def write_saved_model(folder: Path, functions: Functions) -> None:
    """Writes `saved_model.pb`, `fingerprint.pb` and `variables/` into a folder.

    Only the variables that a signature uses are saved: no optimizer, no training noise.

    Args:
        folder: where; may exist already.
        functions: dict of name -> (function, its inputs), as from `signatures`.

    Raises:
        OSError: if the files cannot be written.
    """
    archive = keras.export.ExportArchive()
    for name, (function, inputs) in functions.items():
        # Nothing in them is for AutoGraph, which would take seconds to read all of it.
        archive.add_endpoint(name, tf.autograph.experimental.do_not_convert(function), inputs)
    with file_errors():
        archive.write_out(str(folder), verbose=False)


@contextlib.contextmanager
def file_errors() -> Iterator[None]:
    """What TensorFlow raises for files that it cannot write, as Python's own OSError."""
    try:
        yield
    except tf.errors.OpError as error:
        raise OSError(error.message.rpartition("; ")[2]) from error
