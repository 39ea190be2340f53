"""Run: a trained VAE with everything that its folder says about it."""

import hashlib
import warnings
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_vae.aliases import PathLike, Tell
from keras_vae.conditions import Condition, recorded_conditions
from keras_vae.data import Dataset, Examples, audit_dataset, with_conditions
from keras_vae.data.tables import Rows, read_rows, recorded_schema
from keras_vae.errors import DataError, RunError
from keras_vae.export import BATCH_SIZES, SAMPLES, export_version
from keras_vae.files.records import RunRecord, read_run
from keras_vae.runs.sources import load, load_like, stored_reading
from keras_vae.vae import VAE

__all__ = ["CODES", "Run", "describe_data", "load_run"]

CODES = "codes.npz"


@dataclass(frozen=True)
class Run(RunRecord):
    """A run's folder, read back: its record and its model.

    Attributes:
        vae: the trained `VAE`.
    """

    vae: VAE = field(kw_only=True)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What the model is told of each example beside x, by name."""
        return recorded_conditions(self.record)

    @property
    def reading(self) -> dict[str, Any]:
        """How the run's data were read; see `stored_reading`."""
        return stored_reading(self.config, self.record)

    @property
    def codes(self) -> dict[str, np.ndarray] | None:
        """`codes.npz`: z_mean of the first test examples during training: `epochs`, int32 (E,), 0
        before it, and `z_mean`, float16 (E, N, d). None of a run that kept none.

        Raises:
            RunError: if the file is damaged.
        """
        path = self.path / CODES
        if not path.exists():
            return None
        try:
            with np.load(path) as file:
                return {name: file[name] for name in ("epochs", "z_mean")}
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise RunError(f"{path}: damaged; remove it, or fit the model again") from error

    def load_data(self, data: Any = None) -> Dataset:
        """The data that the run was trained on, or other data of the same event shape, binarised
        as the run's.

        Args:
            data: name or path of other data, or an array, split as `load_data` does; None for the
                run's own.

        Raises:
            DataError: if the run's own data have changed since, or were given in memory and are
                gone; if other data do not fit.
        """
        if data is None:
            dataset = load(self.config.data, self.config.stream, self.reading)
        else:
            dataset = load_like(data, self.reading)
        dataset = dataset.as_binarized(self.config.binarization)
        _check_entries(dataset, self.record["data"].get("entries"))
        dataset = with_conditions(dataset, self.conditions)
        expected = tuple(self.record["data"]["event_shape"])
        if dataset.event_shape != expected:
            raise DataError(
                f"{dataset.name}: examples of shape {dataset.event_shape}, the model takes "
                f"{expected}; give data like those it was trained on"
            )
        if data is None and _fingerprint(dataset) != self.record["data"]["sha256"]:
            raise DataError(
                f"{dataset.name} has changed since the model was trained, so its splits are not "
                f"the same; restore it, or name the data to use with --data"
            )
        if data is not None:
            audit_dataset(dataset, self.config.likelihood)
        return dataset

    def examples(self, dataset: Dataset, split: str) -> Examples:
        """The examples of a split as the model sees them: binarised as it was trained."""
        return dataset.as_binarized(self.config.binarization).seen(split)

    def rows(self, data: Any, warn: Tell = warnings.warn) -> Rows:
        """Rows of the table that the run is of, read by its schema: `rows.given` is for its model.

        Args:
            data: path of a table, or a DataFrame; see `read_rows`.
            warn: called with a line for each condition that is far outside of the training rows'.

        Raises:
            DataError: as `read_rows`.
        """
        return read_rows(data, self.record, warn)

    def export(
        self,
        version: int | None = None,
        samples: int = SAMPLES,
        batch_sizes: tuple[int, ...] = BATCH_SIZES,
        progress: Tell | None = None,
    ) -> tuple[Path, dict[str, Any]]:
        """Writes the next version of a SavedModel into the run's folder; see `export_version`.

        Returns:
            (`Path` of the version, its metadata).
        """
        return export_version(
            self.vae,
            self.path,
            version,
            samples,
            batch_sizes,
            self.config.binarization,
            self.record["data"].get("range"),
            {"model": {**self.record, "metrics": self.metrics}},
            self.conditions,
            progress or (lambda what: None),
            recorded_schema(self.record).modelled if "schema" in self.record["data"] else (),
        )


def _check_entries(dataset: Dataset, names: list[str] | None) -> None:
    """Refuses data whose entries have other names than those of the model, or another order."""
    if names is None or dataset.entries is None or dataset.entries == tuple(names):
        return
    missing = [name for name in names if name not in set(dataset.entries)]
    extra = [name for name in dataset.entries if name not in set(names)]
    wrong = (
        f"{missing[0]} is missing" if missing else f"{extra[0]} is new" if extra else "the order"
    )
    raise DataError(
        f"{dataset.name}: has other columns than the model ({wrong}; {len(missing)} missing, "
        f"{len(extra)} new); put them into the model's order: adata[:, names], where names is "
        f"data/entries of its config.json"
    )


def load_run(path: PathLike | RunRecord) -> Run:
    """Reads a run's folder.

    Args:
        path: the folder that `fit` left, such as `saved_models/vae`, or what
            `keras_vae.files.read_run` has read of it.

    Returns:
        `Run`.

    Raises:
        RunError: if it is not such a folder, or incomplete.
    """
    found = path if isinstance(path, RunRecord) else read_run(path)
    return Run(**vars(found), vae=_load_vae(found.path / "model.keras"))


def _load_vae(path: Path) -> VAE:
    try:
        return keras.saving.load_model(path)
    except Exception as error:  # a damaged file ends in errors of many kinds
        raise RunError(f"{path}: damaged or not a Keras model; fit it again") from error


def describe_data(dataset: Dataset) -> dict[str, Any]:
    """What `config.json` records of the data, so that a change is noticed."""
    return {
        "name": dataset.name,
        "event_shape": list(dataset.event_shape),
        "range": [float(dataset.train.x.min()), float(dataset.train.x.max())],
        "examples": {
            **{name: len(split) for name, split in dataset.splits.items()},
            "train": dataset.training_examples,
        },
        "classes": None if dataset.class_names is None else list(dataset.class_names),
        "conditions": [condition.to_dict() for condition in dataset.conditions],
        "sha256": _fingerprint(dataset),
        **({} if dataset.schema is None else {"schema": dataset.schema.to_dict()}),
        **({} if dataset.entries is None else {"entries": list(dataset.entries)}),
    }


def _fingerprint(dataset: Dataset) -> str:
    """Hash of every example in every split, in order, with what it comes with."""
    digest = hashlib.sha256()
    for split in dataset.splits.values():
        for part in (split.x, split.mask, split.condition):
            if part is not None:
                digest.update(part.tobytes())
    return digest.hexdigest()
