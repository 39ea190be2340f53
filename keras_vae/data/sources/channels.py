"""Channels first or last: shapes that can be read either way must be declared, never guessed."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.aliases import PathLike
from keras_vae.data.sources.source import RowSource
from keras_vae.errors import DataError

__all__ = ["ChannelsLast", "is_channels_first", "with_channels_last"]

MOST_CHANNELS = 4  # of a picture: gray, with alpha, colour, colour with alpha


def is_channels_first(name: PathLike, event_shape: tuple[int, ...], channels: str | None) -> bool:
    """Whether the first axis of an example holds its channels, and must become the last.

    An example of three axes or more whose first, but not last, is at most 4 long has two
    readings: (3, 16, 16) is 16 x 16 pixels of 3 channels, or 3 x 16 pixels of 16.

    Args:
        name: what messages call the data.
        event_shape: of one example, as it is stored.
        channels: `"first"`, `"last"`, or None, which leaves it to the shape.

    Raises:
        DataError: if the shape leaves it open, or there are no channels that could be first.
    """
    if channels == "first" and len(event_shape) < 3:
        raise DataError(
            f"{name}: examples of shape {event_shape} have no channel axis; leave channels out"
        )
    if channels is None and len(event_shape) >= 3 and event_shape[0] <= MOST_CHANNELS:
        first, *sides, last = event_shape
        if last > MOST_CHANNELS:
            as_first = " x ".join(map(str, [*sides, last]))
            as_last = " x ".join(map(str, [first, *sides]))
            raise DataError(
                f"{name}: examples of shape {event_shape} have two readings, {as_first} with "
                f"{first} channels (channels first) or {as_last} with {last} channels (channels "
                f'last); say which with --channels first or last (channels="first" in load_data), '
                f"or give np.moveaxis(x, 1, -1)"
            )
    return channels == "first"


def with_channels_last(x: np.ndarray) -> np.ndarray:
    """(N, channels, *sides) -> (N, *sides, channels)."""
    return np.moveaxis(x, 1, -1)


class ChannelsLast:
    """A source of a stream whose examples have their channels first, with the channels last.

    Args:
        source: `NpyRows` or `TFRecords`.
    """

    def __init__(self, source: RowSource) -> None:
        self._source = source
        first, *sides = source.event_shape
        self.event_shape = (*sides, first)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def decode(self, raw: tf.data.Dataset) -> tf.data.Dataset:
        """What the source decodes, its channels moved."""
        axes = [0, *range(2, len(self.event_shape) + 1), 1]
        return self._source.decode(raw).map(lambda rows, x: (rows, tf.transpose(x, axes)))
