"""Inputs above their reconstructions."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array, finite_examples
from keras_vae.plots.example import display_range, range_note
from keras_vae.plots.grid import draw_grid, grid_size
from keras_vae.plots.style import new_figure, set_caption, set_labels, set_title

MOST_COLUMNS = 10


def reconstructions(
    x: ArrayLike,
    reconstruction: ArrayLike,
    distortion: ArrayLike | None = None,
    mask: ArrayLike | None = None,
) -> Figure:
    """Draw pairs, up to ten in a row: each input above the mean of p(x|z).

    Args:
        x: Inputs (N, *event).
        reconstruction: Means of p(x|z), of the shape of `x`.
        distortion: -E_q log p(x|z) of each pair (N,) in nats, written below it; not if None.
        mask: Of the shape of `x`, 1 where an entry was observed, 0 where it is missing, which is
            drawn as 0; all were observed if None.

    Returns:
        The figure. Both rows of all pairs share one scale.
    """
    if mask is not None:
        x = np.where(np.asarray(mask) > 0, x, 0)
    x = finite_examples("x", x)
    reconstruction = finite_examples("reconstruction", reconstruction)
    if x.shape != reconstruction.shape:
        raise ValueError(
            f"Inputs and reconstructions do not pair up: expected one shape, got x {x.shape} and "
            f"reconstruction {reconstruction.shape}. Reshape one of them."
        )
    if distortion is not None:
        distortion = finite_array("distortion", distortion, ndim=1)
        distortion = finite_examples("distortion", distortion, count=len(x))

    low, high = display_range(np.concatenate([x, reconstruction]))
    columns = min(len(x), MOST_COLUMNS)
    starts = range(0, len(x), columns)
    width, height = grid_size(2 * len(starts), columns, x.shape[1:])
    note = range_note(x.shape[1:], low, high)
    below = 0.15 * len(starts) + 0.25 * bool(note)
    if distortion is not None:
        below += 0.25 * (len(starts) + 1)
    figure = new_figure(max(width + 1.4, 6), height + 0.3 + below)
    panels = figure.subplots(len(starts), squeeze=False)[:, 0]
    for axes, start in zip(panels, starts, strict=True):
        pairs = slice(start, start + columns)
        both = np.concatenate([x[pairs], reconstruction[pairs]])
        draw_grid(axes, both, len(both) // 2, low, high)
        axes.set_xlim(0, columns)  # so that a short last row is drawn as large as the others
        axes.set_yticks([0.5, 1.5], ["x", "mean of p(x|z)"])
        if distortion is not None:
            values = [f"{value:.1f}" for value in distortion[pairs]]
            axes.set_xticks(np.arange(len(values)) + 0.5, values)
    if distortion is not None:
        set_labels(panels[-1], "distortion of each pair in nats")
    missing = "" if mask is None else "missing entries of x are drawn as 0"
    set_title(figure, "Inputs x and their reconstructions", missing)
    set_caption(figure, note)
    return figure
