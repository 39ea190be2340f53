"""The paths that a user gives, checked before anything slow is loaded or done."""

import difflib
import glob
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_vae.aliases import PathLike
from keras_vae.choices import DATA
from keras_vae.errors import DataError, RunError
from keras_vae.files.packages import check_package

__all__ = [
    "MARKER",
    "PICTURE_OPTIONS",
    "TABLES",
    "TABLE_OPTIONS",
    "check_data",
    "check_exists",
    "check_folder",
    "check_output",
    "check_place",
    "check_table",
    "is_begun",
    "is_h5ad",
    "is_table_path",
    "run_path",
    "unfinished_prefix",
]

MARKER = "config.json"  # what a folder is known by that `fit` made
PICTURE_OPTIONS = ("size", "gray", "alpha")  # of `Config.reading`: for a folder of images alone
# The same, for tables alone.
TABLE_OPTIONS = ("columns", "label_column", "ignore", "split_column", "split_by", "split_order")
TABLES = (".csv", ".tsv", ".parquet")
ARRAYS = (".npy", ".npz")
OUTPUTS = ".npz, .csv, .tsv or .parquet (numbers) or .png (a picture)"
PACKED = (".gz", ".bz2", ".xz")


def is_table_path(path: PathLike) -> bool:
    """Whether a file is a table by its ending, packed or not."""
    path = Path(path)
    return (path.with_suffix("") if path.suffix in PACKED else path).suffix.lower() in TABLES


def is_h5ad(path: PathLike) -> bool:
    """Whether a file is an annotated matrix by its ending."""
    return Path(path).suffix == ".h5ad"


def check_data(
    data: PathLike, stream: bool = False, reading: Mapping[str, Any] | None = None
) -> None:
    """Refuses what names no data: all that can be said of a name without opening a file.

    Args:
        data: a name or a path, as `Config.data`.
        stream: as `Config.stream`.
        reading: as `Config.reading`.

    Raises:
        DataError: if there is nothing of this name, or an option is for other data.
    """
    is_a_table = data not in DATA and is_table_path(data)
    if (reading or {}).get("window") is not None:
        is_a_table = is_a_table or Path(data).suffix in ARRAYS
        if not is_a_table or data in DATA:
            raise DataError(
                f"--window: {data} is not a series, a table ({', '.join(TABLES)}) or an array "
                f"({', '.join(ARRAYS)}); leave it out"
            )
    if (reading or {}).get("layer") and not is_h5ad(data):
        raise DataError(f"--layer: {data} is not a .h5ad; leave it out")
    for option in TABLE_OPTIONS:
        is_of_obs = option == "label_column" and is_h5ad(data)
        if (reading or {}).get(option) and not is_a_table and not is_of_obs:
            raise DataError(
                f"--{option.replace('_', '-')}: {data} is not a table ({', '.join(TABLES)}); leave "
                f"it out"
            )
    columns = [name for name in (reading or {}).get("condition", ()) if name != "labels"]
    if columns and not is_a_table and not is_h5ad(data):
        raise DataError(
            f"--condition {columns[0]}: {data} is not a table ({', '.join(TABLES)}) or .h5ad, "
            f"which have columns; --condition labels tells the model the label of each example"
        )
    if stream and is_a_table:
        raise DataError(f"--stream: {data} is a table or series, which is read whole; leave it out")
    for option in PICTURE_OPTIONS:
        if (reading or {}).get(option) and (data in DATA or not os.path.isdir(data)):
            raise DataError(f"--{option}: {data} is not a folder of images; leave it out")
    if data in DATA:
        if stream:
            raise DataError(f"--stream: {data} is built in; --stream needs a path")
    elif not os.path.exists(data) and not glob.glob(os.fspath(data)):  # of TFRecords: a pattern
        near = difflib.get_close_matches(str(data), DATA, 1)
        raise DataError(
            f"{data}: no such file or folder, and not one of the names {', '.join(DATA)}"
            + (f"; did you mean {near[0]}?" if near else "")
        )


def check_table(path: PathLike) -> None:
    """Refuses what is not a table by its name.

    Raises:
        DataError: if there is no such file, it has another ending, or one that needs a package
            which is not installed.
    """
    if not os.path.exists(path):
        raise DataError(f"{path}: no such file")
    if not is_table_path(path):
        raise DataError(f"{path}: is not a table; its name must end in {' or '.join(TABLES)}")
    check_package(path)


def check_exists(path: PathLike) -> None:
    """Refuses a model of any kind that is not there.

    Raises:
        RunError: if there is nothing at `path`.
    """
    if not os.path.exists(path):
        raise RunError(f"{path}: no such file or folder")


def check_output(
    path: PathLike,
    overwrite: bool = False,
    endings: str = OUTPUTS,
    option: str = "--output",
) -> None:
    """Says before any work is done that `path` cannot be written.

    Args:
        path: of the file.
        overwrite: whether it may exist.
        endings: the endings that it may have, in words.
        option: that names it.

    Raises:
        RunError: if the ending is none of them, the file exists, or its folder does not, or cannot
            be written.
        DataError: if the ending needs a package that is not installed.
    """
    path = Path(path)
    if path.suffix not in re.findall(r"\.\w+", endings):
        raise RunError(f"{path}: expected a name that ends in {endings}")
    check_package(path)
    if path.is_dir():
        raise RunError(f"{path}: is a folder; choose another {option}")
    if path.exists() and not overwrite:
        raise RunError(f"{path} exists; choose another {option}, or replace it with --overwrite")
    if not path.parent.is_dir():
        raise RunError(f"{path.parent}: no such folder; make it, or choose another {option}")
    check_folder(path.parent, f"choose another {option}")


def check_folder(path: PathLike, hint: str) -> None:
    """Says before any work is done that nothing can be written into a folder, which is made later
    if it is missing.

    Args:
        path: of the folder.
        hint: what to do if it cannot.

    Raises:
        RunError: in one line that ends with the hint.
    """
    path = Path(path)
    above = next(each for each in (path, *path.parents) if os.path.lexists(each))
    reason = None if above.is_dir() else f"{above} is not a folder"
    if reason is None:
        try:  # permissions do not tell all: a disk may be read-only
            tempfile.TemporaryFile(dir=above).close()
        except OSError as error:
            reason = error.strerror
    if reason is not None:
        raise RunError(f"{path}: cannot be written ({reason}); {hint}")


def run_path(out: PathLike, name: str) -> Path:
    """Where the run called `name` will stand.

    Raises:
        RunError: if the name is not a plain name.
    """
    if not name or name != Path(name).name or name.startswith("."):
        raise RunError(f"--name {name!r}: expected a plain name such as vae; --out says where")
    return Path(out) / name


def check_place(out: PathLike, name: str, overwrite: bool = False) -> None:
    """Refuses a place that the run called `name` cannot have.

    Args:
        out: folder that holds all runs.
        name: of the run.
        overwrite: whether a run that stands there may be replaced.

    Raises:
        RunError: if the name is not a plain name, the place is taken, or cannot be written.
    """
    final = run_path(out, name)
    if os.path.lexists(final):
        if not overwrite:
            raise RunError(f"{final} exists; choose another --name, or replace it with --overwrite")
        if not (final / MARKER).is_file():
            raise RunError(f"{final} is not a folder that kvae fit made; move it away by hand")
    check_folder(final.parent, "choose another place with --out")


def unfinished_prefix(name: str) -> str:
    """How the hidden folders begin in which the run called `name` is built."""
    return f".{name}-unfinished-"


def is_begun(out: PathLike, name: str) -> bool:
    """Whether a run called `name` was begun in the folder `out` and is not finished."""
    parent, prefix = run_path(out, name).parent, unfinished_prefix(name)
    return parent.is_dir() and any(path.name.startswith(prefix) for path in parent.iterdir())
