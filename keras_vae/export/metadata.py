"""metadata.json of a version: what it is, where it comes from, and the hash of every file."""

import hashlib
import json
from pathlib import Path
from typing import Any

from keras_vae.errors import RunError, first_line
from keras_vae.files.formats import load_json, with_format
from keras_vae.vae import VAE

__all__ = ["METADATA_FILE", "changed_files", "read_metadata", "weights_hash", "write_metadata"]

METADATA_FILE = "metadata.json"


def weights_hash(vae: VAE) -> str:
    """SHA-256 over every weight of a VAE, in order: path, shape, float32 values."""
    digest = hashlib.sha256()
    for weight in vae.weights:
        digest.update(f"{weight.path} {tuple(weight.shape)}\n".encode())
        digest.update(weight.numpy().astype("<f4").tobytes())
    return digest.hexdigest()


def write_metadata(folder: Path, values: dict[str, Any]) -> dict[str, Any]:
    """Writes `metadata.json` beside the files whose hashes it holds.

    Args:
        folder: of the SavedModel; all other files are there already.
        values: dict that `json` can write; `format`, `files` and `sha256` are added.

    Returns:
        The dict as written.
    """
    values = with_format({**values, "files": _file_hashes(folder)})
    values["sha256"] = _own_hash(values)
    text = json.dumps(values, indent=2, allow_nan=False)
    (folder / METADATA_FILE).write_text(text + "\n", encoding="utf-8")
    return values


def read_metadata(folder: Path) -> dict[str, Any]:
    """The dict in a version's `metadata.json`.

    Raises:
        RunError: if it is missing, of a format that this version does not read, or not as it was
            written.
    """
    path = folder / METADATA_FILE
    try:
        values = load_json(path)
        is_whole = values["sha256"] == _own_hash(values)
    except FileNotFoundError as error:
        raise RunError(f"{path}: missing; kvae export writes one with every version") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RunError(f"{path}: not readable ({first_line(error)}); export again") from error
    if not is_whole:
        raise RunError(f"{path}: has changed since it was written; export again")
    return values


def changed_files(folder: Path, metadata: dict[str, Any]) -> list[str]:
    """How the files in a folder differ from those exported: sentences, or none.

    Finds damage, not attacks: who can change a file can change its hash.
    """
    expected, found = metadata["files"], _file_hashes(folder)
    return [
        *(f"{name} is missing" for name in sorted(expected.keys() - found.keys())),
        *(f"{name} was not exported" for name in sorted(found.keys() - expected.keys())),
        *(
            f"{name} has changed since it was exported"
            for name in sorted(expected.keys() & found.keys())
            if expected[name] != found[name]
        ),
    ]


def _file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file but the metadata, by its path in the folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / METADATA_FILE
    }


def _own_hash(values: dict[str, Any]) -> str:
    """Hash of the metadata themselves, without the hash."""
    content = {key: value for key, value in values.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
