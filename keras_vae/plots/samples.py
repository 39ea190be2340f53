"""What the model makes up."""

import math

from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_examples
from keras_vae.plots.grid import grid_figure


def samples(images: ArrayLike) -> Figure:
    """Draw decoded samples of the prior in a grid that is about square.

    Args:
        images: (N, *event), the means of p(x|z), one for each z drawn from the prior.

    Returns:
        The figure, row by row in the order given.
    """
    images = finite_examples("images", images)
    columns = math.ceil(math.sqrt(len(images)))
    title = "Means of p(x|z) for z drawn from the prior N(0, I)"
    figure, _ = grid_figure(images, columns, title)
    return figure
