"""L_K of several configurations, with every seed."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array, finite_examples, not_negative, whole_number
from keras_vae.plots.style import (
    PALETTE,
    SMALL_SIZE,
    TEXT,
    new_figure,
    set_caption,
    set_labels,
    set_title,
)

ROW = 0.34  # inches


def bound_by_configuration(
    names: Sequence[str], bounds: Sequence[ArrayLike], errors: ArrayLike, k: int
) -> Figure:
    """Draw the importance-weighted bound L_K of configurations, the best above.

    All see the same examples, so that the error from the choice of examples is mostly common to
    all: it moves them together, and is told below instead of drawn.

    Args:
        names: of the configurations.
        bounds: of each, the mean of every seed, nats per example.
        errors: of each, the standard error over examples, nats, at least 0.
        k: the number of samples K.

    Returns:
        The figure: a dot for each seed, a short line at their mean.
    """
    whole_number("The number of samples K", k, least=1)
    values = [finite_array("bounds", each, ndim=1) for each in bounds]
    finite_examples("bounds", [each.mean() for each in values], count=len(names))
    error = finite_examples("errors", not_negative("errors", errors, ndim=1), count=len(names))
    means = np.array([each.mean() for each in values])
    order = np.argsort(-means, kind="stable")
    figure = new_figure(8.5, 1.7 + ROW * len(names))
    axes = figure.add_subplot()
    for place, index in enumerate(order):
        colour = PALETTE[2] if place == 0 else PALETTE[0]
        axes.plot([means[index]] * 2, [place - 0.3, place + 0.3], color=colour, linewidth=2)
        if len(values[index]) > 1:
            axes.plot(values[index], [place] * len(values[index]), color=colour, linestyle="",
                      marker="o", markersize=5, alpha=0.7)  # fmt: skip
    axes.set_yticks(range(len(names)), [names[index] for index in order])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.ticklabel_format(axis="x", useOffset=False)
    axes.locator_params(axis="x", nbins=6)
    set_labels(axes, f"L_{k}, nats per example")
    axes.tick_params(axis="y", labelsize=SMALL_SIZE, labelcolor=TEXT)
    is_seeded = any(len(each) > 1 for each in values)
    set_title(figure, f"log p(x) of test examples is at least L_{k}")
    dots = "Dots: seeds. " if is_seeded else ""
    set_caption(
        figure,
        f"{dots}Short line: mean, green the largest. The error that all share, from the choice of\n"
        f"examples, about {np.median(error):.2g} nats, is left out.",
    )
    return figure
