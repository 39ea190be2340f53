"""How one example looks on the page: an image, a line, or the row of a table."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_vae.data import Dataset
from keras_vae.plots.example import display_range, is_image
from keras_vae.reports.packed import packed, sprite

__all__ = ["Looks", "looks_of"]

# What all inputs, or all of a grid, may take: a page has to open at once.
MOST_BYTES = 2_500_000
MOST_PIXELS = 12_000_000  # of one picture: some phones draw no larger ones


@dataclass(frozen=True)
class Looks:
    """How examples of one shape are shown.

    Attributes:
        kind: `"image"`, `"line"` or `"row"`.
        event_shape: of an example.
        low, high: the values drawn as black and white, or at the bottom and the top of a line.
        columns: of a row, what each entry is: its name, its kind and how its values are written.
    """

    kind: str
    event_shape: tuple[int, ...]
    low: float = 0.0
    high: float = 1.0
    columns: tuple[dict[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """What the page is told."""
        return {
            "kind": self.kind,
            "shape": list(self.event_shape),
            "low": self.low,
            "high": self.high,
            "columns": list(self.columns),
        }

    def pack(
        self, examples: np.ndarray, mask: np.ndarray | None = None, most: int = MOST_BYTES
    ) -> dict[str, Any]:
        """Examples (N, *event_shape) as the page holds them: the first of them, as many as
        `most` bytes have room for. Missing entries of rows are left empty."""
        if self.kind == "image":
            return self._pack_images(examples, most)
        flat = np.reshape(examples, (len(examples), -1))
        width = 4 if self.kind == "row" else 2  # a category, or a date, has more than 11 bits
        flat = flat[: max(most // (width * flat.shape[1]), 1)]
        if mask is not None:
            flat = np.where(np.reshape(mask, (len(mask), -1))[: len(flat)] > 0, flat, np.nan)
        return {"count": len(flat), "values": packed(flat, f"float{8 * width}")}

    def _pack_images(self, images: np.ndarray, most: int) -> dict[str, Any]:
        count = max(min(len(images), MOST_PIXELS // int(np.prod(self.event_shape[:2]))), 1)
        found = sprite(images[:count], self.low, self.high)
        while len(found["url"]) > most and count > 1:
            count = max(int(0.95 * count * most / len(found["url"])), 1)
            found = sprite(images[:count], self.low, self.high)
        return found


def looks_of(dataset: Dataset, x: np.ndarray) -> Looks:
    """How the examples of a dataset look.

    Args:
        dataset: `Dataset`.
        x: (N, *event_shape), some of them, of which the range is taken.
    """
    shape = dataset.event_shape
    if dataset.schema is not None:
        columns = tuple(
            {
                "name": column.name,
                "kind": column.kind,
                "levels": [str(value) for value in column.categories],
                "whole": column.kind == "count" or "int" in column.dtype.lower(),
            }
            for column in dataset.schema.modelled
        )
        return Looks("row", shape, columns=columns)
    if dataset.entries is not None:  # counts of genes
        columns = tuple({"name": name, "kind": "count", "levels": []} for name in dataset.entries)
        return Looks("row", shape, columns=columns)
    return Looks("image" if is_image(shape) else "line", shape, *display_range(x))
