"""Arrays as a `.npz` or as a picture, written whole or not at all."""

from pathlib import Path

import numpy as np

from keras_vae import plots
from keras_vae.disk import whole_file
from keras_vae.errors import RunError

__all__ = ["check_output", "write_output"]


def check_output(path, overwrite=False):
    """Says before any work is done that `path` cannot be written.

    Raises:
        RunError: if the ending is neither .npz nor .png, the file exists, or its folder does
            not.
    """
    path = Path(path)
    if path.suffix not in (".npz", ".png"):
        raise RunError(f"{path}: expected a name that ends in .npz (numbers) or .png (a picture)")
    if path.exists() and not overwrite:
        raise RunError(f"{path} exists; choose another --output, or replace it with --overwrite")
    if not path.parent.is_dir():
        raise RunError(f"{path.parent}: no such folder; make it, or choose another --output")


def write_output(path, arrays, figure):
    """Writes arrays as `.npz`, or the figure that shows them as `.png`.

    Args:
        path: the file; see `check_output`.
        arrays: dict of name -> array; None values are left out.
        figure: function without arguments that draws the picture, called for `.png` only.

    Raises:
        RunError: if the file cannot be written.
    """
    path = Path(path)
    try:
        if path.suffix == ".png":
            plots.save(figure(), path)
        else:
            with whole_file(path) as file:
                np.savez(file, **{key: array for key, array in arrays.items() if array is not None})
    except OSError as error:
        raise RunError(f"{path} could not be written ({error.strerror or error})") from error
