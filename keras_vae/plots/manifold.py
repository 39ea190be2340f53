"""How the output changes over a plane of two latents."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_examples, whole_number
from keras_vae.plots.example import is_image
from keras_vae.plots.grid import grid_figure
from keras_vae.plots.prior_marks import checked_draws, quantiles
from keras_vae.plots.style import evenly, set_labels

MOST_LINES = 10  # a side: a line needs more room than an image to be read


def node_values(side: int, prior: ArrayLike | None = None) -> np.ndarray:
    """The places of the nodes along both latents, (side, 2)."""
    return quantiles(np.linspace(0.02, 0.98, side), checked_draws(prior), 2)


def steps_under(prior: ArrayLike | None) -> str:
    """What the nodes are, for a title."""
    under = "N(0, I)" if prior is None else "each latent's prior"
    return f"at equal steps of probability under {under}"


def manifold_nodes(side: int = 20, prior: ArrayLike | None = None) -> np.ndarray:
    """Latents on a square grid at equal steps of probability under the prior.

    Args:
        side: Nodes along each latent, at least 2.
        prior: Draws z ~ p(z), (M, 2), of which each latent is taken by itself; None: N(0, I).

    Returns:
        float32 (side * side, 2), the quantiles 0.02 to 0.98 along each latent. Row by row from the
        top left: z_1 grows to the right, z_2 falls downwards.
    """
    values = node_values(whole_number("side", side, least=2), prior)
    z_1, z_2 = np.meshgrid(values[:, 0], values[::-1, 1])
    return np.stack([z_1.ravel(), z_2.ravel()], axis=-1).astype(np.float32)


def manifold(
    images: ArrayLike, side: int, note: str = "", prior: ArrayLike | None = None
) -> Figure:
    """Draw the means of p(x|z) over the plane of a two-dimensional latent.

    Args:
        images: (side * side, *event), decoded from `manifold_nodes(side, prior)` in that order.
        side: As for `manifold_nodes`.
        note: A second line of the title; none if empty.
        prior: As for `manifold_nodes`.

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
    title = f"Means of p(x|z) {steps_under(prior)}"
    values = node_values(side, prior)[shown]
    across, up = ([f"{value:.2f}" for value in along] for along in values.T)
    figure, axes = grid_figure(images, len(shown), title, up[::-1], across, margin=0, note=note)
    set_labels(axes, "z_1", "z_2")
    return figure
