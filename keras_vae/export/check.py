"""Is a version of a SavedModel complete, and does it answer as the Keras model does?"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.aliases import PathLike
from keras_vae.errors import RunError
from keras_vae.export import served
from keras_vae.export.metadata import changed_files, read_metadata
from keras_vae.files.versions import find_versions

__all__ = ["ask_served", "check_version", "check_versions", "write_reference"]


def check_versions(path: PathLike) -> dict[Path, dict[str, Any]]:
    """Checks a version, or every version in a model's folder.

    Args:
        path: such as `saved_models/vae/1`, or `saved_models/vae`.

    Returns:
        Dict of `Path` -> report, as from `check_version`.

    Raises:
        RunError: if there is no version.
    """
    return {version: check_version(version) for version in find_versions(path)}


def check_version(folder: Path) -> dict[str, Any]:
    """Compares a version with its metadata and its reference answers.

    Args:
        folder: `Path` of the version.

    Returns:
        Dict of `faults`, sentences, empty if the version may be served; `differences`, signature
        -> output -> largest difference from the Keras model; and `allowed`, signature -> output
        -> how much is allowed there.
    """
    try:
        changes = changed_files(folder, read_metadata(folder))
    except (RunError, OSError) as error:
        return {"faults": [str(error)], "differences": {}, "allowed": {}}
    # What has changed is not asked: it might answer anything.
    return {"faults": changes, "differences": {}, "allowed": {}} if changes else ask_served(folder)


def ask_served(folder: Path) -> dict[str, Any]:
    """Loads a SavedModel in a fresh process without Keras, and asks every signature.

    Returns:
        Dict as from `check_version`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        # The GPU, where there is one, belongs to the process that asks.
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        done = subprocess.run(
            [sys.executable, served.__file__, str(folder.absolute()), str(report)],
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
        )
        if done.returncode == 0:
            return json.loads(report.read_text())
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return {
        "faults": [f"does not load and answer: {lines[-1][:300]}"],
        "differences": {},
        "allowed": {},
    }


def write_reference(folder: Path, answers: served.Answers) -> None:
    """Writes the answers that `ask_served` expects, as from `reference`, into the version."""
    path = folder / served.REFERENCE_FILE
    path.parent.mkdir(exist_ok=True)
    arrays = {
        f"{signature}/{side}/{name}": rows.astype("S") if rows.dtype == object else rows
        for signature, sides in answers.items()
        for side, arrays in zip(("inputs", "outputs"), sides, strict=True)
        for name, rows in arrays.items()
    }
    # By NumPy's stub any of the names could be `allow_pickle`.
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]  # they all hold a /
