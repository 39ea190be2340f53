"""Codes of the same examples under several models, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array
from keras_vae.plots.style import (
    FAINT,
    LABEL_SIZE,
    PALETTE,
    SMALL_SIZE,
    TEXT,
    class_colours,
    new_figure,
    set_caption,
    set_title,
)

PANEL_INCHES = 2.9
MOST_COLUMNS = 3
LEAST_WIDTH = 6.5  # inches: the title needs them
RADII = (1, 2, 3)


def code_panels(
    panels: Mapping[str, ArrayLike],
    title: str,
    labels: ArrayLike | None = None,
    class_names: Sequence[str] | None = None,
    caption: str = "",
) -> Figure:
    """Draw the codes of each panel, with the circles of 1, 2 and 3 sd of N(0, I).

    Args:
        panels: codes (N, d) by the text above them, each on a scale of its own; of more than two
            latents the two with the largest variance, a single one with an upright that means
            nothing.
        title: what is written above all.
        labels: the class (N,) of each example, a colour; one colour if None.
        class_names: the name of class k at position k; the numbers themselves if None.
        caption: what is written below.

    Returns:
        The figure.
    """
    columns = 2 if len(panels) == 4 else min(len(panels), MOST_COLUMNS)
    rows = -(-len(panels) // columns)
    values, classes = (None, None) if labels is None else np.unique(labels, return_inverse=True)
    right = 0.0 if values is None or len(values) > len(PALETTE) else 0.9
    width, height = columns * (PANEL_INCHES + 0.35) + right, rows * (PANEL_INCHES + 0.6) + 0.9
    figure = new_figure(max(width, LEAST_WIDTH), height)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    colours: str | np.ndarray = PALETTE[0]
    if values is not None:
        colours = class_colours(len(values))[classes]
    for axes, (name, codes) in zip(grid, panels.items(), strict=False):
        _draw(axes, finite_array(name, codes, ndim=2), colours)
        axes.set_title(name, fontsize=LABEL_SIZE, color=TEXT)
    for axes in grid[len(panels) :]:
        axes.remove()
    if right and values is not None:
        names = [str(value) if class_names is None else class_names[value] for value in values]
        handles = [
            Line2D([], [], linestyle="", marker="o", color=colour, label=name)
            for colour, name in zip(class_colours(len(names)), names, strict=True)
        ]
        figure.legend(handles=handles, loc="outside right upper", fontsize=SMALL_SIZE,
                      frameon=False, handletextpad=0.2)  # fmt: skip
    set_title(figure, title)
    note = "Circles: 1, 2 and 3 standard deviations of the prior N(0, I)."
    set_caption(figure, "\n".join(filter(None, [note, caption])))
    return figure


def _draw(axes: Axes, codes: np.ndarray, colours: str | np.ndarray) -> None:
    if codes.shape[1] == 1:
        height = np.random.default_rng(0).uniform(-1, 1, len(codes))
        points = np.stack([codes[:, 0], height], axis=1)
    else:
        points = codes[:, np.argsort(-codes.var(axis=0), kind="stable")[:2]]
    limit = max(3.4, 1.05 * np.abs(points).max())
    order = np.random.default_rng(0).permutation(len(points))
    shown = colours if isinstance(colours, str) else colours[order]
    across, up = points[order].T
    axes.scatter(across, up, s=6, c=shown, alpha=0.7, linewidths=0)
    for radius in RADII:
        axes.add_patch(Circle((0, 0), radius, fill=False, edgecolor=FAINT, linewidth=0.8))
    axes.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    axes.tick_params(labelsize=SMALL_SIZE, labelcolor=TEXT)
    axes.spines[:].set_color("#CCCCCC")
