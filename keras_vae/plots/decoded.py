"""What the decoder makes of given latents."""

import math

from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_examples
from keras_vae.plots.grid import grid_figure


def decoded(images: ArrayLike) -> Figure:
    """Draw the means of p(x|z) at given latents in a grid that is about square.

    Args:
        images: (N, *event), in the order of the latents.

    Returns:
        The figure, row by row in the order given.
    """
    images = finite_examples("images", images)
    columns = math.ceil(math.sqrt(len(images)))
    figure, _ = grid_figure(images, columns, "Means of p(x|z) at the given latents")
    return figure
