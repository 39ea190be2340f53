"""Many examples in one axes: cell (row, column) covers the unit square at (column, row)."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from keras_vae.plots.example import display_range, is_image, range_note, show_image
from keras_vae.plots.style import (
    PALETTE,
    SMALL_SIZE,
    TEXT,
    evenly,
    new_figure,
    set_caption,
    set_title,
)

MOST_COLUMN_LABELS = 13


def mosaic(images: np.ndarray, columns: int, margin: int = 0, fill: float = 0.0) -> np.ndarray:
    """Lay images out row by row as one large image.

    Args:
        images: (N, H, W) or (N, H, W, C).
        columns: Images in a row.
        margin: Pixels of `fill` around each image.
        fill: The value of the margins, and of the cells left over in the last row.

    Returns:
        (rows * (H + 2 * margin), columns * (W + 2 * margin)), and C where the images have it.
    """
    rows = -(-len(images) // columns)
    around = (margin, margin)
    padding = [(0, rows * columns - len(images)), around, around, (0, 0)][: images.ndim]
    cells = np.pad(images, padding, constant_values=fill)
    height, width, *channels = cells.shape[1:]
    cells = cells.reshape(rows, columns, height, width, *channels).swapaxes(1, 2)
    return cells.reshape(rows * height, columns * width, *channels)


def cell_aspect(event_shape: Sequence[int]) -> float:
    """Height over width of a cell; held within 1/3 and 3 so that a narrow image stays visible."""
    if not is_image(event_shape):
        return 0.75
    return float(np.clip(event_shape[0] / event_shape[1], 1 / 3, 3))


def grid_size(rows: int, columns: int, event_shape: Sequence[int]) -> tuple[float, float]:
    """Width and height of the cells together in inches; a row is never too low for its label."""
    aspect = cell_aspect(event_shape)
    width = max(min(0.8, 9 / columns, 12 / (rows * aspect)), 0.2, 0.2 / aspect)
    return columns * width, rows * width * aspect


def draw_grid(
    axes: Axes, examples: np.ndarray, columns: int, low: float, high: float, margin: int = 1
) -> None:
    """Draw examples (N, *event) row by row, all with the scale `low` to `high`.

    One image or one collection of lines is drawn however many examples there are, because an
    axes for each would take seconds. `margin` is in pixels of the images.
    """
    rows = -(-len(examples) // columns)
    event_shape = examples.shape[1:]
    if is_image(event_shape):
        tiles = mosaic(examples, columns, margin, fill=high)
        show_image(axes, tiles, low, high, extent=(0, columns, rows, 0))
    else:
        _draw_lines(axes, examples.reshape(len(examples), -1), columns, low, high)
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    axes.set_aspect(cell_aspect(event_shape))
    axes.set(xticks=[], yticks=[])
    axes.tick_params(length=0, labelsize=SMALL_SIZE, labelcolor=TEXT)
    axes.spines[:].set_visible(False)


def _draw_lines(axes: Axes, vectors: np.ndarray, columns: int, low: float, high: float) -> None:
    if vectors.shape[1] == 1:  # one value has no length: draw it as a level
        vectors = np.repeat(vectors, 2, axis=1)
    row, column = np.divmod(np.arange(len(vectors))[:, None], columns)
    across = column + np.linspace(0.06, 0.94, vectors.shape[1])
    down = row + 0.92 - 0.84 * (vectors - low) / (high - low)
    axes.hlines(np.arange(row.max() + 2), 0, columns, colors="#DDDDDD", linewidth=0.6)
    axes.vlines(np.arange(columns + 1), 0, row.max() + 1, colors="#DDDDDD", linewidth=0.6)
    segments = np.stack([across, down], axis=-1)
    axes.add_collection(LineCollection(list(segments), colors=PALETTE[0], linewidths=1))


def grid_figure(
    examples: np.ndarray,
    columns: int,
    title: str,
    row_labels: Sequence[str] = (),
    column_labels: Sequence[str] = (),
    margin: int = 1,
    note: str = "",
) -> tuple[Figure, Axes]:
    """A titled figure with one grid of checked examples (N, *event), and room for its labels.

    Only some columns are labelled where the labels would run into each other. `note` is a second
    line of the title.
    """
    event_shape = examples.shape[1:]
    low, high = display_range(examples)
    caption = range_note(event_shape, low, high)
    width, height = grid_size(-(-len(examples) // columns), columns, event_shape)
    left = 0.5 + 0.08 * max(map(len, row_labels), default=0)
    below = 0.45 * bool(column_labels) + 0.25 * bool(caption)
    figure = new_figure(max(width + left, 6), height + 0.4 + 0.2 * bool(note) + below)
    axes = figure.add_subplot()
    draw_grid(axes, examples, columns, low, high, margin)
    axes.set_yticks(np.arange(len(row_labels)) + 0.5, row_labels)
    if column_labels:
        shown = evenly(len(column_labels), MOST_COLUMN_LABELS)
        axes.set_xticks(shown + 0.5, [column_labels[column] for column in shown])
    set_title(figure, title, note)
    set_caption(figure, caption)
    return figure, axes


def square_grid(images: np.ndarray, title: str, note: str = "") -> Figure:
    """`grid_figure` of checked examples with about as many rows as columns."""
    figure, _ = grid_figure(images, math.ceil(math.sqrt(len(images))), title, note=note)
    return figure
