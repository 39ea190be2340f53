"""What a run's folder says of its model: read without the model, so without TensorFlow."""

import csv
import os
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_vae.aliases import PathLike, Tell
from keras_vae.choices import DATA
from keras_vae.config import Config
from keras_vae.errors import ConfigError, DataError, RunError
from keras_vae.figure_tables import evaluation_table, html_tables, run_table
from keras_vae.files.formats import load_json
from keras_vae.files.paths import MARKER, check_data

if TYPE_CHECKING:
    import numpy as np

__all__ = ["RunRecord", "read_json", "read_record", "read_run"]

RECORD_PARTS = ("config", "data", "protocol", "versions", "training")
DATA_PARTS = ("name", "event_shape", "examples", "classes", "sha256")
TRAINING_PARTS = ("ended", "epochs", "best_epoch", "seconds", "weights")
EVIDENCE_PARTS = ("protocol", "method", "columns")
# the fields of `keras_vae.evaluation.Evaluation` that have no default
METRICS = (
    "split", "examples", "elbo", "elbo_standard_error", "rate", "distortion", "bits_per_dim",
    "active_units", "latent", "baseline", "gain", "gain_standard_error", "protocol",
)  # fmt: skip


@dataclass(frozen=True)
class RunRecord:
    """A run's folder without its model.

    Attributes:
        path: the folder.
        config: the `Config` it was trained with.
        record: all of `config.json`: config, data, protocol, versions, training.
        metrics: `metrics.json`, the figures of the test split; None if training was stopped.
    """

    path: Path
    config: Config
    record: dict[str, Any]
    metrics: dict[str, Any] | None = None

    @property
    def history(self) -> dict[str, list[float]]:
        """`history.csv`: what training reported, by name, a list with a value for each epoch."""
        path = self.path / "history.csv"
        try:
            with open(path, newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            return {name: [float(row[name]) for row in rows] for name in rows[0] if name != "epoch"}
        except (OSError, ValueError, TypeError, IndexError, KeyError, csv.Error) as error:
            raise RunError(f"{path}: missing or damaged; fit it again") from error

    @property
    def evidence(self) -> dict[str, Any] | None:
        """`evidence.json`: log p(x), ELBO and gap by epoch, and their protocol; None if training
        did not track them."""
        path = self.path / "evidence.json"
        return _checked_record(path, EVIDENCE_PARTS) if path.exists() else None

    def _repr_html_(self) -> str:
        tables = [run_table(self.path, self.record)]
        if self.metrics is not None:
            tables.append(evaluation_table(self.metrics))
        return html_tables(tables)

    def check_data(self, data: PathLike | None = None) -> None:
        """Refuses data that are not there: others by name or path, or the run's own.

        Raises:
            DataError: as `keras_vae.files.check_data`.
        """
        own = self.config.data
        if data is not None:
            check_data(data)
        elif isinstance(own, str) and (own in DATA or os.path.isabs(own)):  # else arrays, by hash
            check_data(own, self.config.stream, self.config.reading)

    def condition(
        self, values: Mapping[str, Any], warn: Tell = warnings.warn
    ) -> "np.ndarray | None":
        """What the model is told, one for all examples: float32 (entries,); None if it is told
        nothing.

        Args:
            values: for each of its conditions, by name, a value, such as `{"label": 7}`.
            warn: called with a line for each that is far outside of the training examples'.

        Raises:
            DataError: if one is missing or unknown, or the model was not trained on its value.
        """
        if not values and not self.record["data"].get("conditions"):
            return None
        # here, because NumPy takes as long to load as all that `kvae info` does
        from keras_vae.conditions import (
            encode_conditions,
            recorded_conditions,
            unusual_conditions,
        )

        conditions = recorded_conditions(self.record)
        of_one = {name: [value] for name, value in values.items()}
        told = encode_conditions(conditions, of_one)[0]
        for line in unusual_conditions(conditions, of_one):
            warn(line)
        return told

    def check_latents(self, z: Sequence[Sequence[float]]) -> None:
        """Refuses points of another latent space.

        Raises:
            DataError: with the number of latents.
        """
        for other in {len(point) for point in z} - {self.config.latent}:
            shape = f"(N, {self.config.latent})"
            raise DataError(f"expected latents of shape {shape}, got ({len(z)}, {other})")


def read_run(path: PathLike) -> RunRecord:
    """Reads what the folder says, and sees that its model is there.

    Args:
        path: the folder that `fit` left, such as `saved_models/vae`.

    Raises:
        RunError: if it is not such a folder, or incomplete.
        ConfigError: if an option in it is unknown or out of its range.
    """
    path = Path(path)
    if not path.is_dir():
        raise RunError(f"{path}: no such model folder; kvae fit makes one")
    if not (path / MARKER).exists():
        raise RunError(f"{path}: not a model folder, it has no {MARKER}; kvae fit makes one")
    config, record = read_record(path)
    model = path / "model.keras"
    if not model.is_file():
        raise RunError(f"{model}: missing; the folder is incomplete, fit it again")
    if not zipfile.is_zipfile(model):  # the list of what it holds is at its end
        raise RunError(f"{model}: damaged or not a Keras model; fit it again")
    metrics = path / "metrics.json"
    return RunRecord(
        path, config, record, _checked_record(metrics, METRICS) if metrics.exists() else None
    )


def read_record(path: Path, is_finished: bool = True) -> tuple[Config, dict[str, Any]]:
    """The `Config` and all of `config.json` in a run's folder.

    Args:
        path: of the folder.
        is_finished: whether it must say how training ended.

    Raises:
        RunError: if the file is missing or damaged.
        ConfigError: if an option in it is unknown or out of its range.
    """
    path = path / MARKER
    record = _checked_record(path, RECORD_PARTS if is_finished else RECORD_PARTS[:-1])
    for part, names in (("data", DATA_PARTS), ("training", TRAINING_PARTS)):
        values = record.get(part, dict.fromkeys(names))
        if not isinstance(values, dict) or not set(names) <= values.keys():
            raise RunError(f"{path}: damaged, its {part} lack {', '.join(names)}; fit it again")
    try:
        return Config.from_dict(record["config"]), record
    except ConfigError as error:
        raise ConfigError(f"{path}: damaged, or of another version: {error}") from error


def read_json(path: PathLike) -> Any:
    """The dictionary that `keras_vae.runs.folder.write_json` was given.

    Raises:
        RunError: if the file is missing, damaged, or of a format that this version does not read.
    """
    try:
        values = load_json(path)
    except FileNotFoundError as error:
        raise RunError(f"{path}: missing; the folder is incomplete, fit it again") from error
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: not readable JSON; the folder is damaged, fit it again") from error
    if isinstance(values, dict):
        values.pop("format", None)
    return values


def _checked_record(path: Path, names: Iterable[str]) -> dict[str, Any]:
    """A JSON object that has at least these names."""
    record = read_json(path)
    if not isinstance(record, dict) or not set(names) <= record.keys():
        raise RunError(f"{path}: was not written by this version of kvae fit; fit it again")
    return record
