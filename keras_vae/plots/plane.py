"""A number at each place of the latent plane."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array, finite_examples
from keras_vae.plots.style import (
    LABEL_SIZE,
    SMALL_SIZE,
    TEXT,
    latent_name,
    new_figure,
    set_caption,
    set_labels,
    set_title,
)


def plane_nodes(reach: float, side: int) -> np.ndarray:
    """The nodes of a square grid from -reach to reach, float64 (side * side, 2): z_1 by row."""
    line = np.linspace(-reach, reach, side)
    return np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)


def plane(
    values: ArrayLike,
    reach: float,
    marks: Mapping[str, ArrayLike],
    title: str,
    label: str,
    caption: str = "",
) -> Figure:
    """Draw a number at each node of `plane_nodes(reach, side)` as a colour.

    Args:
        values: (side * side,), in the order of `plane_nodes`.
        reach: how far the plane goes from 0 along each latent.
        marks: places (2,), by name.
        title, label, caption: what is written above, at the scale, below.

    Returns:
        The figure.
    """
    values = finite_array("values", values, ndim=1)
    side = round(len(values) ** 0.5)
    if side * side != len(values):
        raise ValueError(
            f"values are not a square: expected side * side of them, got {len(values)}. Pass one "
            "for each of plane_nodes."
        )
    figure = new_figure(7.2, 6)
    axes = figure.add_subplot()
    # imshow takes the first axis of an array to be the vertical one
    image = axes.imshow(
        values.reshape(side, side).T, origin="lower", cmap="viridis", interpolation="bilinear",
        extent=(-reach, reach, -reach, reach),
    )  # fmt: skip
    bar = figure.colorbar(image, ax=axes, shrink=0.9)
    bar.set_label(label, fontsize=LABEL_SIZE, color=TEXT)
    bar.ax.tick_params(labelsize=SMALL_SIZE, labelcolor=TEXT)
    around = [withStroke(linewidth=3, foreground="white")]
    for name, place in marks.items():
        across, up = finite_examples(name, place, 2)
        axes.plot(across, up, marker="o", color=TEXT, markeredgecolor="white", markersize=7)
        axes.annotate(name, (across, up), xytext=(7, 5), textcoords="offset points",
                      fontsize=LABEL_SIZE, color=TEXT, path_effects=around)  # fmt: skip
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
    set_labels(axes, latent_name(0), latent_name(1))
    set_title(figure, title)
    set_caption(figure, caption)
    return figure
