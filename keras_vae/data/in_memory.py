"""An array where a data set is wanted: all of its rows, not split."""

import hashlib
import os
from typing import Any

import numpy as np
import pandas as pd

from keras_vae.data.checked import checked, scaled
from keras_vae.data.examples import IN_MEMORY, Dataset, Examples
from keras_vae.data.levels import divided
from keras_vae.data.load import load_data
from keras_vae.data.part_arrays import PartArrays, part_arrays
from keras_vae.data.sources.tables import has_schema
from keras_vae.data.tables import read_frame
from keras_vae.errors import DataError

__all__ = ["as_dataset", "is_in_memory", "name_in_memory"]


def as_dataset(data: Any) -> Dataset:
    """What any function that wants a `Dataset` takes in its place.

    Args:
        data: `Dataset`; a name or path as for `load_data`; or the examples themselves
            (N, *event_shape), at least 2: array, DataFrame, tensor or nested lists, or a dictionary
            of them with a mask or a condition, as for `from_arrays`. They are checked and scaled
            as `load_data` does, and not split: `split="all"` is all of them.

    Returns:
        `Dataset`.

    Raises:
        DataError: as `load_data`.
    """
    if isinstance(data, Dataset):
        return data
    if isinstance(data, (str, os.PathLike)):
        return load_data(data)
    parts = part_arrays(IN_MEMORY, data)
    name = _named(parts)
    arrays, levels = scaled(name, {"x": parts.x})
    x = checked(name, "x", arrays["x"])
    if len(x) < 2:
        raise DataError(f"{name}: 1 example; expected at least 2, for figures with their error")
    examples = Examples(x, None, np.arange(len(x)), parts.mask, parts.condition)
    reading = () if levels is None else (divided(levels),)
    return Dataset(
        name, examples, examples, examples, reading=reading, levels=levels, is_split=False
    )


def name_in_memory(data: Any) -> str:
    """What reports and records call an array: it has no name, but shape and contents."""
    if has_schema(data, {}):
        frame = read_frame(data)
        rows = pd.util.hash_pandas_object(frame.astype(str), index=False).to_numpy()
        digest = hashlib.sha256("\0".join(frame.columns).encode() + rows.tobytes())
        shape = f"({len(frame)}, {len(frame.columns)})"
        return f"{IN_MEMORY} of shape {shape} table, sha256 {digest.hexdigest()[:12]}"
    return _named(part_arrays(IN_MEMORY, data))


def _named(parts: PartArrays) -> str:
    digest = hashlib.sha256()
    for part in parts:
        if part is not None:
            digest.update(np.ascontiguousarray(part).data)
    x = parts.x
    return f"{IN_MEMORY} of shape {x.shape} {x.dtype}, sha256 {digest.hexdigest()[:12]}"


def is_in_memory(name: object) -> bool:
    """Whether a record's name of data is one of arrays, which no path leads back to."""
    return str(name).startswith(IN_MEMORY)
