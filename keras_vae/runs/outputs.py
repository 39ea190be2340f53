"""Arrays as a `.npz`, a table or a picture, written whole or not at all."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from keras_vae.aliases import PathLike
from keras_vae.data.tables import write_frame
from keras_vae.errors import RunError
from keras_vae.files.disk import whole_file
from keras_vae.files.paths import TABLES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["entry_names", "write_output"]


def write_output(
    path: PathLike, arrays: Mapping[str, np.ndarray | None], figure: "Callable[[], Figure]"
) -> None:
    """Writes arrays as `.npz`, `.csv`, `.tsv` or `.parquet`, or the figure that shows them as
    `.png`.

    A table has a row for each example and a column for each entry: `z_mean_0`, `x_3_7`.

    Args:
        path: the file; see `keras_vae.files.check_output`.
        arrays: dict of name -> array (N, ...); None values are left out.
        figure: function without arguments that draws the picture, called for `.png` only.

    Raises:
        RunError: if the file cannot be written.
        DataError: for a `.parquet` without pyarrow.
    """
    path = Path(path)
    known = {key: array for key, array in arrays.items() if array is not None}
    if path.suffix in TABLES:
        write_frame(path, _frame(known))
        return
    try:
        if path.suffix == ".png":
            from keras_vae import plots  # numbers need no matplotlib

            plots.save(figure(), path)
            return
        with whole_file(path) as file:
            savez: Callable[..., None] = np.savez  # no array has the name of its option
            savez(file, **known)
    except OSError as error:
        raise RunError(f"{path} could not be written ({error.strerror or error})") from error


def entry_names(name: str, shape: Sequence[int]) -> tuple[str, ...]:
    """A name for each entry of an array of this shape, flat: `x_3_7`; of one entry `x`."""
    return tuple("_".join(map(str, (name, *place))) for place in np.ndindex(*shape))


def _frame(arrays: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """A row for each example; `.csv` spells numbers as short as they read back to the same
    float32."""
    columns: dict[str, np.ndarray] = {}
    for name, array in arrays.items():
        array = np.asarray(array)
        entries = entry_names(name, array.shape[1:])
        columns.update(zip(entries, array.reshape(len(array), -1).T, strict=True))
    return pd.DataFrame(columns)
