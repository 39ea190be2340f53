"""Decoder outputs of given latents."""

from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_examples
from keras_vae.plots.grid import square_grid


def decoded(images: ArrayLike) -> Figure:
    """Draw the means of p(x|z) at given latents in a grid that is about square.

    Args:
        images: (N, *event), in the order of the latents.

    Returns:
        The figure, row by row in the order given.
    """
    return square_grid(finite_examples("images", images), "Means of p(x|z) at the given latents")
