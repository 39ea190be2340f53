"""What a run starts with: its config, data and record, new or as it was begun."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from keras_vae.aliases import PathLike
from keras_vae.conditions import recorded_conditions
from keras_vae.config import Config
from keras_vae.data import Dataset, conditions_of, decided, with_conditions
from keras_vae.errors import ConfigError, DataError
from keras_vae.files.packages import package_versions
from keras_vae.files.records import read_record
from keras_vae.precision import resolve_precision
from keras_vae.runs.folder import unfinished
from keras_vae.runs.run import describe_data
from keras_vae.runs.sources import load, record_name, stored_reading

__all__ = ["known_config", "new_run", "resumed_run", "unfinished_config"]


def unfinished_config(out: PathLike, name: str) -> Config | None:
    """The `Config` of the run that `fit(..., resume=True)` would go on with; None without one."""
    working = unfinished(out, name)
    return None if working is None else _stored(working)[0]


def known_config(config: Config | None, out: PathLike, name: str, resume: bool) -> Config:
    """The config that was given, or that of the run that is to go on."""
    found = unfinished_config(out, name) if config is None and resume else config
    if found is None:
        raise ConfigError(
            f"config=None: expected a Config, because no run named {name} in {out} is resumed"
        )
    return found


def new_run(config: Config) -> tuple[Dataset, dict[str, Any]]:
    """Data and record of a run that begins."""
    dataset = load(config.data, config.stream, config.reading)
    config = _resolve(config, dataset)
    dataset = dataset.as_binarized(config.binarization)
    dataset = with_conditions(dataset, conditions_of(dataset, config))
    return dataset, {
        "config": config.to_dict(),
        "data": describe_data(dataset),
        "protocol": dataset.protocol("test"),
        "versions": package_versions(),
    }


def resumed_run(working: Path, config: Config) -> tuple[Dataset, dict[str, Any]]:
    """Data and record of a run that goes on, which must be those it began with."""
    begun, record = _stored(working)
    # Data in memory can come from nowhere else.
    data = begun.data if isinstance(config.data, str) else config.data
    dataset = load(data, begun.stream, stored_reading(begun, record))
    dataset = with_conditions(dataset, recorded_conditions(record))
    now, then = _resolve(config, dataset).to_dict(), begun.to_dict()
    for option in then:
        if now[option] != then[option]:
            raise ConfigError(
                f"--resume: {option} is {now[option]!r} now and was {then[option]!r} when the "
                f"run began; repeat its options, or give none but --resume"
            )
    # by the name that it was given: the path of the config is one that holds from any directory
    dataset = replace(dataset, name=record["data"]["name"])
    if describe_data(dataset) != record["data"]:
        raise DataError(
            f"--resume: {dataset.name} has changed since the run began; restore it, or train again "
            "without --resume"
        )
    return dataset.as_binarized(begun.binarization), record


def _stored(working: Path) -> tuple[Config, dict[str, Any]]:
    return read_record(working, is_finished=False)


def _resolve(config: Config, dataset: Dataset) -> Config:
    """Fills in what the data decide, and makes a path hold from any directory."""
    config = decided(config, dataset)
    data, precision = record_name(config.data, dataset), resolve_precision(config.precision)
    columns = None if config.columns is None else str(Path(config.columns).resolve())
    return config.replace(data=data, precision=precision, columns=columns)
