"""New examples from the model."""

from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_examples
from keras_vae.plots.grid import square_grid


def samples(images: ArrayLike, note: str = "") -> Figure:
    """Draw decoded samples of the prior in a grid that is about square.

    Args:
        images: (N, *event), the means of p(x|z), one for each z drawn from the prior.
        note: A second line of the title; none if empty.

    Returns:
        The figure, row by row in the order given.
    """
    title = "Means of p(x|z) for z drawn from the prior"
    return square_grid(finite_examples("images", images), title, note)
