"""What a loader found -> a `Dataset`: checked, scaled, its missing splits cut."""

import numpy as np

from keras_vae.data.checked import checked, checked_labels, scaled
from keras_vae.data.coverage import warn_of_left_out, warn_of_unseen, warn_of_untold
from keras_vae.data.defaults import told_levels
from keras_vae.data.examples import MIN_EXAMPLES, SPLIT_SEED, Dataset, Examples
from keras_vae.data.levels import divided
from keras_vae.data.sources.channels import is_channels_first, with_channels_last
from keras_vae.data.sources.source import Source
from keras_vae.errors import DataError

__all__ = ["assemble"]

LARGEST_VALIDATION = 5_000  # of a source with a test split of its own


def assemble(name: str, source: Source, channels: str | None = None) -> Dataset:
    """The `Dataset` of a `Source`.

    Args:
        name: what messages and reports call the data.
        source: `Source`.
        channels: as for `load_data`.

    Raises:
        DataError: as `load_data`.
    """
    given = {"x": source.x, "x_validation": source.x_validation, "x_test": source.x_test}
    arrays = {what: x for what, x in given.items() if x is not None}
    arrays, levels = scaled(name, arrays)
    reading, warnings = source.reading, source.warnings
    if levels is not None:
        reading = (*reading, divided(levels))
        warnings = warnings if source.is_known else (*warnings, told_levels(name, levels))
    if source.schema is None:
        arrays = {what: checked(name, what, x) for what, x in arrays.items()}
    event_shape, masks = arrays["x"].shape[1:], source.masks
    if not source.is_known and is_channels_first(name, event_shape, channels):
        arrays = {what: with_channels_last(x) for what, x in arrays.items()}
        masks = {what: with_channels_last(mask) for what, mask in masks.items()}
        reading = (*reading, "channels moved from first to last")
    splits, class_names = _labelled(name, source._replace(masks=masks), arrays)
    if source.splits is not None:
        splits = {split: splits["train"][rows] for split, rows in source.splits.items()}
    _check_splits(name, reading, **splits)
    train, validation, test = _all_three(**splits)
    if source.schema is not None:
        warnings = (*warnings, *warn_of_left_out(source.schema))
        warnings = (*warnings, *warn_of_unseen(source.schema, train, (validation, test)))
        told = {name: values for name, values in source.told.items() if values.dtype == object}
        warnings = (*warnings, *warn_of_untold(told, train, (validation, test)))
    return Dataset(
        name,
        train,
        validation,
        test,
        class_names,
        reading=reading,
        warnings=warnings,
        schema=source.schema,
        levels=levels or source.levels,
        told=dict(source.told),
    )


def _labelled(
    name: str, source: Source, arrays: dict[str, np.ndarray]
) -> tuple[dict[str, Examples], tuple[str, ...] | None]:
    """The splits that there are as `Examples`, and the names of the classes."""
    splits, class_names, first = {}, source.class_names, 0
    for split, what, labels in (
        ("train", "x", source.labels),
        ("validation", "x_validation", source.labels_validation),
        ("test", "x_test", source.labels_test),
    ):
        if what not in arrays:
            continue
        x = arrays[what]
        if labels is not None:
            labels, class_names = checked_labels(name, split, len(x), labels, class_names)
        beside = source.masks.get(what), source.conditions.get(what)
        rows = first + np.arange(len(x)) if source.rows is None else source.rows
        splits[split] = Examples(x, labels, rows, *beside)
        first += len(x)
    return splits, class_names


def _check_splits(name: str, reading: tuple[str, ...], train: Examples, **own: Examples) -> None:
    least = 2 if len(own) == 2 else MIN_EXAMPLES  # of which a split or two are cut
    if len(train) < least:
        raise DataError(f"{name}: {len(train)} examples; expected at least {least}")
    if (train.x == train.x[0]).all():
        raise DataError(
            f"{name}: all {len(train)} examples are the same"
            + (f", as they were read ({', '.join(reading)})" if reading else "")
            + "; there is nothing to learn"
        )
    for split, examples in own.items():
        if examples.x.shape[1:] != train.x.shape[1:]:
            raise DataError(
                f"{name}: training examples have shape {train.x.shape[1:]}, {split} examples "
                f"{examples.x.shape[1:]}; they must be equal"
            )
        for part in ("mask", "condition"):
            ours, theirs = (_described(getattr(each, part)) for each in (train, examples))
            if ours != theirs:
                raise DataError(
                    f"{name}: the {part} of training examples is {ours}, that of {split} examples "
                    f"{theirs}; give all splits alike"
                )
        if len(examples) < 2:
            raise DataError(f"{name}: 1 {split} example; expected at least 2")


def _described(part: np.ndarray | None) -> str:
    return "missing" if part is None else f"of shape {part.shape[1:]}"


def _all_three(
    train: Examples, validation: Examples | None = None, test: Examples | None = None
) -> tuple[Examples, Examples, Examples]:
    """(train, validation, test); those that are missing are cut from the training examples."""
    tenth = len(train) // 10
    test_size = tenth if test is None else 0
    largest = tenth if test is None else LARGEST_VALIDATION
    validation_size = min(tenth, largest) if validation is None else 0
    train = train[np.random.default_rng(SPLIT_SEED).permutation(len(train))]
    return (
        train[test_size + validation_size :],
        train[test_size:][:validation_size] if validation is None else validation,
        train[:test_size] if test is None else test,
    )
