"""Codes of the same examples under several models, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array
from keras_vae.plots.prior_marks import checked_draws, mark_prior, reach
from keras_vae.plots.style import (
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


def code_panels(
    panels: Mapping[str, ArrayLike],
    title: str,
    labels: ArrayLike | None = None,
    class_names: Sequence[str] | None = None,
    caption: str = "",
    prior: ArrayLike | None = None,
) -> Figure:
    """Draw the codes of each panel, and where the prior lies.

    Args:
        panels: codes (N, d) by the text above them, each on a scale of its own; of more than two
            latents the two with the largest variance, a single one with an upright that means
            nothing.
        title: what is written above all.
        labels: the class (N,) of each example, a colour; one colour if None.
        class_names: the name of class k at position k; the numbers themselves if None.
        caption: what is written below.
        prior: draws z ~ p(z) of the model that the picture is about, (M, d); None: p(z) = N(0, I).

    Returns:
        The figure.
    """
    columns = 2 if len(panels) == 4 else min(len(panels), MOST_COLUMNS)
    rows = -(-len(panels) // columns)
    values, classes = (None, None) if labels is None else np.unique(labels, return_inverse=True)
    right = 0.0 if values is None or len(values) > len(PALETTE) else 0.9
    width, height = columns * (PANEL_INCHES + 0.35) + right, rows * (PANEL_INCHES + 0.6) + 0.9
    figure = new_figure(max(width, LEAST_WIDTH), height)
    draws = checked_draws(prior)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    colours: str | np.ndarray = PALETTE[0]
    if values is not None:
        colours = class_colours(len(values))[classes]
    for axes, (name, codes) in zip(grid, panels.items(), strict=False):
        _draw(axes, finite_array(name, codes, ndim=2), colours, draws)
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
    note = (
        "Circles: 1, 2 and 3 standard deviations of the prior N(0, I)."
        if prior is None
        else "Lines: they hold 39%, 86% and 99% of draws of this model's prior p(z)."
    )
    set_caption(figure, "\n".join(filter(None, [note, caption])))
    return figure


def _draw(
    axes: Axes, codes: np.ndarray, colours: str | np.ndarray, prior: np.ndarray | None
) -> None:
    shown = np.argsort(-codes.var(axis=0), kind="stable")[:2]
    points = _upright(codes[:, shown])
    prior = None if prior is None else _upright(prior[:, shown])
    limit = reach(points, prior)
    order = np.random.default_rng(0).permutation(len(points))
    in_order = colours if isinstance(colours, str) else colours[order]
    across, up = points[order].T
    axes.scatter(across, up, s=6, c=in_order, alpha=0.7, linewidths=0)
    mark_prior(axes, prior)
    axes.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    axes.tick_params(labelsize=SMALL_SIZE, labelcolor=TEXT)
    axes.spines[:].set_color("#CCCCCC")


def _upright(codes: np.ndarray) -> np.ndarray:
    """(N, 2): a single latent with an upright that means nothing."""
    if codes.shape[1] == 2:
        return codes
    height = np.random.default_rng(0).uniform(-1, 1, len(codes))
    return np.stack([codes[:, 0], height], axis=1)
