"""Codes and reconstructions of each example, with its row in the source."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from keras_vae.data import Dataset, Examples, rows_in_order
from keras_vae.errors import DataError
from keras_vae.runs.outputs import entry_names
from keras_vae.runs.run import Run

__all__ = ["encode_rows", "entries_of", "given_in_order", "named_labels", "reconstruct_rows"]


def encode_rows(run: Run, dataset: Dataset, split: str = "test") -> dict[str, Any]:
    """q(z|x) of each example.

    Args:
        run: `Run`.
        dataset: `Dataset` that fits it.
        split: `"train"`, `"validation"`, `"test"`, or `"all"`: every row of the source in its
            order, of a stream read piece by piece.

    Returns:
        Dictionary of arrays with a value for each example: int64 `row`, its number in the source
        from 0 (rows of a test split of its own come after the rest); `split`, a name; `labels`,
        or None; float32 `z_mean` and `z_log_var` (N, d).
    """
    parts = []
    for examples, columns in _examples(run, dataset, split):
        z_mean, z_log_var = run.vae.encode(examples.given)
        parts.append({**columns, "z_mean": z_mean, "z_log_var": z_log_var})
    return _joined(parts)


def named_labels(columns: Mapping[str, Any], class_names: Sequence[str] | None) -> dict[str, Any]:
    """The same columns, whose labels are the names of their classes where these have names."""
    labels = columns["labels"]
    if labels is None or class_names is None:
        return dict(columns)
    return {**columns, "labels": np.array(class_names, object)[labels]}


def given_in_order(run: Run, dataset: Dataset) -> Any:
    """All examples as the model is given them, the first row first.

    Args:
        run, dataset: as for `encode_rows`.

    Raises:
        DataError: of a stream, which may not fit into memory.
    """
    if dataset.stream is not None:
        raise DataError(
            f"{dataset.name}: is streamed, and all of it may not fit into memory; give a part of it"
        )
    ((examples, _),) = _examples(run, dataset, "all")
    return examples.given


def entries_of(dataset: Dataset) -> tuple[str, ...]:
    """A name for each entry of an example, flat: of a gene its own, of a pixel such as `x_3_7`."""
    if dataset.entries is not None:
        return dataset.entries
    return entry_names("x", dataset.event_shape)


def reconstruct_rows(
    run: Run, dataset: Dataset, split: str = "test", count: int | None = None
) -> dict[str, Any]:
    """Examples and the means of p(x|z) at z = z_mean.

    Args:
        run, dataset, split: as for `encode_rows`.
        count: how many, from the start; None for all.

    Returns:
        Dictionary of arrays with a value for each example: `row`, `split` and `labels` as from
        `encode_rows`; float32 `x`, NaN where an entry is missing, and `reconstruction`
        (N, *event_shape).

    Raises:
        DataError: if all of a stream is asked for, which may not fit into memory.
    """
    if dataset.stream is not None and split == "all" and count is None:
        raise DataError(
            f"{dataset.name}: is streamed, and all reconstructions may not fit into memory; say "
            f"how many with --count, or use kvae encode, which reads all rows piece by piece"
        )
    parts, missing = [], count
    for examples, columns in _examples(run, dataset, split):
        examples = examples[:missing]
        columns = {name: None if c is None else c[: len(examples)] for name, c in columns.items()}
        reconstruction = run.vae.predict(examples.given, verbose=0)
        x = examples.x
        if examples.mask is not None:
            x = np.where(examples.mask > 0, x, np.float32(np.nan))
        parts.append({**columns, "x": x, "reconstruction": reconstruction})
        if missing is not None:
            missing -= len(examples)
            if not missing:
                break
    return _joined(parts)


def _examples(
    run: Run, dataset: Dataset, split: str
) -> Iterator[tuple[Examples, dict[str, np.ndarray | None]]]:
    """`Examples` as the model sees them, with the columns that join them to their source: once,
    or of a stream some thousand rows at a time."""
    dataset = dataset.as_binarized(run.config.binarization)
    parts: Iterable[tuple[Examples, np.ndarray]]
    if split == "all":
        parts = rows_in_order(dataset)
    else:
        examples = dataset.seen(split)
        parts = [(examples, np.full(len(examples), split))]
    for examples, splits in parts:
        yield examples, {"row": examples.rows, "split": splits, "labels": examples.labels}


def _joined(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Dictionaries of arrays, or of None, put together name by name."""
    return {
        name: None if values is None else np.concatenate([part[name] for part in parts])
        for name, values in parts[0].items()
    }
