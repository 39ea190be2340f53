"""How the output changes over a plane of two latents."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from scipy.special import ndtri

from keras_vae.plots.checks import finite_examples, whole_number
from keras_vae.plots.example import is_image
from keras_vae.plots.grid import grid_figure
from keras_vae.plots.style import evenly, set_labels

MOST_LINES = 10  # a side: a line needs more room than an image to be read


def node_values(side: int) -> np.ndarray:
    return ndtri(np.linspace(0.02, 0.98, side))


def manifold_nodes(side: int = 20) -> np.ndarray:
    """Latents on a square grid at equal steps of probability under N(0, I).

    Args:
        side: Nodes along each latent, at least 2.

    Returns:
        float32 (side * side, 2), the quantiles 0.02 to 0.98 of N(0, 1) along each latent. Row by
        row from the top left: z_1 grows to the right, z_2 falls downwards.
    """
    values = node_values(whole_number("side", side, least=2))
    z_1, z_2 = np.meshgrid(values, values[::-1])
    return np.stack([z_1.ravel(), z_2.ravel()], axis=-1).astype(np.float32)


def manifold(images: ArrayLike, side: int, note: str = "") -> Figure:
    """Draw the means of p(x|z) over the plane of a two-dimensional latent.

    Args:
        images: (side * side, *event), decoded from `manifold_nodes(side)` in that order.
        side: As for `manifold_nodes`.
        note: A second line of the title; none if empty.

    Returns:
        The figure. Examples that are not images are thinned to at most 10 by 10.
    """
    side = whole_number("side", side, least=2)
    images = finite_examples("images", images, count=side * side)
    shown = np.arange(side)
    if not is_image(images.shape[1:]):
        shown = evenly(side, MOST_LINES)
        images = images.reshape(side, side, -1)[np.ix_(shown, shown)]
        images = images.reshape(len(shown) ** 2, -1)
    title = "Means of p(x|z) at equal steps of probability under N(0, I)"
    ticks = [f"{value:.2f}" for value in node_values(side)[shown]]
    figure, axes = grid_figure(images, len(shown), title, ticks[::-1], ticks, margin=0, note=note)
    set_labels(axes, "z_1", "z_2")
    return figure
