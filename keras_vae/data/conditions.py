"""The conditions that data have, and data with what a model is told of each example."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from keras_vae.conditions import Condition, encode_conditions
from keras_vae.config import Config
from keras_vae.data.examples import Dataset, Examples
from keras_vae.data.sources.h5ad import LIBRARY
from keras_vae.errors import DataError

__all__ = ["conditions_of", "with_conditions"]

LABELS = "labels"  # what `--condition` calls the labels of the data; one of them is a label
LABEL = "label"


def conditions_of(dataset: Dataset, config: Config) -> tuple[Condition, ...]:
    """The conditions of a model of this data: those that `Config.condition` names, and the library
    size.

    Raises:
        DataError: if the data have none of that name, or gaps in it.
    """
    named = tuple(_named(dataset, name) for name in config.condition)
    if not config.library:
        return named
    library = _values(dataset, LIBRARY, dataset.train)
    return (*named, Condition.of_numbers(LIBRARY, library, "log"))


def with_conditions(dataset: Dataset, conditions: Sequence[Condition]) -> Dataset:
    """The data with what a model is told of each example.

    Raises:
        DataError: if the data lack what it is told, or have a class that the model was not trained
            on.
    """
    if not conditions:
        return dataset

    def encoded(examples: Examples) -> np.ndarray:
        names = [each.name for each in conditions]
        return encode_conditions(conditions, {n: _values(dataset, n, examples) for n in names})

    splits = {
        name: replace(examples, condition=encoded(examples))
        for name in ("train", "validation", "test")
        for examples in [getattr(dataset, name)]
    }
    stream = dataset.stream
    if stream is not None:
        if dataset.obs is None:
            raise DataError(
                f"{dataset.name}: a condition is not read from disk; leave out --condition, or "
                f"--stream where the data fit into memory"
            )
        rows = np.arange(stream.count)
        stream = stream.with_condition(encoded(Examples(rows, stream.labels(rows), rows)))
    return replace(dataset, **splits, stream=stream, conditions=tuple(conditions))


def _named(dataset: Dataset, name: str) -> Condition:
    """The condition that is called by this name."""
    if name == LABELS and dataset.train.labels is not None:
        return Condition(LABEL, _class_names(dataset))
    if dataset.obs is None or name not in dataset.obs or name == LIBRARY:
        known = [LABELS] if dataset.train.labels is not None else []
        known += [] if dataset.obs is None else [each for each in dataset.obs if each != LIBRARY]
        have = f"have {', '.join(known)} only" if known else "have no labels"
        raise DataError(f"--condition {name}: {dataset.name} {have}")
    column = dataset.obs[name]
    if column.isna().any():
        raise DataError(
            f"--condition {name}: row {int(np.argmax(column.isna()))} of {dataset.name} has a gap "
            f"there; fill it, or leave the row out"
        )
    if column.dtype.kind == "f":
        return Condition.of_numbers(name, _values(dataset, name, dataset.train))
    return Condition(name, tuple(map(str, pd.unique(column.sort_values()))))


def _values(dataset: Dataset, name: str, examples: Examples) -> Sequence[Any]:
    """What a condition is of each example, as it is in the data."""
    if name == LABEL and examples.labels is not None:
        names = _class_names(dataset)
        return [names[label] for label in examples.labels]
    if name == LIBRARY and dataset.obs is None:
        return examples.x.sum(axis=tuple(range(1, examples.x.ndim)), dtype="float64")
    if dataset.obs is None or name not in dataset.obs:
        lacks = "labels" if name == LABEL else f"column {name} in obs"
        raise DataError(f"{dataset.name}: has no {lacks}, of which the model is told")
    return dataset.obs[name].to_numpy()[examples.rows]


def _class_names(dataset: Dataset) -> tuple[str, ...]:
    """The name of each label; its number where it has no name."""
    if dataset.class_names is not None:
        return dataset.class_names
    largest = max(examples.labels.max() for examples in dataset.splits.values())
    return tuple(map(str, range(1 + int(largest))))
