"""Columns as TOML, to be read and corrected by people."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from keras_vae.aliases import PathLike
from keras_vae.errors import DataError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["read", "read_file", "write"]

TEXTS = ("name", "kind", "values", "dtype", "form", "reason")
LISTS = ("categories", "gaps")
HEAD = """\
# The columns of a table, for `kvae fit --columns`. Correct a kind, or the order of categories;
# columns, and lines of them, that are left out are inferred again.
"""


def write(columns: Iterable[Mapping[str, Any]]) -> str:
    """Columns as `[[columns]]` tables; what is empty is left out, and the reason is a comment."""
    blocks = [HEAD]
    for column in columns:
        lines = ["[[columns]]"]
        if column.get("reason"):
            lines.append(f"# {' '.join(column['reason'].split())}")  # in one line
        lines += [
            f"{key} = {_value(value)}"
            for key, value in column.items()
            if key != "reason" and value not in ("", [], ())
        ]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def read(text: str) -> list[dict[str, Any]]:
    """The columns of a TOML file, each a dictionary with at least its name.

    Raises:
        DataError: if it is no TOML, or holds something else.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"not TOML: {error}") from error
    columns = found.pop("columns", None)
    if found or not isinstance(columns, list):
        there = ", ".join(found) or "nothing"
        raise DataError(
            f"expected [[columns]] tables alone, found {there}; kvae schema writes them"
        )
    names: set[str] = set()
    for column in columns:
        if not isinstance(column, dict) or not isinstance(column.get("name"), str):
            raise DataError('a [[columns]] table has no name; expected name = "..."')
        if column["name"] in names:
            raise DataError(f"column {column['name']!r}: is there twice; leave one out")
        names.add(column["name"])
        for key, value in column.items():
            if (wrong := _wrong(key, value)) is not None:
                raise DataError(f"column {column['name']!r}: {wrong}")
    return columns


def _wrong(key: str, value: Any) -> str | None:
    """What is wrong with a line of a column, or None."""
    if key not in (*TEXTS, *LISTS):
        return f"unknown {key!r}; expected {', '.join((*TEXTS, *LISTS))}"
    if key in TEXTS and not isinstance(value, str):
        return f'{key} is {value!r}, not a text, such as "real"'
    if key in LISTS and not isinstance(value, list):
        return f"{key} is not a list, such as [1, 2]"
    if key in LISTS and not all(isinstance(each, (str, int, float)) for each in value):
        return f"{key} holds {value!r}; expected texts, numbers, true or false"
    return None


def read_file(path: PathLike) -> list[dict[str, Any]]:
    """`read` of a file.

    Raises:
        DataError: as `read`, or if there is no such file, with its name.
    """
    try:
        return read(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise DataError(f"{path}: cannot be read ({reason}); kvae schema writes one") from error
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _value(value: Any) -> str:
    """JSON's spelling of text, numbers, booleans and lists of them is TOML's too."""
    # TOML has no bare DEL and no surrogates
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
