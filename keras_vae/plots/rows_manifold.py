"""How each column of a table changes over a plane of two latents."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import whole_number
from keras_vae.plots.manifold import node_values, steps_under
from keras_vae.plots.rows import MOST_COLUMNS, caption, shades, short
from keras_vae.plots.style import (
    LABEL_SIZE,
    SMALL_SIZE,
    TEXT,
    new_figure,
    set_caption,
    set_labels,
    set_title,
)

PANELS = 4  # in a row


def rows_manifold(
    places: ArrayLike,
    names: Sequence[str],
    is_category: Sequence[bool],
    side: int,
    note: str = "",
    prior: ArrayLike | None = None,
) -> Figure:
    """Draw a panel for each column: its values over the plane of a two-dimensional latent.

    Args:
        places: (side * side, C) as for `rows`, decoded from `manifold_nodes(side, prior)` in that
            order.
        names, is_category: as for `rows`.
        side, prior: as for `manifold_nodes`.
        note: a second line of the title; none if empty.
    """
    side = whole_number("side", side, least=2)
    colours = shades(np.asarray(places, "float64"), is_category)[:, :MOST_COLUMNS]
    count = colours.shape[1]
    across = min(count, PANELS)
    down = -(-count // across)
    figure = new_figure(2.1 * across + 1, 2.3 * down + 0.9)
    panels = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).ravel()
    ticks = [0, side // 2, side - 1]
    across_values, up_values = node_values(side, prior).T
    for column, axes in enumerate(panels[:count]):
        axes.imshow(colours[:, column].reshape(side, side, 4), interpolation="nearest")
        axes.set_title(short(names[column], 24), fontsize=LABEL_SIZE, color=TEXT)
        axes.set_xticks(ticks, [f"{across_values[tick]:.1f}" for tick in ticks])
        axes.set_yticks(ticks, [f"{up_values[side - 1 - tick]:.1f}" for tick in ticks])
        axes.tick_params(length=0, labelsize=SMALL_SIZE)
    for axes in panels[count:]:
        axes.remove()
    set_labels(panels[0], "z_1", "z_2")
    set_title(figure, f"Columns of decoded rows {steps_under(prior)}", note)
    set_caption(figure, caption(len(names)))
    return figure
