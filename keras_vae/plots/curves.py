"""Lines over one axis, with bands of their errors: what several answers are drawn with."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array, finite_examples, not_negative
from keras_vae.plots.style import (
    FAINT,
    PALETTE,
    SMALL_SIZE,
    TEXT,
    new_figure,
    set_caption,
    set_labels,
    set_title,
)

# Told apart by colour-blind readers even where they cross.
COLOURS = tuple(PALETTE[k] for k in (0, 6, 2, 5, 8, 9, 1, 3, 4, 7))
STYLES = ("-", "--", "-.", ":")


def curves(
    x: ArrayLike,
    lines: Mapping[str, ArrayLike],
    title: str,
    x_label: str,
    y_label: str,
    caption: str = "",
    errors: Mapping[str, ArrayLike] | None = None,
    marks: Mapping[str, float] | None = None,
    points: Sequence[str] | None = None,
    log_x: bool = False,
    faint: Sequence[ArrayLike] = (),
) -> Figure:
    """Draw lines over the same x.

    Args:
        x: ascending (n,).
        lines: the values (n,) of each line, by its name.
        title, x_label, y_label, caption: what is written.
        errors: the standard error (n,) of each value of the lines that have one: a band.
        marks: places on the x axis, by name: dotted upright lines.
        points: the name of each x, written at the first line, whose places are then dots.
        log_x: whether the x axis is one of logarithms.
        faint: more values (n,) each, drawn thin and gray below the lines, and not named.

    Returns:
        The figure.
    """
    x = finite_array("x", x, ndim=1)
    figure = new_figure(8, 5)
    axes = figure.add_subplot()
    for values in faint:
        axes.plot(x, finite_examples("faint", values, len(x)), color="#BBBBBB", linewidth=0.8)
    for k, (name, values) in enumerate(lines.items()):
        values = finite_examples(name, values, len(x))
        colour, style = COLOURS[k % len(COLOURS)], STYLES[k % len(STYLES)]
        marker = "o" if points is not None else None
        axes.plot(x, values, style, color=colour, linewidth=1.6, marker=marker, label=name)
        if errors is not None and name in errors:
            error = not_negative(f"errors of {name}", errors[name], ndim=1)
            axes.fill_between(x, values - error, values + error, color=colour, alpha=0.2, lw=0)
        if points is not None and k == 0:
            _name_points(axes, x, values, points)
    for name, place in (marks or {}).items():
        axes.axvline(place, color=FAINT, linestyle=":", linewidth=1.2)
        axes.text(place, 1.0, f" {name}", transform=axes.get_xaxis_transform(), va="top",
                  fontsize=SMALL_SIZE, color=FAINT)  # fmt: skip
    if log_x:
        axes.set_xscale("log")
    axes.ticklabel_format(axis="y", useOffset=False)
    set_labels(axes, x_label, y_label)
    if len(lines) > 1:
        axes.legend(fontsize=SMALL_SIZE, frameon=False)
    set_title(figure, title)
    set_caption(figure, caption)
    return figure


def _name_points(axes: Axes, x: np.ndarray, values: np.ndarray, points: Sequence[str]) -> None:
    for place, value, name in zip(x, values, points, strict=True):
        axes.annotate(name, (place, value), xytext=(6, 6), textcoords="offset points",
                      fontsize=SMALL_SIZE, color=TEXT)  # fmt: skip
