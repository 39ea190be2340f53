"""Data of any size on disk -> splits in memory, and a stream of the rest."""

import math
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_vae.aliases import PathLike
from keras_vae.data.defaults import told_levels
from keras_vae.data.examples import MIN_EXAMPLES, Dataset, Examples
from keras_vae.data.levels import DTYPE_LEVELS, divided
from keras_vae.data.sources.channels import ChannelsLast, is_channels_first
from keras_vae.data.sources.image_files import ImageFiles
from keras_vae.data.sources.npy_rows import NpyRows
from keras_vae.data.sources.source import RowSource
from keras_vae.data.sources.tfrecords import TFRecords, is_record_file
from keras_vae.data.streams.held_out import HeldOut
from keras_vae.data.streams.stream import Stream
from keras_vae.data.streams.values import values_of
from keras_vae.errors import DataError

__all__ = ["open_stream", "stream_of"]

SAMPLE_EXAMPLES = 5_000
# The most that one of the splits in memory takes as float32.
SPLIT_BYTES = 2**30


def open_stream(
    path: PathLike,
    size: int | None = None,
    gray: bool = False,
    alpha: str | None = None,
    channels: str | None = None,
) -> Dataset:
    """Opens data of any size; only what is held out, and a sample of the rest, come into memory.

    Validation and test splits of the source's own are kept. Those that it lacks are a tenth each,
    at most 5,000 and 10,000 examples; the sample is 5,000 of the training examples. No split takes
    more than 1 GiB, and the sample half of that: of large examples they have fewer. Which example
    belongs where depends on its number and on how many there are, on nothing else: numbers are rows
    of a `.npy`, records, or images by name.

    Args:
        path: a `.npy` in C order; a folder of images of one size; TFRecords as `write_tfrecords`
            writes them, a file, a folder or a pattern (`"folder/*.tfrecord"`).
        size, gray, alpha, channels: as for `load_data`.

    Returns:
        `Dataset` with a `stream`; x as `load_data` gives it: float32, and in [0, 1] if it was
        uint8 or uint16 with values above 1.

    Raises:
        DataError: if the data cannot be read, are too few, constant or not finite.
    """
    return stream_of(path, _source(path, {"size": size, "gray": gray, "alpha": alpha}), channels)


def stream_of(
    path: PathLike,
    source: RowSource,
    channels: str | None = None,
    split_bytes: int | None = None,
) -> Dataset:
    """The same of a source that is open; `path` is what messages call it, and `split_bytes` the
    most that one of the splits in memory takes."""
    reading = source.reading
    if not source.is_known and is_channels_first(path, source.event_shape, channels):
        source, reading = ChannelsLast(source), (*reading, "channels moved from first to last")
    own = {split: ends for split, ends in source.own_splits.items() if split != "train"}
    _check_sizes(path, source.count, own)
    most = max(2, (split_bytes or SPLIT_BYTES) // (4 * math.prod(source.event_shape)))
    held_out = HeldOut(source.count, most, own)
    rows = {
        # what no figure is of may be smaller
        "train": held_out.training_sample(min(SAMPLE_EXAMPLES, most // 2)),
        "validation": held_out.validation,
        "test": held_out.test,
    }
    # once through the file
    ends = np.cumsum([len(of_split) for of_split in rows.values()])[:-1]
    parts = np.split(values_of(source, np.concatenate([*rows.values()])), ends)
    x = dict(zip(rows, parts, strict=True))
    del parts
    # as `load_data`: levels without values above 1 are binary already
    is_binary = max(values.max() for values in x.values()) <= 1
    levels = None if is_binary else DTYPE_LEVELS.get(source.dtype.name)
    if (x["train"] == x["train"][0]).all():
        raise DataError(f"{path}: all examples of a sample are the same; there is nothing to learn")
    warnings = (*source.warnings, *_told_parts(path, own, rows))
    if levels is not None:
        reading = (*reading, divided(levels))
        warnings = warnings if source.is_known else (*warnings, told_levels(path, levels))
    splits = {}
    for split in rows:
        values = x.pop(split).astype("float32", copy=False)
        values = values if levels is None else values / np.float32(levels - 1)
        splits[split] = Examples(values, source.labels(rows[split]), rows[split])
    return Dataset(
        str(path),
        splits["train"],
        splits["validation"],
        splits["test"],
        class_names=source.class_names,
        stream=Stream(source, held_out, levels),
        reading=reading,
        warnings=warnings,
        levels=levels,
    )


def _check_sizes(path: PathLike, count: int, own: Mapping[str, tuple[int, int]]) -> None:
    """A DataError if a split of the source's own, or what is left to train on, is too small."""
    sizes = {split: end - first for split, (first, end) in own.items()}
    for split, size in sizes.items():
        if size < 2:
            raise DataError(f"{path}: {size} {split} example; expected at least 2")
    rest = count - sum(sizes.values())
    if rest < MIN_EXAMPLES:
        raise DataError(f"{path}: {rest} examples; expected at least {MIN_EXAMPLES}")


def _told_parts(
    path: PathLike, own: Mapping[str, tuple[int, int]], rows: Mapping[str, np.ndarray]
) -> list[str]:
    """What is said of splits that do not fit into memory whole."""
    return [
        f"by default, {len(rows[split])} of the {end - first} {split} examples of {path} are used, "
        "always the same ones, because all take more than 1 GiB"
        for split, (first, end) in own.items()
        if len(rows[split]) < end - first
    ]


def _source(path: PathLike, pictures: Mapping[str, Any]) -> RowSource:
    """The source of examples that `path` names."""
    name = str(path)
    if os.path.isdir(path):
        has_records = any(is_record_file(entry) for entry in os.listdir(path))
        if has_records and any(pictures.values()):
            raise DataError(f"{path}: holds TFRecords; size, gray and alpha are for images")
        if not has_records and any(entry.endswith(".npy") for entry in os.listdir(path)):
            raise DataError(
                f"{path}: a folder of .npy files is not streamed; name one of them, or leave "
                f"--stream out"
            )
        return TFRecords(path) if has_records else ImageFiles(path, **pictures)
    if name.endswith(".npy") and os.path.exists(path):
        return NpyRows(path)
    if is_record_file(path) or "*" in name:
        return TFRecords(path)
    if not os.path.exists(path):
        raise DataError(f"{path}: no such file or folder")
    raise DataError(
        f"{path}: cannot be read piece by piece; expected a .npy, a folder of images or .tfrecord "
        f"files (an array of a .npz: take it out with numpy.save)"
    )
