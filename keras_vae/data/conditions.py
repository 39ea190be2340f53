"""The conditions that data have, and data with what a model is told of each example."""

from collections.abc import Sequence
from dataclasses import replace

from keras_vae.conditions import LABELS, Condition, encode_conditions, unusual_conditions
from keras_vae.data.examples import Dataset, Examples
from keras_vae.errors import DataError

__all__ = ["conditions_of", "with_conditions"]

LABEL = "label"  # what one of the labels is called; of a table, as its column is


def conditions_of(dataset: Dataset, names: Sequence[str]) -> tuple[Condition, ...]:
    """The conditions of a model of this data, as `Config.condition` names them, and those that a
    schema names besides.

    Numbers are standardised by mean and standard deviation of the training split.

    Raises:
        DataError: if the data have none of that name.
    """
    label = _label(dataset)
    wanted = dict.fromkeys(label if name == LABELS else name for name in (*names, *dataset.told))
    conditions = []
    for name in wanted:
        if name in dataset.told:
            conditions.append(_of_column(dataset, name))
        elif name == label and dataset.train.labels is not None:
            conditions.append(Condition(name, _class_names(dataset)))
        else:
            raise _unknown(dataset, LABELS if name == label else name)
    return tuple(conditions)


def with_conditions(dataset: Dataset, conditions: Sequence[Condition]) -> Dataset:
    """The data with what a model is told of each example.

    Raises:
        DataError: if the data lack a condition, or have a class that the model was not trained on.
    """
    if not conditions:
        return dataset
    if dataset.stream is not None:
        raise DataError(
            f"{dataset.name}: a condition is not read from disk; leave out --condition, or "
            f"--stream where the data fit into memory"
        )
    if dataset.is_conditional and not dataset.conditions:
        raise DataError(
            f"{dataset.name}: comes with a condition of its own; leave it out, or --condition"
        )
    named = {condition.name for condition in conditions} - dataset.told.keys()
    if named - {_label(dataset)}:
        raise DataError(f"{dataset.name}: has no column {min(named)!r}, of which the model is told")
    if named and any(examples.labels is None for examples in dataset.splits.values()):
        raise DataError(f"{dataset.name}: has no labels, of which the model is told")
    unusual: list[str] = []

    def told(examples: Examples) -> Examples:
        values = {condition.name: _values(dataset, condition, examples) for condition in conditions}
        unusual.extend(unusual_conditions(conditions, values))
        return replace(examples, condition=encode_conditions(conditions, values))

    splits = {name: told(getattr(dataset, name)) for name in ("train", "validation", "test")}
    warnings = (*dataset.warnings, *unusual)
    return replace(dataset, **splits, conditions=tuple(conditions), warnings=warnings)


def _values(dataset: Dataset, condition: Condition, examples: Examples) -> Sequence[object]:
    """What examples say of one condition."""
    if condition.name in dataset.told:
        return dataset.told[condition.name][examples.rows]
    names = _class_names(dataset)
    return [names[label] for label in examples.labels]


def _of_column(dataset: Dataset, name: str) -> Condition:
    column = dataset.schema[name]
    if column.categories:
        return Condition(name, tuple(map(str, column.categories)))
    numbers = dataset.told[name][dataset.train.rows]
    center, width = float(numbers.mean()), float(numbers.std())
    scale = width if width > 0 else 1.0  # of a number that never changes in training
    low, high = float(numbers.min()), float(numbers.max())
    return Condition(name, (), center, scale, low, high, is_date=column.values == "date")


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
    labels = "have no labels" if dataset.train.labels is None else f"have {LABELS} only"
    hint = "; --label-column names them" if dataset.schema is not None else ""
    return DataError(f"--condition {name}: {dataset.name} {labels}{hint}")


def _class_names(dataset: Dataset) -> tuple[str, ...]:
    """The name of each label; its number where it has no name."""
    if dataset.class_names is not None:
        return dataset.class_names
    largest = max(examples.labels.max() for examples in dataset.splits.values())
    return tuple(map(str, range(1 + int(largest))))
