"""Where the prior lies: on a plane of two latents, and along each of them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle
from numpy.typing import ArrayLike
from scipy.ndimage import gaussian_filter
from scipy.special import ndtri

from keras_vae.plots.checks import finite_array
from keras_vae.plots.style import FAINT

RADII = (1, 2, 3)
# Of N(0, I) in a plane, inside 1, 2 and 3 standard deviations: 1 - exp(-r^2 / 2).
MASSES = tuple(float(-np.expm1(-(r**2) / 2)) for r in RADII)
# Of a histogram: cells along each latent, those around it, and by how many cells it is smoothed.
BINS, MARGIN, SMOOTHED = 80, 8, 2.0


def checked_draws(prior: ArrayLike | None) -> np.ndarray | None:
    """Finite draws z ~ p(z), (M, d); None of N(0, I), which needs none."""
    return None if prior is None else finite_array("prior", prior, ndim=2)


def reach(points: np.ndarray, prior: np.ndarray | None) -> float:
    """How far axes go from 0, so that all points and nearly all of the prior are between them.

    Args:
        points: of the latents that are drawn.
        prior: draws of the same latents, (M, d); None: N(0, I).
    """
    furthest = float(np.abs(points).max())
    if prior is None:
        return max(3.4, 1.05 * furthest)
    return 1.05 * max(furthest, float(np.quantile(np.abs(prior), 0.999, axis=0).max()))


def mark_prior(axes: Axes, prior: np.ndarray | None, linewidth: float = 0.8) -> None:
    """Draws the lines that hold 39%, 86% and 99% of the prior: of N(0, I) its circles of 1, 2 and 3
    standard deviations.

    Args:
        axes: whose limits are set after it.
        prior: draws z ~ p(z) of the two latents, (M, 2); None: N(0, I).
        linewidth: in points.
    """
    if prior is None:
        for radius in RADII:
            axes.add_patch(Circle((0, 0), radius, fill=False, edgecolor=FAINT, linewidth=linewidth))
        return
    counts, *edges = np.histogram2d(prior[:, 0], prior[:, 1], bins=BINS)
    # a margin of empty cells, so that every line closes
    density = gaussian_filter(np.pad(counts, MARGIN), SMOOTHED)
    middles = [_middles(edge) for edge in edges]
    # P(density(z) > level) = mass, z ~ p(z)
    cells = [
        np.clip(np.searchsorted(edge, z, side="right") - 1, 0, BINS - 1) + MARGIN
        for edge, z in zip(edges, prior.T, strict=True)
    ]
    levels = np.unique(np.quantile(density[tuple(cells)], [1 - mass for mass in MASSES]))
    axes.contour(*middles, density.T, levels=levels, colors=FAINT, linewidths=linewidth)


def _middles(edges: np.ndarray) -> np.ndarray:
    """The middles of the cells, with those of the margin."""
    width = edges[1] - edges[0]
    return edges[0] + width * (np.arange(-MARGIN, BINS + MARGIN) + 0.5)


def quantiles(shares: np.ndarray, prior: np.ndarray | None, latents: int) -> np.ndarray:
    """The quantiles of each latent under the prior, (len(shares), latents).

    Args:
        shares: in (0, 1).
        prior: draws z ~ p(z), (M, latents); None: N(0, I).
        latents: how many.
    """
    if prior is None:
        return np.tile(ndtri(shares)[:, None], (1, latents))
    return np.quantile(prior, shares, axis=0)
