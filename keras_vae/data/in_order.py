"""Every example of a source in the source's own order, whichever split it is in."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from keras_vae.data.entry_draws import draw_key, uniform_entries
from keras_vae.data.examples import Dataset, Examples
from keras_vae.data.protocol import BINARIZATION_SEEDS, binarize
from keras_vae.data.streams.stream import Stream
from keras_vae.errors import DataError

__all__ = ["rows_in_order", "unsplit"]

CHUNK = 5000  # rows of a stream that are in memory at once


def rows_in_order(dataset: Dataset) -> Iterator[tuple[Examples, np.ndarray]]:
    """All examples as a model sees them, the first row first, with `rows` and `splits`.

    Each is drawn as in its split, so that its code is the same there and here. Training examples
    of a stream, of which the split holds a sample only, are drawn as in static training.

    Args:
        dataset: `Dataset`, with the binarisation to apply.

    Yields:
        (`Examples`, array of the names of their splits): all at once for data in memory, at most
        `CHUNK` rows at a time for a stream.

    Raises:
        DataError: if the examples do not say which rows they are.
    """
    if any(part.rows is None for part in dataset.splits.values()):
        raise DataError(f"{dataset.name}: its row numbers are unknown; load it with load_data")
    held = [
        (name, dataset.seen(name))
        for name in dataset.splits
        if dataset.stream is None or name != "train"
    ]
    splits = np.concatenate([np.full(len(part), name) for name, part in held])
    joined = _joined([part for _, part in held])
    if dataset.stream is not None:
        yield from _streamed(dataset.stream, dataset, joined, splits)
        return
    order = np.argsort(np.asarray(joined.rows))
    yield joined[order], splits[order]


def unsplit(dataset: Dataset) -> Dataset:
    """All examples of a source as one, in its order: the same as they are stored, not split.

    Raises:
        DataError: if the training examples are not in memory, or do not say which rows they are.
    """
    if dataset.stream is not None:
        raise DataError(
            f"{dataset.name}: is streamed, and all of it may not fit into memory; choose a split"
        )
    parts = list(dataset.splits.values())
    if any(part.rows is None for part in parts):
        raise DataError(f"{dataset.name}: its row numbers are unknown; load it with load_data")
    joined = _joined(parts)
    examples = joined[np.argsort(np.asarray(joined.rows))]
    return replace(dataset, train=examples, validation=examples, test=examples, is_split=False)


def _joined(parts: Sequence[Examples]) -> Examples:
    """One after another, without what is not there of each."""
    joined: dict[str, Any] = {}
    for field in fields(Examples):
        column = [getattr(part, field.name) for part in parts]
        is_there = all(values is not None for values in column)
        joined[field.name] = np.concatenate(column) if is_there else None
    return Examples(**joined)


def _streamed(
    stream: Stream, dataset: Dataset, held: Examples, held_splits: np.ndarray
) -> Iterator[tuple[Examples, np.ndarray]]:
    """The same of a stream, whose held-out examples are given as they were drawn."""
    binarization, held_rows = dataset.binarization, np.asarray(held.rows)
    for first in range(0, stream.count, CHUNK):
        rows = np.arange(first, min(first + CHUNK, stream.count))
        x, labels = stream.read(rows)
        if binarization == "threshold":
            x = binarize(x, binarization, "train")
        elif binarization != "none":
            key = draw_key(BINARIZATION_SEEDS["train"])
            x = (uniform_entries(key, rows, stream.event_shape).numpy() < x).astype("float32")
        splits = np.full(len(rows), "train", held_splits.dtype)
        here = np.flatnonzero((held_rows >= first) & (held_rows < first + len(rows)))
        x[held_rows[here] - first] = held.x[here]
        splits[held_rows[here] - first] = held_splits[here]
        condition = None if stream.condition is None else stream.condition[rows]
        yield Examples(x, labels, rows, condition=condition), splits
