"""Rows of a table: a cell for each value, shaded by where it lies among those of training."""

import re
import textwrap
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.style import SMALL_SIZE, TEXT, new_figure, set_caption, set_title

MOST_COLUMNS = 16
CHARACTERS = 13  # of a caption in an inch
CELL = (1.0, 0.24)  # width and height in inches
SHADES = matplotlib.colormaps["PuOr_r"].resampled(256)
LEVELS = matplotlib.colormaps["Pastel1"]


def rows(
    places: ArrayLike,
    texts: Sequence[Sequence[str]],
    names: Sequence[str],
    is_category: Sequence[bool],
    labels: Sequence[str],
    title: str,
    blocks: int | None = None,
) -> Figure:
    """Draw rows of a table with the values written into their cells.

    Args:
        places: (N, C): of a number the share of the training values that lie below it, 0 to 1; of a
            category its code; NaN where a value is missing, whose cell stays empty.
        texts: N rows of C values as they are to be written.
        names: of the columns.
        is_category: of each column, whether its places are codes.
        labels: of the rows.
        title: of the picture.
        blocks: a line is drawn below each so many rows; none if None.

    Returns:
        The figure, with the first 16 columns at most, as its caption says.
    """
    places = np.asarray(places, "float64")[:, :MOST_COLUMNS]
    count, columns = places.shape
    figure = new_figure(columns * CELL[0] + 2.2, count * CELL[1] + 1.2)
    axes = figure.add_subplot()
    axes.imshow(shades(places, is_category[:columns]), aspect="auto", interpolation="nearest")
    for row, column in np.argwhere(np.isfinite(places)):
        axes.text(column, row, texts[row][column], ha="center", va="center", fontsize=7, color=TEXT)
    axes.set_xticks(range(columns), [short(name) for name in names[:columns]])
    axes.set_yticks(range(count), labels)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelsize=SMALL_SIZE, labelcolor=TEXT)
    axes.spines[:].set_visible(False)
    axes.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
    axes.grid(which="minor", axis="x", color="white", linewidth=2)
    axes.tick_params(which="minor", length=0)
    for row in range(blocks or count, count, blocks or count):
        axes.axhline(row - 0.5, color=TEXT, linewidth=1)
    set_title(figure, title)
    characters = int(CHARACTERS * figure.get_figwidth())
    set_caption(figure, textwrap.fill(caption(len(names)), characters))
    return figure


def shades(places: np.ndarray, is_category: Sequence[bool]) -> np.ndarray:
    """RGBA (N, C, 4) of places; white where they are NaN."""
    known = np.nan_to_num(places)
    of_numbers = SHADES(0.2 + 0.6 * known)  # so that black text is read on all of them
    of_levels = LEVELS(known.astype(int) % LEVELS.N)
    colours = np.where(np.asarray(is_category)[None, :, None], of_levels, of_numbers)
    return np.where(np.isfinite(places)[..., None], colours, 1.0)


def caption(columns: int) -> str:
    """What the shades mean, and how many columns are left out."""
    left_out = f"; the first {MOST_COLUMNS} of {columns} columns" if columns > MOST_COLUMNS else ""
    return (
        f"numbers: violet low, orange high among the training values; categories: a colour each; "
        f"empty: missing{left_out}"
    )


def short(text: str, length: int = 13) -> str:
    """A text that fits into a cell: it keeps its end if that is the row of a window, [3]."""
    if len(text) <= length:
        return text
    place = re.search(r"\[\d+\]$", text)
    end = place[0] if place else ""
    return text[: length - 1 - len(end)] + "…" + end
