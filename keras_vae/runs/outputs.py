"""Arrays as a `.npz`, a `.csv` or a picture, written whole or not at all."""

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from keras_vae.aliases import PathLike
from keras_vae.errors import RunError
from keras_vae.files.disk import whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["write_output"]


def write_output(
    path: PathLike, arrays: Mapping[str, np.ndarray | None], figure: "Callable[[], Figure]"
) -> None:
    """Writes arrays as `.npz` or `.csv`, or the figure that shows them as `.png`.

    A `.csv` has a line for each example and a column for each entry: `z_mean_0`, `x_3_7`.

    Args:
        path: the file; see `keras_vae.files.check_output`.
        arrays: dict of name -> array (N, ...); None values are left out.
        figure: function without arguments that draws the picture, called for `.png` only.

    Raises:
        RunError: if the file cannot be written.
    """
    path = Path(path)
    known = {key: array for key, array in arrays.items() if array is not None}
    write: Callable[..., None] = _write_csv if path.suffix == ".csv" else np.savez
    try:
        if path.suffix == ".png":
            from keras_vae import plots  # numbers need no matplotlib

            plots.save(figure(), path)
            return
        with whole_file(path) as file:
            write(file, **known)
    except OSError as error:
        raise RunError(f"{path} could not be written ({error.strerror or error})") from error


def _write_csv(file: BinaryIO, **arrays: np.ndarray) -> None:
    """A line for each example; numbers as short as they read back to the same float32."""
    names, columns = [], []
    for name, array in arrays.items():
        array = np.asarray(array)
        names += ["_".join(map(str, (name, *entry))) for entry in np.ndindex(array.shape[1:])]
        columns += [list(map(str, column)) for column in array.reshape(len(array), -1).T]
    text = io.TextIOWrapper(file, "utf-8", newline="")
    csv.writer(text, lineterminator="\n").writerows([names, *zip(*columns, strict=True)])
    text.detach()  # flushes, and leaves the file open
