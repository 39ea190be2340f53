"""Straight lines between pairs of latents."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array, finite_examples, whole_number
from keras_vae.plots.grid import grid_figure
from keras_vae.plots.style import set_labels


def interpolation_nodes(z_from: ArrayLike, z_to: ArrayLike, steps: int = 11) -> np.ndarray:
    """Latents at equal steps on the line from each `z_from` to its `z_to`, ends included.

    Args:
        z_from: Finite floats (P, d).
        z_to: Finite floats (P, d).
        steps: Nodes on each line, at least 2.

    Returns:
        float32 (P * steps, d), all steps of the first pair first.
    """
    z_from = finite_array("z_from", z_from, ndim=2)
    z_to = finite_array("z_to", z_to, ndim=2)
    if z_from.shape != z_to.shape:
        raise ValueError(
            f"The ends do not pair up: expected z_from and z_to of one shape (P, d), got "
            f"{z_from.shape} and {z_to.shape}. Pass one end for each start."
        )
    t = np.linspace(0, 1, whole_number("steps", steps, least=2))[:, None]
    nodes = (1 - t) * z_from[:, None] + t * z_to[:, None]
    return nodes.reshape(-1, z_from.shape[1]).astype(np.float32)


def interpolation(images: ArrayLike, steps: int) -> Figure:
    """Draw one row for each pair, from its start on the left to its end on the right.

    Args:
        images: (P * steps, *event), decoded from `interpolation_nodes` in that order.
        steps: As for `interpolation_nodes`.

    Returns:
        The figure.
    """
    steps = whole_number("steps", steps, least=2)
    images = finite_examples("images", images)
    if len(images) % steps:
        raise ValueError(
            f"images do not fill their rows: expected a multiple of steps={steps}, got "
            f"{len(images)}. Pass the steps that interpolation_nodes was given."
        )
    title = "Means of p(x|z) on the straight line between the codes of two examples"
    shares = [f"{t:.2g}" for t in np.linspace(0, 1, steps)]
    figure, axes = grid_figure(images, steps, title, column_labels=shares)
    set_labels(axes, "share of the way from the first latent to the second")
    return figure
