"""What a model is told of each example: found in the data, and told to every split."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from keras_vae.conditions import (
    LABELS,
    LIBRARY,
    Condition,
    Values,
    encode_conditions,
    unusual_conditions,
)
from keras_vae.config import Config
from keras_vae.data.examples import Dataset, Examples
from keras_vae.errors import DataError

__all__ = ["conditions_of", "with_conditions"]

LABEL = "label"  # what one of the labels is called; of a table, as its column is


def conditions_of(dataset: Dataset, config: Config) -> tuple[Condition, ...]:
    """The conditions of a model of this data: those that `Config.condition` names, those that a
    schema names besides, and the library size.

    Numbers are standardised by mean and standard deviation of the training split.

    Raises:
        DataError: if the data have none of that name, or gaps in it.
    """
    schema = dataset.schema
    of_schema = () if schema is None else tuple(column.name for column in schema.told)
    named = (_meant(dataset, name) for name in (*config.condition, *of_schema))
    conditions = tuple(_named(dataset, name) for name in dict.fromkeys(named))
    if not config.library:
        return conditions
    library = _values(dataset, LIBRARY, dataset.train)
    return (*conditions, Condition.of_numbers(LIBRARY, library, "log"))


def with_conditions(dataset: Dataset, conditions: Sequence[Condition]) -> Dataset:
    """The data with what a model is told of each example.

    Raises:
        DataError: if the data lack a condition, or have a class that the model was not trained on.
    """
    if not conditions:
        return dataset
    if dataset.stream is not None and not dataset.told:
        raise DataError(
            f"{dataset.name}: a condition is not read from disk; leave out --condition, or "
            f"--stream where the data fit into memory"
        )
    if dataset.is_conditional and not dataset.conditions:
        raise DataError(
            f"{dataset.name}: comes with a condition of its own; leave it out, or --condition"
        )
    unusual: list[str] = []

    def values_of(examples: Examples) -> dict[str, Values]:
        return {each.name: _values(dataset, each.name, examples) for each in conditions}

    def told(examples: Examples) -> Examples:
        values = values_of(examples)
        unusual.extend(unusual_conditions(conditions, values))
        return replace(examples, condition=encode_conditions(conditions, values))

    names = "train", "validation", "test"
    splits: dict[str, Any] = {name: told(getattr(dataset, name)) for name in names}
    stream = dataset.stream
    if stream is not None:
        rows = np.arange(stream.count)
        values = values_of(Examples(rows, stream.labels(rows), rows))
        stream = stream.with_condition(encode_conditions(conditions, values))
    return replace(
        dataset,
        **splits,
        stream=stream,
        conditions=tuple(conditions),
        warnings=(*dataset.warnings, *unusual),
    )


def _meant(dataset: Dataset, name: str) -> str:
    """What a name stands for: `labels` for the labels, unless a column is called so.

    Raises:
        DataError: if a column is called as the labels of another are.
    """
    label = _label(dataset)
    if dataset.schema is None and name in (LABEL, LABELS) and name in dataset.told:
        if dataset.train.labels is None:
            return name
        raise DataError(
            f"--condition {name}: {dataset.name} has a column of that name, and the labels of "
            f"another are called so too; rename the column, or leave out --label-column"
        )
    return label if name == LABELS else name


def _named(dataset: Dataset, name: str) -> Condition:
    """The condition that is the label, or a column."""
    schema, label = dataset.schema, _label(dataset)
    if name == label and dataset.train.labels is not None:
        return Condition(name, _class_names(dataset))
    if name not in _columns(dataset):
        raise _unknown(dataset, LABELS if name == label else name)
    column = pd.Series(dataset.told[name])
    if column.isna().any():
        raise DataError(
            f"--condition {name}: row {int(np.argmax(column.isna()))} of {dataset.name} has a gap "
            f"there; fill it, or leave the row out"
        )
    if column.dtype.kind == "f":
        is_date = schema is not None and schema[name].values == "date"
        numbers = _values(dataset, name, dataset.train)
        return Condition.of_numbers(name, numbers, is_date=is_date)
    classes = pd.unique(column.sort_values()) if schema is None else schema[name].categories
    return Condition(name, tuple(map(str, classes)))


def _values(dataset: Dataset, name: str, examples: Examples) -> Values:
    """What a condition is of each example, as it is in the data."""
    if name == _label(dataset) and examples.labels is not None:
        names = dataset.class_names
        return [str(label) if names is None else names[label] for label in examples.labels]
    if name in dataset.told:
        return pd.Series(dataset.told[name]).to_numpy()[examples.rows]
    if name == LIBRARY and dataset.schema is None:
        return examples.x.sum(axis=tuple(range(1, examples.x.ndim)), dtype="float64")
    lacks = "labels" if name == _label(dataset) else f"column {name!r}"
    raise DataError(f"{dataset.name}: has no {lacks}, which the model takes as a condition")


def _columns(dataset: Dataset) -> list[str]:
    """The names by which something can be told besides the labels; a library size is not named."""
    return [name for name in dataset.told if dataset.schema is not None or name != LIBRARY]


def _label(dataset: Dataset) -> str:
    """What the label of an example is called as a condition."""
    column = None if dataset.schema is None else dataset.schema.of_kind("label")
    return LABEL if column is None else column.name


def _unknown(dataset: Dataset, name: str) -> DataError:
    if dataset.schema is not None and name != LABELS:
        dataset.schema[name]  # which says that there is none, and what there is
        return DataError(
            f"--condition {name}: {dataset.name} was read with it as an entry of x; load it with "
            f"condition=[{name!r}]"
        )
    known = ([] if dataset.train.labels is None else [LABELS]) + _columns(dataset)
    have = f"has {', '.join(known)} only" if known and name != LABELS else "has no labels"
    may_name = bool(dataset.told) or dataset.schema is not None
    hint = "; --label-column names them" if name == LABELS and may_name else ""
    return DataError(f"--condition {name}: {dataset.name} {have}{hint}")


def _class_names(dataset: Dataset) -> tuple[str, ...]:
    """The name of each label; of those without names the numbers that occur."""
    if dataset.class_names is not None:
        return dataset.class_names
    labels = (examples.labels for examples in dataset.splits.values())
    occurring = np.concatenate([of_split for of_split in labels if of_split is not None])
    return tuple(map(str, np.unique(occurring)))
