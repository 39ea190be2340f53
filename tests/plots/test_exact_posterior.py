import numpy as np
import pytest
from matplotlib.contour import ContourSet
from matplotlib.patches import Ellipse
from scipy.stats import chi2, multivariate_normal, norm

from keras_vae.plots.exact_posterior import exact_posterior

MEANS = np.array([[1.0, -2.0], [0.3, 0.1], [-1.5, 4.0]])
STDS = np.array([[0.5, 0.1], [0.02, 0.04], [1.0, 1.0]])


def _gaussian(mean, std, correlation=0.0, sizes=(120, 90), reach=6.0):
    """Grid (finer in the middle) and the log density of a Gaussian on it."""
    dense = [np.sinh(np.linspace(-2, 2, size)) / np.sinh(2) * reach for size in sizes]
    nodes = [mean[k] + std[k] * dense[k] for k in range(2)]
    z = np.stack(np.meshgrid(*nodes, indexing="ij"), axis=-1)
    covariance = np.outer(std, std) * np.array([[1, correlation], [correlation, 1]])
    return *nodes, multivariate_normal(mean, covariance).logpdf(z)


def _gaussians(count, **options):
    """Arguments for `count` inputs whose q(z|x) is exact."""
    grids = [_gaussian(MEANS[k % 3], STDS[k % 3], **options) for k in range(count)]
    pick = np.arange(count) % 3
    return *map(list, zip(*grids, strict=True)), MEANS[pick], STDS[pick]


def _contours(axes):
    (contours,) = [item for item in axes.collections if isinstance(item, ContourSet)]
    return contours


def _ellipses(axes):
    return [patch for patch in axes.patches if isinstance(patch, Ellipse)]


def _vertices(contours, level):
    """Where the region from the level of this number upwards has its edge."""
    return contours.get_paths()[level].vertices


@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_the_levels_of_a_gaussian_are_those_of_1_2_and_3_standard_deviations(correlation):
    nodes_1, nodes_2, log_posterior = _gaussian(MEANS[0], STDS[0], correlation)
    figure = exact_posterior([nodes_1], [nodes_2], [log_posterior - 5000], MEANS[:1], STDS[:1])
    peak = multivariate_normal(cov=[[1, correlation], [correlation, 1]]).logpdf([0, 0])
    peak -= 5000 + np.log(STDS[0]).sum()
    # log density = peak - r^2 / 2 at r standard deviations
    levels = _contours(figure.axes[0]).levels[::-1]
    np.testing.assert_allclose(levels[:3], peak - np.array([0.5, 2.0, 4.5]), atol=0.03)


def test_regions_hold_their_masses_whatever_the_shape():
    nodes_1, nodes_2 = np.linspace(-3, 3, 300), np.linspace(-2, 2, 200)
    left = norm(-1, 0.3).logpdf(nodes_1)[:, None] + norm(0.5, 0.2).logpdf(nodes_2)
    right = norm(1.2, 0.2).logpdf(nodes_1)[:, None] + norm(-0.5, 0.3).logpdf(nodes_2)
    log_posterior = np.logaddexp(np.log(0.8) + left, np.log(0.2) + right)
    figure = exact_posterior([nodes_1], [nodes_2], [log_posterior], [[-1, 0.5]], [[0.3, 0.2]])
    levels = _contours(figure.axes[0]).levels[::-1]
    for level, mass in zip(levels[:3], chi2.cdf([1, 4, 9], df=2), strict=True):
        held = np.exp(log_posterior)[log_posterior >= level].sum() / np.exp(log_posterior).sum()
        assert held == pytest.approx(mass, abs=0.005)


def test_an_exact_q_outlines_the_two_darker_regions():
    figure = exact_posterior(*_gaussians(1))
    axes = figure.axes[0]
    contours = _contours(axes)
    ellipses = _ellipses(axes)
    assert len(ellipses) == 2
    for radius, ellipse in enumerate(ellipses, start=1):
        np.testing.assert_allclose(ellipse.get_center(), MEANS[0])
        assert (ellipse.width, ellipse.height) == pytest.approx(tuple(2 * radius * STDS[0]))
        assert not ellipse.get_fill()
        edge = _vertices(contours, 3 - radius)  # of the region that this one bounds
        distance = np.linalg.norm((edge - MEANS[0]) / STDS[0], axis=1)
        assert distance.max() == pytest.approx(radius, rel=0.03)
    assert ellipses[0].get_linestyle() != ellipses[1].get_linestyle()


def test_z_1_runs_to_the_right_and_z_2_upwards():
    # Off the middle of a square grid, so that no mirrored or turned picture looks the same.
    (mean_1, mean_2), (std_1, std_2) = MEANS[0], STDS[0]
    nodes_1, nodes_2 = (MEANS[0] + STDS[0] * np.linspace(-4, 8, 100)[:, None]).T
    log_posterior = norm(mean_1, std_1).logpdf(nodes_1)[:, None]
    log_posterior = log_posterior + norm(mean_2, std_2).logpdf(nodes_2)
    figure = exact_posterior([nodes_1], [nodes_2], [log_posterior], MEANS[:1], STDS[:1])
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("z_1", "z_2")
    assert axes.get_aspect() == 1
    outermost = _vertices(_contours(axes), 0)
    np.testing.assert_allclose(np.ptp(outermost, axis=0), 6 * STDS[0], rtol=0.03)
    middle = (outermost.min(axis=0) + outermost.max(axis=0)) / 2
    np.testing.assert_allclose(middle, MEANS[0], atol=0.02)


def test_denser_regions_are_darker():
    colours = _contours(exact_posterior(*_gaussians(1)).axes[0]).get_facecolor()
    assert (np.diff(colours[:, :3].sum(axis=1)) < 0).all()


def test_each_input_has_the_panel_of_its_own_grid(assert_legible):
    arguments = _gaussians(3)
    arguments[0][1], arguments[1][1], arguments[2][1] = _gaussian(MEANS[1], STDS[1], sizes=(70, 95))
    figure = exact_posterior(*arguments)
    assert_legible(figure)
    for axes, mean, std in zip(figure.axes, MEANS, STDS, strict=True):
        outermost = _vertices(_contours(axes), 0)
        middle = (outermost.min(axis=0) + outermost.max(axis=0)) / 2
        np.testing.assert_allclose(middle, mean, atol=0.1 * std.max())
        (cross,) = axes.lines
        np.testing.assert_allclose(cross.get_xydata(), [mean])


def test_a_q_far_away_or_wide_is_in_sight_with_the_whole_posterior():
    nodes_1, nodes_2, log_posterior = _gaussian(MEANS[0], STDS[0])
    for z_mean, z_std in (([6.0, 1.0], [0.5, 0.1]), (MEANS[0], [0.1, 3.0]), (MEANS[0], STDS[0])):
        z_mean, z_std = np.array(z_mean), np.array(z_std)
        figure = exact_posterior([nodes_1], [nodes_2], [log_posterior], [z_mean], [z_std])
        axes = figure.axes[0]
        (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
        assert right - left == pytest.approx(top - bottom)
        edges = np.concatenate(
            [_vertices(_contours(axes), 0), [z_mean - 2 * z_std, z_mean + 2 * z_std]]
        )
        assert (edges > [left, bottom]).all()
        assert (edges < [right, top]).all()
        # and no more than that
        assert np.ptp(edges, axis=0).max() > 0.85 * (right - left)


def test_the_legend_says_what_the_regions_hold():
    figure = exact_posterior(*_gaussians(3))
    # Beside the last panel of the first row: nowhere else is room.
    assert [axes.get_legend() is None for axes in figure.axes] == [True, True, False]
    legend = figure.axes[2].get_legend()
    shares = [f"{mass:.1%} of its mass" for mass in chi2.cdf([1, 4, 9], df=2)]
    assert shares[0] == "39.3% of its mass"
    assert [text.get_text() for text in legend.get_texts()] == [
        *(f"p(z|x): {share}" for share in shares),
        f"q(z|x), 1 sd: {shares[0]}",
        f"q(z|x), 2 sd: {shares[1]}",
    ]
    axes = figure.axes[0]
    swatches = [patch.get_facecolor() for patch in legend.get_patches()]
    np.testing.assert_allclose(swatches, _contours(axes).get_facecolor()[::-1])
    lines = [line.get_linestyle() for line in legend.get_lines()]
    assert lines == [ellipse.get_linestyle() for ellipse in _ellipses(axes)]


def test_inputs_stand_above_their_panels_with_one_scale(assert_legible, all_text):
    images = np.random.default_rng(0).random((3, 8, 6)) * [[[1]], [[2]], [[3]]]
    figure = exact_posterior(*_gaussians(3), inputs=images)
    assert_legible(figure)
    for axes, image in zip(figure.axes, images, strict=True):
        (above,) = axes.child_axes
        np.testing.assert_array_equal(above.images[0].get_array(), image)
        assert above.images[0].get_clim() == (images.min(), images.max())
        assert above.bbox.y0 > axes.bbox.y1
    assert f"Black is {images.min():.3g}, white is {images.max():.3g}." in all_text(figure)
    assert not exact_posterior(*_gaussians(3)).axes[0].child_axes


def test_inputs_that_are_no_images_are_lines(assert_legible, all_text):
    inputs = np.random.default_rng(0).normal(size=(3, 40))
    figure = exact_posterior(*_gaussians(3), inputs=inputs, gaps=[0.1, 0.2, 0.3])
    assert_legible(figure)
    for axes, x in zip(figure.axes, inputs, strict=True):
        (line,) = axes.child_axes[0].lines
        np.testing.assert_array_equal(line.get_ydata(), x)
    assert "spans the values" in all_text(figure)


def test_gaps_are_the_titles_of_their_panels_in_nats():
    figure = exact_posterior(*_gaussians(3), gaps=[0.434, 0.0, 12.3])
    assert [axes.get_title() for axes in figure.axes] == [
        f"KL(q || p(z|x)) = {gap} nats" for gap in ("0.43", "0.00", "12.30")
    ]
    assert [axes.get_title() for axes in exact_posterior(*_gaussians(2)).axes] == ["", ""]


@pytest.mark.parametrize("count", [1, 2, 4, 6])
@pytest.mark.parametrize("event_shape", [None, (8, 8), (4, 40, 3), (12,)])
def test_one_to_six_inputs_are_legible(count, event_shape, assert_legible):
    inputs = None
    if event_shape is not None:
        inputs = 3 * np.random.default_rng(0).random((count, *event_shape))
    figure = exact_posterior(*_gaussians(count), inputs=inputs, gaps=np.full(count, 123.456))
    assert_legible(figure)
    assert len([axes for axes in figure.axes if _ellipses(axes)]) == count == len(figure.axes)


@pytest.mark.parametrize("std", [1e-4, 1e-2, 30.0])
def test_narrow_and_wide_posteriors_have_legible_axes(std, assert_legible):
    mean, stds = np.array([-12.3456, 0.98765]), np.array([std, std])
    grids = list(zip(*[_gaussian(mean, stds)] * 3, strict=True))
    assert_legible(exact_posterior(*grids, [mean] * 3, [stds] * 3))


def test_a_grid_that_cuts_the_posterior_off_is_told(assert_legible, all_text):
    assert "cuts off" not in all_text(exact_posterior(*_gaussians(3, reach=4.0)))
    for shift in ([3.0, 0], [-3, 0], [0, 3], [0, -3]):
        arguments = _gaussians(3)
        nodes_1, nodes_2, _ = _gaussian(MEANS[1] + STDS[1] * shift, STDS[1], reach=4.0)
        z = np.stack(np.meshgrid(nodes_1, nodes_2, indexing="ij"), axis=-1)
        arguments[0][1], arguments[1][1] = nodes_1, nodes_2
        arguments[2][1] = multivariate_normal(MEANS[1], np.diag(STDS[1] ** 2)).logpdf(z)
        figure = exact_posterior(*arguments)
        assert_legible(figure)
        assert all_text(figure).count("The grid of panel 2 cuts off a part of p(z|x).") == 1
        assert all_text(figure).count("cuts off") == 1


def test_a_grid_too_coarse_to_show_anything_is_refused():
    nodes = np.linspace(-3, 3, 7)
    spike = np.full((7, 7), -1000.0)
    spike[3, 3] = 0
    for log_posterior in (spike, np.zeros((7, 7))):
        with pytest.raises(ValueError, match=r"does not show its posterior: .* Use a finer grid"):
            exact_posterior([nodes], [nodes], [log_posterior], [[0, 0]], [[1, 1]])


def test_refusals():
    nodes_1, nodes_2, log_posteriors, z_means, z_stds = _gaussians(2)
    with pytest.raises(ValueError, match=r"expected both of shape \(N, 2\), got \(2, 3\)"):
        exact_posterior(nodes_1, nodes_2, log_posteriors, np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"got \(2, 2\) and \(1, 2\)"):
        exact_posterior(nodes_1, nodes_2, log_posteriors, z_means, z_stds[:1])
    with pytest.raises(ValueError, match=r"z_stds are out of range: .* above 0, got -0.5"):
        exact_posterior(nodes_1, nodes_2, log_posteriors, z_means, -z_stds)
    with pytest.raises(ValueError, match=r"expected 2 of nodes_1, .* got \(2, 1, 2\)"):
        exact_posterior(nodes_1, nodes_2[:1], log_posteriors, z_means, z_stds)
    with pytest.raises(ValueError, match=r"log_posteriors\[1\] does not fit .* \(120, 90\)"):
        exact_posterior(nodes_1, nodes_2, [log_posteriors[0], log_posteriors[1].T], z_means, z_stds)
    with pytest.raises(ValueError, match=r"nodes_2\[0\] is not an axis: .* ascending"):
        exact_posterior(nodes_1, [nodes_2[0][::-1], nodes_2[1]], log_posteriors, z_means, z_stds)
    with pytest.raises(ValueError, match=r"nodes_1\[0\] is not an axis: .* at least two"):
        exact_posterior([[0.0], nodes_1[1]], nodes_2, log_posteriors, z_means, z_stds)
    bad = np.full_like(log_posteriors[0], -np.inf)
    with pytest.raises(ValueError, match=r"log_posteriors\[0\] holds NaN or infinity"):
        exact_posterior(nodes_1, nodes_2, [bad, log_posteriors[1]], z_means, z_stds)
    with pytest.raises(ValueError, match=r"inputs has the wrong length: expected 2 .* got 1"):
        exact_posterior(*_gaussians(2), inputs=np.zeros((1, 8, 8)))
    with pytest.raises(ValueError, match=r"gaps has the wrong length: expected 2 .* got 1"):
        exact_posterior(*_gaussians(2), gaps=[1.0])
