"""A table -> a file, whole or not at all."""

import io
from pathlib import Path

import pandas as pd

from keras_vae.aliases import PathLike
from keras_vae.errors import DataError, RunError
from keras_vae.files.disk import whole_file

__all__ = ["write_frame"]


def write_frame(path: PathLike, frame: pd.DataFrame) -> None:
    """Writes a table by the ending of its path.

    Args:
        path: `.csv`, `.tsv` or `.parquet`, which needs pyarrow; see `keras_vae.files.check_output`.
        frame: `DataFrame`; its index is left out. A column of numbers and texts, such as the values
            of several columns, is text in a `.parquet`. Rows that `read_frame` read from text go
            into a `.csv` with the separator that they came with.

    Raises:
        DataError: for a `.parquet` without pyarrow.
        RunError: if the file cannot be written.
    """
    path = Path(path)
    try:
        with whole_file(path) as file:
            if path.suffix == ".parquet":
                frame.apply(_of_one_type).to_parquet(file, index=False)
                return
            text = io.TextIOWrapper(file, "utf-8", newline="")
            separator = "\t" if path.suffix == ".tsv" else frame.attrs.get("separator", ",")
            frame.to_csv(text, sep=separator, index=False, lineterminator="\n")
            text.detach()  # flushes, and leaves the file open
    except ImportError as error:
        raise DataError(
            f"{path}: .parquet needs a package: pip install 'keras_vae[parquet]'; or write a .csv"
        ) from error
    except OSError as error:
        raise RunError(f"{path} could not be written ({error.strerror or error})") from error


def _of_one_type(cells: pd.Series) -> pd.Series:
    is_mixed = pd.api.types.infer_dtype(cells, skipna=True) in ("mixed", "mixed-integer")
    return cells.map(str, na_action="ignore") if is_mixed else cells
