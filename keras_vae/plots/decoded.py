"""Decoder outputs of given latents."""

from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_examples
from keras_vae.plots.grid import square_grid


def decoded(images: ArrayLike, note: str = "") -> Figure:
    """Draw the means of p(x|z) at given latents in a grid that is about square.

    Args:
        images: (N, *event), in the order of the latents.
        note: A second line of the title; none if empty.

    Returns:
        The figure, row by row in the order given.
    """
    title = "Means of p(x|z) at the given latents"
    return square_grid(finite_examples("images", images), title, note)
