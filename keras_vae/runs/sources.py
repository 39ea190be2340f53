"""The data of a run: by name, by path, or in memory."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from keras_vae.choices import SPLIT_COLUMNS
from keras_vae.config import Config
from keras_vae.data import NAMED, Dataset, is_in_memory, load_data, name_in_memory
from keras_vae.data.tables import Schema, is_table
from keras_vae.errors import ConfigError, DataError
from keras_vae.files.paths import is_h5ad, is_table_path

__all__ = ["load", "load_like", "record_name", "stored_reading"]

# Of `Config.reading`, what bears on a table.
OF_TABLES = ("columns", "label_column", "ignore", *SPLIT_COLUMNS, "condition")


def load(data: Any, stream: bool = False, reading: Mapping[str, Any] | None = None) -> Dataset:
    """`load_data`, also of a `Dataset`; arrays are named by their shape and hash.

    Args:
        data: as `Config.data`.
        stream: as `Config.stream`.
        reading: as `Config.reading`; keyword arguments of `load_data`.

    Raises:
        DataError: as `load_data`; if `data` is the name of arrays that were in memory.
        ConfigError: if a `Dataset` is to be streamed that was loaded otherwise.
    """
    if isinstance(data, Dataset):
        if stream and data.stream is None:
            raise ConfigError("stream: the Dataset is in memory already; leave it out")
        return data
    if not isinstance(data, (str, os.PathLike)):
        dataset = load_data(data, stream, **reading or {})
        return replace(dataset, name=name_in_memory(data))
    if is_in_memory(data):
        raise DataError(
            f"{data}: were given in memory, and a run does not store its data; give them again: a "
            "file as --data, or in Python run.load_data(x), and Config(data=x) to resume"
        )
    return load_data(data, stream, **reading or {})


def load_like(
    data: Any, reading: Mapping[str, Any], chosen: Mapping[str, Any] | None = None
) -> Dataset:
    """Other data, read as those that a model was trained on.

    Args:
        data: as `Config.data`.
        reading: of the model's own data, as `Config.reading`. What is for images alone does not
            bear on an array.
        chosen: the same, where it was asked for.
    """
    is_path = isinstance(data, (str, os.PathLike))
    is_folder = is_path and os.path.isdir(data)
    if is_path and is_h5ad(data):
        own = {name: reading.get(name) for name in ("layer", "label_column")}
    elif isinstance(reading.get("columns"), Schema):
        if is_path and reading["columns"].window is None and not is_table(data):
            raise DataError(
                f"{data}: is not a table, and the model is one of a table; give rows like those it "
                f"was trained on"
            )
        own = {name: reading.get(name) for name in ("columns", "window", "stride")}
    elif is_path and is_table_path(data):
        own = {name: reading.get(name) for name in OF_TABLES}
    else:
        own = {name: value for name, value in reading.items() if is_folder or name == "channels"}
    chosen = {name: value for name, value in (chosen or {}).items() if value}
    return load(data, reading={**own, **chosen})


def stored_reading(config: Config, record: Mapping[str, Any]) -> dict[str, Any]:
    """How the data of a run were read: `Config.reading`, of a table with the schema that the run
    stores, so that what is read later is read in the same way."""
    schema = record["data"].get("schema")
    if schema is None:
        return config.reading
    return {**config.reading, "columns": Schema.from_dict(schema)}


def record_name(data: Any, dataset: Dataset) -> str:
    """How a run's record names its data, so that a path holds from any directory."""
    if not isinstance(data, (str, os.PathLike)):
        return dataset.name
    return str(data) if data in NAMED else str(Path(data).resolve())
