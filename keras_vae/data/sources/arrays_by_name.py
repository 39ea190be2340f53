"""Arrays with names, as a `.npz` or a folder of `.npy` files has them -> `Source`."""

from collections.abc import Mapping

import numpy as np

from keras_vae.aliases import PathLike
from keras_vae.data.sources.own_splits import splits_of
from keras_vae.data.sources.source import Source
from keras_vae.errors import DataError

__all__ = ["source_of"]

VALUES = {"x", "image", "images", "data", "input", "inputs", "sample", "samples", "features"}
LABELS = {"y", "label", "labels", "target", "targets", "classes"}
EXPECTED = "x_train and x_test (or train_images and test_images), or x"


def source_of(where: PathLike, arrays: Mapping[str, np.ndarray]) -> Source:
    """The examples, labels and splits that the names tell.

    A name is made of `x`, `images` or `data` for examples, `y`, `labels` or `targets` for labels,
    and the split: `train` or none, `val`, `valid` or `validation`, `test`; in any order and case.
    A single array may have any name.

    Args:
        where: what messages call the source.
        arrays: dict of arrays.

    Returns:
        `Source`.

    Raises:
        DataError: if there are no training examples, or two arrays are the same part.
    """
    if len(arrays) == 1:
        (name,) = arrays
        return Source(arrays[name], warnings=_if_of_another_split(where, name))
    parts: dict[tuple[str, str], str] = {}
    left_out = []
    for name in arrays:
        part = _part(name)
        if part is None:
            left_out.append(name)
        elif part in parts:
            raise DataError(
                f"{where}: both {parts[part]} and {name} could be the {part[0]} {part[1]}; keep "
                f"one of them"
            )
        else:
            parts[part] = name
    if ("train", "examples") not in parts:
        found = ", ".join(arrays) or "nothing"
        raise DataError(f"{where}: expected arrays {EXPECTED}; found {found}")

    def array(split: str, what: str) -> np.ndarray | None:
        return arrays[parts[split, what]] if (split, what) in parts else None

    warnings: tuple[str, ...] = ()
    if left_out:
        warnings = (f"by default, {', '.join(left_out)} in {where} is left out: only {EXPECTED} "
                    f"and names like them are read",)  # fmt: skip
    return Source(
        arrays[parts["train", "examples"]],
        array("train", "labels"),
        array("test", "examples"),
        array("test", "labels"),
        x_validation=array("validation", "examples"),
        labels_validation=array("validation", "labels"),
        warnings=warnings,
    )


def _if_of_another_split(where: PathLike, name: str) -> tuple[str, ...]:
    """What to warn of where the only array is called a validation or test split."""
    others = splits_of(name)[0] - {"train"}
    if not others:
        return ()
    return (f"by default, {name}, the only array in {where}, is cut into training, validation and "
    "test examples, although its name is that of one split",)  # fmt: skip


def _part(name: str) -> tuple[str, str] | None:
    """(split, `"examples"` or `"labels"`) that a name tells, or None."""
    splits, words = splits_of(name)
    if len(splits) > 1 or not (splits or words):
        return None
    split = splits.pop() if splits else "train"
    *first, last = words or ["x"]
    if not set(first) <= VALUES:
        return None
    if last in LABELS:
        return split, "labels"
    return (split, "examples") if last in VALUES else None
