"""Where the prior is drawn to lie, against the shares of fresh draws."""

import numpy as np
import pytest
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.path import Path
from scipy.stats import norm

from keras_vae.plots.prior_marks import MASSES, mark_prior, quantiles


def two_lobes(count, seed):
    """Two normals, the second with a third of the draws, wider and turned."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((count, 2))
    other = z @ [[1.5, 0.6], [-0.2, 0.5]] + [6, -3]
    return np.where(rng.random((count, 1)) < 1 / 3, other, 0.4 * z)


def share_inside(paths, z):
    """Of the draws, inside an odd number of the closed lines of a level."""
    inside = np.zeros(len(z), int)
    for path in paths.to_polygons():
        inside += Path(path).contains_points(z)
    return np.mean(inside % 2)


def test_each_line_holds_its_share_of_other_draws():
    axes = Figure().add_subplot()
    mark_prior(axes, two_lobes(20_000, 0))
    (lines,) = axes.findobj(ContourSet)
    other = two_lobes(20_000, 1)
    held = [share_inside(paths, other) for paths in lines.get_paths()][::-1]
    np.testing.assert_allclose(held, MASSES, atol=0.03)


def test_circles_hold_the_same_shares_of_a_standard_normal():
    axes = Figure().add_subplot()
    mark_prior(axes, None)
    radii = [circle.radius for circle in axes.findobj(Circle)]
    assert radii == [1, 2, 3]
    z = np.random.default_rng(0).standard_normal((20_000, 2))
    held = [np.mean(np.linalg.norm(z, axis=1) < radius) for radius in radii]
    np.testing.assert_allclose(held, MASSES, atol=0.01)


def test_quantiles_are_those_of_each_latent():
    shares = np.linspace(0.02, 0.98, 7)
    z = np.random.default_rng(0).standard_normal((50_000, 2)) * [1, 3] + [0, 5]
    expected = norm.ppf(shares)[:, None] * [1, 3] + [0, 5]
    np.testing.assert_allclose(quantiles(shares, z, 2), expected, atol=0.1)
    np.testing.assert_allclose(quantiles(shares, None, 2), norm.ppf(shares)[:, None] * [1, 1])


@pytest.mark.parametrize("count", [50, 2000])
def test_a_prior_in_one_place_is_drawn_too(count):
    axes = Figure().add_subplot()
    mark_prior(axes, np.full((count, 2), 1.5))
    assert axes.findobj(ContourSet)
