"""Straight lines between pairs of latents."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array, finite_examples, whole_number
from keras_vae.plots.grid import grid_figure
from keras_vae.plots.style import TEXT, set_labels


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


def interpolation(
    images: ArrayLike, steps: int, x_from: ArrayLike, x_to: ArrayLike, note: str = ""
) -> Figure:
    """Draw one row for each pair, from its start on the left to its end on the right.

    Args:
        images: (P * steps, *event), decoded from `interpolation_nodes` in that order.
        steps: As for `interpolation_nodes`.
        x_from: (P, *event), the examples that the lines start from, drawn left of them.
        x_to: (P, *event), the examples that they end at, drawn right of them.
        note: A second line of the title; none if empty.

    Returns:
        The figure. All of it has one scale.
    """
    steps = whole_number("steps", steps, least=2)
    images = finite_examples("images", images)
    if len(images) % steps:
        raise ValueError(
            f"images do not fill their rows: expected a multiple of steps={steps}, got "
            f"{len(images)}. Pass the steps that interpolation_nodes was given."
        )
    pairs, event_shape = len(images) // steps, images.shape[1:]
    originals = [("x_from", x_from), ("x_to", x_to)]
    x_from, x_to = (finite_examples(name, x, count=pairs) for name, x in originals)
    if not x_from.shape == x_to.shape == (pairs, *event_shape):
        raise ValueError(
            f"The originals do not fit the images: expected x_from and x_to of shape "
            f"{(pairs, *event_shape)}, got {x_from.shape} and {x_to.shape}. Reshape them."
        )
    lines = images.reshape(pairs, steps, *event_shape)
    rows = np.concatenate([x_from[:, None], lines, x_to[:, None]], axis=1)
    title = "Two examples x, and means of p(x|z) on the straight line between their codes"
    labels = ["x", *(f"{t:.2g}" for t in np.linspace(0, 1, steps)), "x"]
    figure, axes = grid_figure(
        rows.reshape(-1, *event_shape), steps + 2, title, column_labels=labels, note=note
    )
    set_labels(axes, "x: an example; numbers: share of the way from the first code to the second")
    for column in (1, steps + 1):
        axes.axvline(column, color=TEXT, linewidth=1.5)
    return figure
