"""Colours, sizes and the file format that all pictures share."""

import os
from pathlib import Path
from typing import BinaryIO

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure

from keras_vae.files.disk import whole_file

# The "muted" scheme of Paul Tol, "Colour Schemes", SRON/EPS/TN/09-002 issue 3.2 (2021): told
# apart by colour-blind readers. The tenth is a dark gray: his own pale gray is for missing data.
PALETTE = (
    "#332288",  # indigo
    "#88CCEE",  # cyan
    "#44AA99",  # teal
    "#117733",  # green
    "#999933",  # olive
    "#DDCC77",  # sand
    "#CC6677",  # rose
    "#882255",  # wine
    "#AA4499",  # purple
    "#555555",  # dark gray
)
TEXT = "#222222"
FAINT = "#777777"

TITLE_SIZE = 11  # points, as are the sizes below
LABEL_SIZE = 10
SMALL_SIZE = 9
DPI = 150


def new_figure(width: float, height: float) -> Figure:
    """An empty white figure of `width` by `height` inches that keeps its texts apart."""
    # "compressed" is the constrained layout for axes of fixed aspect, whose labels it would clip.
    return Figure(figsize=(width, height), dpi=DPI, layout="compressed", facecolor="white")


def set_title(figure: Figure, text: str, note: str = "") -> None:
    """Write `text` above the picture, and `note` on a line of its own below it."""
    figure.suptitle("\n".join(filter(None, [text, note])), fontsize=TITLE_SIZE, color=TEXT)


def set_caption(figure: Figure, text: str) -> None:
    """Write `text` below the picture. A label, because the layout leaves room for labels."""
    figure.supxlabel(text, fontsize=SMALL_SIZE, color=FAINT)


def set_labels(axes: Axes, x: str = "", y: str = "") -> None:
    """Label both axes, and drop the two sides of the frame that carry no scale."""
    axes.set_xlabel(x, fontsize=LABEL_SIZE, color=TEXT)
    axes.set_ylabel(y, fontsize=LABEL_SIZE, color=TEXT)
    axes.tick_params(labelsize=SMALL_SIZE, labelcolor=TEXT)
    axes.spines[["top", "right"]].set_visible(False)


def class_colours(count: int) -> np.ndarray:
    """One colour a class as RGBA in [0, 1], shape (count, 4): the palette, or viridis above ten."""
    if count <= len(PALETTE):
        return to_rgba_array(PALETTE[:count])
    return matplotlib.colormaps["viridis"](np.linspace(0, 0.9, count))


def latent_name(index: int) -> str:
    """The name of latent `index` (from 0) in a picture: column 0 is "z_1"."""
    return f"z_{index + 1}"


def evenly(count: int, most: int) -> np.ndarray:
    """At most `most` (above 1) indices of range(count), both ends in, symmetric about the middle.

    Returns:
        Ascending int indices, as evenly spread as whole numbers can be.
    """
    # Of the same parity as count: otherwise rounding breaks the symmetry.
    shown = count if count <= most else most - (count - most) % 2
    return np.linspace(0, count - 1, shown).round().astype(int)


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write `figure` to the PNG file `path`, whole or not at all; an old file is replaced."""
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise ValueError(
            f"Cannot save the figure: expected a path that ends in .png, got {str(path)!r}. "
            "Pictures are written as PNG only; rename the file."
        )
    if not path.parent.is_dir():
        raise ValueError(
            f"Cannot save the figure: expected an existing folder, got {str(path.parent)!r}. "
            "Create the folder first."
        )
    with whole_file(path) as file:
        _write_png(figure, file)


def _write_png(figure: Figure, file: BinaryIO) -> None:
    """As `figure.savefig`, which draws a figure twice if it has a layout: once to lay it out."""
    canvas, dpi = figure.canvas, figure.dpi
    try:
        figure.dpi = DPI
        FigureCanvasAgg(figure).print_png(file)
    finally:
        figure.dpi = dpi
        figure.set_canvas(canvas)
