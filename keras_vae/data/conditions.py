"""The conditions that data have, and data with what a model is told of each example."""

from collections.abc import Sequence
from dataclasses import replace

from keras_vae.conditions import Condition, encode_conditions
from keras_vae.data.examples import Dataset, Examples
from keras_vae.errors import DataError

__all__ = ["conditions_of", "with_conditions"]

LABELS = "labels"  # what `--condition` calls the labels of the data; one of them is a label
LABEL = "label"


def conditions_of(dataset: Dataset, names: Sequence[str]) -> tuple[Condition, ...]:
    """The conditions of a model of this data, as `Config.condition` names them.

    Raises:
        DataError: if the data have none of that name.
    """
    unknown = [name for name in names if name != LABELS]
    if unknown or dataset.train.labels is None:
        have = "have no labels" if dataset.train.labels is None else f"have {LABELS} only"
        raise DataError(f"--condition {(unknown or names)[0]}: {dataset.name} {have}")
    return (Condition(LABEL, _class_names(dataset)),)


def with_conditions(dataset: Dataset, conditions: Sequence[Condition]) -> Dataset:
    """The data with what a model is told of each example.

    Raises:
        DataError: if the data lack labels, or have a class that the model was not trained on.
    """
    if not conditions:
        return dataset
    if dataset.stream is not None:
        raise DataError(
            f"{dataset.name}: a condition is not read from disk; leave out --condition, or "
            f"--stream where the data fit into memory"
        )
    if any(examples.labels is None for examples in dataset.splits.values()):
        raise DataError(f"{dataset.name}: has no labels, of which the model is told")
    names = _class_names(dataset)

    def told(examples: Examples) -> Examples:
        labels = [names[label] for label in examples.labels]
        return replace(examples, condition=encode_conditions(conditions, {LABEL: labels}))

    splits = {name: told(getattr(dataset, name)) for name in ("train", "validation", "test")}
    return replace(dataset, **splits, conditions=tuple(conditions))


def _class_names(dataset: Dataset) -> tuple[str, ...]:
    """The name of each label; its number where it has no name."""
    if dataset.class_names is not None:
        return dataset.class_names
    largest = max(examples.labels.max() for examples in dataset.splits.values())
    return tuple(map(str, range(1 + int(largest))))
