"""JSON files that say which format they are of, so that no version misreads those of another."""

import json
from pathlib import Path
from typing import Any

from keras_vae.aliases import PathLike
from keras_vae.errors import RunError

__all__ = ["FORMAT", "load_json", "with_format"]

# Of every file of a run, its checkpoints and its exports. It goes up by one when some file changes
# so that code of before would misread it.
FORMAT = 1
# The oldest that is still read; 0: files without a number, from before there was one.
OLDEST = 0


def with_format(values: dict[str, Any]) -> dict[str, Any]:
    """The values and `format`, ready to be written."""
    return {**values, "format": FORMAT}


def load_json(path: PathLike) -> Any:
    """What a JSON file holds, `format` included.

    Args:
        path: of a file that holds a dict from `with_format`, or an older one.

    Returns:
        The value, as it stands in the file.

    Raises:
        RunError: if its format is not one that this version reads.
        OSError, ValueError: if it cannot be read, or is not JSON; the caller knows what to do.
    """
    values = json.loads(Path(path).read_text(encoding="utf-8"))
    if isinstance(values, dict):
        _check_format(path, values.get("format", 0))
    return values


def _check_format(path: PathLike, number: Any) -> None:
    if type(number) is not int:  # True is one, and equals 1
        raise ValueError(f"format {number!r}, expected a whole number")
    if OLDEST <= number <= FORMAT:
        return
    if number > FORMAT:
        remedy = "install a newer keras_vae: pip install --upgrade keras_vae"
    else:
        remedy = "open it with the keras_vae that wrote it, or make it anew"
    raise RunError(
        f"{path}: of format {number}, and this version of keras_vae reads formats {OLDEST} to "
        f"{FORMAT}; {remedy}"
    )
