"""Which split a name spells: `x_val`, `train_images`, `test/`, `digits-test.tfrecord`."""

import re
from pathlib import Path

import numpy as np

from keras_vae.aliases import PathLike
from keras_vae.errors import DataError

__all__ = ["files_by_split", "rows_by_split", "split_of_word", "splits_of"]

_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
_ORDER = ("train", "validation", "test")


def split_of_word(word: str) -> str | None:
    """`"train"`, `"validation"` or `"test"` if the whole word names that split, else None."""
    return _SPLITS.get(word.lower())


def splits_of(name: str) -> tuple[set[str], list[str]]:
    """The splits that the words of a name spell, most often one or none, and its other words.

    Returns:
        (set of `"train"`, `"validation"`, `"test"`; list of words).
    """
    words = re.findall("[a-z]+", name.lower())
    splits = {split for word in words if (split := split_of_word(word))}
    return splits, [word for word in words if split_of_word(word) is None]


def files_by_split(path: PathLike, files: list[str]) -> tuple[list[str], list[str | None]]:
    """The files with those of each split together, training first.

    Args:
        path: what messages call them all.
        files: names such as `x-train.tfrecord-00000-of-00010`.

    Returns:
        (files, split of each or None if their names tell no two splits).

    Raises:
        DataError: if only some names tell one, or none is train.
    """
    found = {file: splits_of(Path(file).name.split(".tfrecord")[0])[0] for file in files}
    splits = {file: min(told) if len(told) == 1 else None for file, told in found.items()}
    named = [split for split in _ORDER if split in splits.values()]
    if len(named) < 2:
        return files, [None] * len(files)
    if None in splits.values() or "train" not in named:
        raise DataError(
            f"{path}: some names contain a split ({', '.join(named)}) and "
            f"{'some do not' if None in splits.values() else 'none is train'}; put train, val or "
            "test into the name of each file, or into none"
        )
    order = [file for split in named for file in sorted(files) if splits[file] == split]
    return order, [splits[file] for file in order]


def rows_by_split(splits: list[str | None], ends: np.ndarray) -> dict[str, tuple[int, int]]:
    """dict of split -> (first, end) of its rows, given the split and the last end of each file."""
    rows: dict[str, tuple[int, int]] = {}
    for split, first, end in zip(splits, [0, *ends[:-1].tolist()], ends.tolist(), strict=True):
        if split is not None:
            rows[split] = rows.get(split, (first,))[0], end
    return rows
