"""Numbers beside each other, each a bar with its name."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from keras_vae.plots.checks import finite_array, not_negative
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


def bars(
    values: Mapping[str, float],
    title: str,
    label: str,
    errors: Mapping[str, float] | None = None,
    caption: str = "",
) -> Figure:
    """Draw a number a name as a bar to the right (to the left if it is negative), the first on top.

    Args:
        values: finite numbers by name.
        title, label, caption: what is written above, at the axis, below.
        errors: standard errors by name, where there are any.

    Returns:
        The figure.
    """
    numbers = finite_array("values", list(values.values()), ndim=1)
    given = [(errors or {}).get(name, 0.0) for name in values]
    bars_of_error = not_negative("errors", given, ndim=1)
    figure = new_figure(8, 1.5 + 0.42 * len(numbers))
    axes = figure.add_subplot()
    places = np.arange(len(numbers))
    axes.barh(places, numbers, color=PALETTE[1], height=0.65)
    if errors:
        axes.errorbar(numbers, places, xerr=bars_of_error, fmt="none", ecolor=TEXT, capsize=3)
    axes.axvline(0, color=FAINT, linewidth=0.8)
    axes.set_yticks(places, list(values))
    axes.invert_yaxis()
    for place, value, error in zip(places, numbers, bars_of_error, strict=True):
        # beyond the bar and its error, on the side that it points to
        is_left = value < 0
        axes.annotate(f"{value:,.2f}", (value - error if is_left else value + error, place),
                      xytext=(-4 if is_left else 4, 0), textcoords="offset points", va="center",
                      ha="right" if is_left else "left", fontsize=SMALL_SIZE,
                      color=TEXT)  # fmt: skip
    axes.margins(x=0.14)
    set_labels(axes, label)
    set_title(figure, title)
    set_caption(figure, caption)
    return figure
