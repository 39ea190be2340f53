"""A VAE -> the next version of a SavedModel, checked before a server can see it."""

import shutil
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.aliases import PathLike, Tell
from keras_vae.data import recorded_binarization
from keras_vae.data.tables import Column
from keras_vae.errors import RunError, first_line
from keras_vae.export.check import ask_served, write_reference
from keras_vae.export.columns import column_names
from keras_vae.export.columns_reference import in_columns
from keras_vae.export.describe import describe_protocol, describe_signatures
from keras_vae.export.given import part_specs
from keras_vae.export.images import image_channels
from keras_vae.export.metadata import weights_hash, write_metadata
from keras_vae.export.reference import reference
from keras_vae.export.saved_model import write_saved_model
from keras_vae.export.served import TOLERANCE, Answers
from keras_vae.export.signatures import signatures
from keras_vae.export.warmup import can_write_warmup, write_warmup
from keras_vae.files.packages import package_versions
from keras_vae.files.versions import check_free, publish, unfinished
from keras_vae.precision import in_float32, training_epsilon
from keras_vae.vae import VAE

__all__ = ["BATCH_SIZES", "SAMPLES", "export_version"]

SAMPLES = 10
BATCH_SIZES = (1, 8, 64)
ROUNDINGS = 10  # of half precision that a model trained in it may be off by


def export_version(
    vae: VAE,
    folder: PathLike,
    version: int | None = None,
    samples: int = SAMPLES,
    batch_sizes: Sequence[int] = BATCH_SIZES,
    binarization: str | None = None,
    x_range: Sequence[float] | None = None,
    record: dict[str, Any] | None = None,
    progress: Tell = lambda what: None,
    columns: Sequence[Column] = (),
) -> tuple[Path, dict[str, Any]]:
    """Writes the next version `folder/N` of a SavedModel, whole and checked, or nothing.

    Before the version gets its number it is loaded in a fresh process without Keras, and every
    signature (see `signatures`) is compared with the Keras model: the same answers to 1e-5,
    absolute up to 1 and relative above; finite; the same for the same seed, alone, and among
    others in a batch. `check_version` repeats this at any time.

    Args:
        vae: built `VAE` of any precision; exported in float32.
        folder: the model's folder, whose parent a server is pointed at or not; made if missing.
        version: its number, at least 1; None for the highest so far plus 1.
        samples: draws of z for each row of `score`, the K of its importance-weighted bound.
        batch_sizes: for the warm-up requests: those that the server allows.
        binarization: what the model's gray images go through before it sees them; None: what
            they went through in its training, if it knows (`vae.protocol`), else nothing.
        x_range: (lowest, highest) value of the data; None for the likelihood's support. Images
            are decoded to [0, 1], so only a model of data in [0, 1] takes them.
        record: dict that `json` can write, kept in `metadata.json`.
        progress: called with a word for each stage.
        columns: of a table, the entries of x, whose names and categories the signatures have.

    Returns:
        (`Path` of the version, its metadata): `differences` among them.

    Raises:
        RunError: if the number is taken, nothing can be written, or a check fails; nothing is
            left then.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{folder}: cannot be made ({error.strerror})") from error
    if version is not None:
        check_free(folder, version)
    working = unfinished(folder)
    try:
        epsilon = training_epsilon(vae)
        served = vae if epsilon is None else in_float32(vae)
        x_range = vae.likelihood.support if x_range is None else x_range
        if binarization is None:
            binarization = recorded_binarization(vae.protocol)
        options = samples, binarization if _takes_images(vae, x_range) else None
        progress("signatures")
        write_saved_model(working, signatures(served, *options, columns))
        progress("reference answers")
        of_examples = reference(served, *options)
        answers = in_columns(of_examples, columns) if columns else of_examples
        write_reference(working, answers)
        if can_write_warmup():
            write_warmup(working, folder.name, answers, batch_sizes)
        precision = None if epsilon is None else _relative(reference(vae, *options), of_examples)
        if precision is not None and columns:
            precision = _of_columns(precision, column_names(columns))
        progress("check in a fresh process without Keras")
        report = ask_served(working)
        faults = report["faults"] + _too_far(precision, epsilon)
        if faults:
            raise RunError(f"not exported, because a check failed: {'; '.join(faults)}")
        metadata = write_metadata(
            working,
            {
                "exported": datetime.now(timezone.utc).isoformat(timespec="seconds"),
                "signatures": describe_signatures(answers, vae, x_range, columns),
                "serving_protocol": describe_protocol(
                    *options,
                    vae.likelihood.support,
                    [spec.name for spec in part_specs(vae)],
                    bool(columns),
                ),
                "warmup_batch_sizes": list(batch_sizes) if can_write_warmup() else None,
                "tolerance": TOLERANCE,
                "differences": report["differences"],
                "allowed": report["allowed"],
                "differences_from_training_precision": precision,
                "weights_sha256": weights_hash(served),
                "versions": package_versions(),
                **(record or {}),
            },
        )
        progress("publish")
        return publish(working, folder, version), metadata
    except OSError as error:
        raise RunError(
            f"{folder}: writing failed ({error.strerror or first_line(error)}); nothing was "
            f"exported"
        ) from error
    finally:
        shutil.rmtree(working, ignore_errors=True)


def _takes_images(vae: VAE, x_range: Sequence[float]) -> bool:
    """Whether encoded images, decoded to [0, 1], are examples of this model."""
    is_image = image_channels(vae.event_shape) is not None
    return is_image and min(x_range) >= 0 and max(x_range) <= 1


def _relative(trained: Answers, answers: Answers) -> dict[str, dict[str, float]]:
    """How far the answers in float32 are from those in the precision of training.

    Returns:
        Signature -> output -> norm of the difference, relative to the norm of the output.
    """
    norm = np.linalg.norm
    return {
        signature: {
            name: float(norm(trained[signature][1][name] - right) / norm(right))
            for name, right in outputs.items()
        }
        for signature, (_, outputs) in answers.items()
    }


def _of_columns(precision: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """How far rows are, said of each of their columns."""
    return {
        signature: {
            name: difference
            for output, difference in differences.items()
            for name in (names if output in ("reconstruction", "mean") else [output])
        }
        for signature, differences in precision.items()
    }


def _too_far(precision: dict[str, dict[str, float]] | None, epsilon: float | None) -> list[str]:
    """Outputs that float32 changes by more than half precision explains: sentences, or none."""
    if precision is None or epsilon is None:
        return []
    return [
        f"{signature}, output {name}: differs by {difference:.2g} of its norm from the model in "
        f"the precision that it was trained in"
        for signature, differences in precision.items()
        for name, difference in differences.items()
        if not difference <= ROUNDINGS * epsilon
    ]
