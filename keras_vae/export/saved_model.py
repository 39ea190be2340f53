"""Signatures -> the files of a SavedModel."""

import keras

__all__ = ["write_saved_model"]


def write_saved_model(folder, functions):
    """Writes `saved_model.pb`, `fingerprint.pb` and `variables/` into a folder.

    Only the variables that a signature uses are saved: no optimizer, no training noise.

    Args:
        folder: where; may exist already.
        functions: dict of name -> (function, its inputs), as from `signatures`.
    """
    archive = keras.export.ExportArchive()
    for name, (function, inputs) in functions.items():
        archive.add_endpoint(name, function, inputs)
    archive.write_out(str(folder), verbose=False)
