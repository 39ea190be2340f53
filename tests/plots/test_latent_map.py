import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.contour import ContourSet
from matplotlib.patches import Circle
from matplotlib.text import Annotation
from scipy.stats import chi2, norm

from keras_vae.plots import latent_map

CAPTION = "The loss never sees a class: colours were added afterwards."
BOLD = "In bold: each class at the median of its points, or a line leads there."


def _clusters(classes, count=600, scale=2.0):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, count)
    labels[:classes] = np.arange(classes)
    return scale * rng.normal(size=(classes, 2))[labels] + 0.3 * rng.normal(size=(count, 2)), labels


def _names(figure):
    return {text.get_text(): text for text in figure.axes[0].texts if isinstance(text, Annotation)}


def test_plain_points_without_labels(assert_legible, all_text):
    z_mean, _ = _clusters(3, count=1234)
    figure = latent_map(z_mean)
    assert_legible(figure)
    (axes,) = figure.axes
    (points,) = axes.collections
    shown = np.asarray(points.get_offsets())
    np.testing.assert_allclose(shown[np.lexsort(shown.T)], z_mean[np.lexsort(z_mean.T)])
    assert len(np.unique(points.get_facecolors(), axis=0)) == 1
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("z_1", "z_2")
    assert axes.get_aspect() == 1
    assert axes.get_legend() is None
    assert "posterior means z_mean (N = 1,234)" in all_text(figure)
    assert CAPTION not in all_text(figure)
    assert BOLD not in all_text(figure)


def test_classes_have_distinct_colours_and_names_at_their_medians(assert_legible, all_text):
    z_mean, labels = _clusters(10)
    figure = latent_map(z_mean, labels)
    assert_legible(figure)
    (axes,) = figure.axes
    (points,) = axes.collections
    colour_of = {}
    for point, colour in zip(points.get_offsets(), points.get_facecolors(), strict=True):
        nearest = labels[np.abs(z_mean - point).sum(axis=1).argmin()]
        colour_of.setdefault(nearest, set()).add(tuple(colour))
    assert all(len(colours) == 1 for colours in colour_of.values())
    assert len(set.union(*colour_of.values())) == 10
    for k, text in ((k, _names(figure)[str(k)]) for k in range(10)):
        np.testing.assert_allclose(text.xy, np.median(z_mean[labels == k], axis=0))
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == [str(k) for k in range(10)]
    assert CAPTION in all_text(figure)
    assert BOLD in all_text(figure)
    assert {text.get_fontweight() for text in _names(figure).values()} == {"bold"}


def test_names_of_classes_and_absent_classes(assert_legible):
    z_mean, labels = _clusters(2)
    figure = latent_map(z_mean, 2 * labels, ["Coat", "Bag", "Ankle boot"])
    assert_legible(figure)
    assert list(_names(figure)) == ["Coat", "Ankle boot"]


@pytest.mark.parametrize("scale", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("classes", [10, 30])
def test_names_do_not_overlap_even_if_the_classes_do(scale, classes, assert_legible):
    z_mean, labels = _clusters(classes, scale=scale)
    figure = latent_map(z_mean, labels, [f"class {k}" for k in range(classes)])
    assert_legible(figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    # Text.get_window_extent leaves out the leader lines, which may cross.
    boxes = [
        super(Annotation, text).get_window_extent(canvas.get_renderer())
        for text in _names(figure).values()
    ]
    for k, box in enumerate(boxes):
        for other in boxes[k + 1 :]:
            across = min(box.x1, other.x1) - max(box.x0, other.x0)
            down = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert across < 2 or down < 2 + 0.2 * box.height


def test_long_names_at_the_edge_stay_inside(assert_legible):
    z_mean = np.array([[-4.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    names = ["a name of thirty letters or so"] * 3
    assert_legible(latent_map(z_mean, [0, 1, 2], names))
    assert_legible(latent_map(0 * z_mean, [0, 1, 2], names))


def test_more_than_ten_classes_are_named_without_a_legend(assert_legible):
    z_mean, labels = _clusters(26)
    figure = latent_map(z_mean, labels)
    assert_legible(figure)
    assert len(_names(figure)) == 26
    assert figure.axes[0].get_legend() is None
    assert len(np.unique(figure.axes[0].collections[0].get_facecolors(), axis=0)) == 26


def test_more_than_thirty_classes_are_not_named(all_text):
    z_mean, labels = _clusters(31)
    figure = latent_map(z_mean, labels)
    assert not _names(figure)
    assert BOLD not in all_text(figure)


def test_the_circles_hold_what_the_caption_says(all_text):
    figure = latent_map(_clusters(3)[0])
    circles = [patch for patch in figure.axes[0].patches if isinstance(patch, Circle)]
    assert [circle.radius for circle in circles] == [1, 2, 3]
    shares = [f"{chi2.cdf(radius**2, df=2):.0%}" for radius in (1, 2, 3)]
    assert shares == ["39%", "86%", "99%"]
    text = all_text(figure)
    assert "1, 2 and 3 sd of N(0, I) hold 39%, 86% and 99% of it" in text
    for radius in (1, 2, 3):
        assert f"{radius} sd" in text


def test_of_many_latents_the_two_of_largest_variance_are_shown(assert_legible):
    rng = np.random.default_rng(0)
    z_mean = rng.normal(size=(500, 8)) * [0.1, 0.1, 0.8, 0.1, 0.1, 0.1, 1.0, 0.1]
    figure = latent_map(z_mean)
    assert_legible(figure)
    (axes,) = figure.axes
    variance = z_mean.var(axis=0)
    assert axes.get_xlabel() == f"z_7 (variance {variance[6]:.2f})"
    assert axes.get_ylabel() == f"z_3 (variance {variance[2]:.2f})"
    shown = np.asarray(axes.collections[0].get_offsets())
    np.testing.assert_allclose(np.sort(shown[:, 0]), np.sort(z_mean[:, 6]))


def test_all_points_and_circles_are_in_sight():
    for scale in (0.01, 1, 20):
        z_mean = scale * np.array([[1.0, -2.0], [0.5, 0.0]])
        low, high = latent_map(z_mean).axes[0].get_xlim()
        assert low == -high
        assert high > max(3, 2 * scale)


def test_one_latent_is_a_histogram_with_the_density_of_the_prior(assert_legible):
    z_mean = np.random.default_rng(0).normal(size=(500, 1))
    figure = latent_map(z_mean)
    assert_legible(figure)
    (axes,) = figure.axes
    area = sum(bar.get_width() * bar.get_height() for bar in axes.patches)
    assert area == pytest.approx(1)
    z, density = axes.lines[0].get_data()
    np.testing.assert_allclose(density, norm.pdf(z))
    assert axes.get_xlabel() == "z_1"


def test_one_latent_with_labels_has_a_row_for_each_class(assert_legible, all_text):
    z_mean, labels = _clusters(3)
    figure = latent_map(z_mean[:, :1], labels, ["Coat", "Bag", "Boot"])
    assert_legible(figure)
    strips = figure.axes[1]
    points = np.asarray(strips.collections[0].get_offsets())
    np.testing.assert_allclose(points[:, 0], z_mean[:, 0])
    np.testing.assert_array_equal(points[:, 1].round(), labels)
    assert [label.get_text() for label in strips.get_yticklabels()] == ["Coat", "Bag", "Boot"]
    assert CAPTION in all_text(figure)


def test_one_latent_with_too_many_classes_to_name(assert_legible):
    z_mean, labels = _clusters(31)
    figure = latent_map(z_mean[:, :1], labels)
    assert_legible(figure)
    assert figure.axes[1].get_ylabel() == "31 classes, one row each"


def test_a_single_example_can_be_drawn(assert_legible, all_text):
    for latents in (1, 2, 3):
        figure = latent_map(np.zeros((1, latents)), [0])
        assert_legible(figure)
        assert "(N = 1)" in all_text(figure)


def test_refusals():
    z_mean = np.zeros((4, 2))
    with pytest.raises(ValueError, match=r"z_mean holds NaN or infinity: .* got 1 of 2"):
        latent_map([[0.0, np.nan]])
    with pytest.raises(ValueError, match="z_mean has the wrong shape: expected 2 axes, got 1"):
        latent_map(np.zeros(4))
    with pytest.raises(ValueError, match=r"expected integers of shape \(4,\), got int64 of .*3"):
        latent_map(z_mean, np.zeros(3, np.int64))
    with pytest.raises(ValueError, match=r"got float64 of shape \(4, 10\).* argmax"):
        latent_map(z_mean, np.zeros((4, 10)))
    with pytest.raises(ValueError, match="expected 0 to 1 for 2 names, got 0 to 2"):
        latent_map(z_mean, [0, 1, 2, 0], ["Coat", "Bag"])


def test_another_prior_is_drawn_as_it_is(assert_legible, all_text):
    z_mean, labels = _clusters(3)
    rng = np.random.default_rng(5)
    prior = np.stack([np.zeros(5000), rng.normal(9, 2, 5000), rng.normal(-4, 1, 5000)], axis=1)
    codes = np.concatenate([0.01 * z_mean[:, :1], z_mean], axis=1)
    figure = latent_map(codes, labels, prior=prior)
    assert_legible(figure)
    (axes,) = figure.axes
    assert not axes.findobj(Circle)
    (lines,) = axes.findobj(ContourSet)
    outer = np.concatenate([path.vertices for path in lines.get_paths()])
    # of the two latents that are drawn, and all of it is in the picture
    shown = np.argsort(-codes.var(axis=0), kind="stable")[:2]
    np.testing.assert_allclose(outer.mean(axis=0), prior[:, shown].mean(axis=0), atol=1.5)
    assert axes.get_xlim()[1] > 12
    assert "Lines hold 39%, 86% and 99% of draws of the prior p(z)" in all_text(figure)
    assert "N(0, I)" not in all_text(figure)


def test_of_one_latent_another_prior_is_a_histogram(assert_legible):
    prior = np.random.default_rng(5).normal(8, 1, (5000, 1))
    figure = latent_map(np.linspace(-1, 1, 50)[:, None], prior=prior)
    assert_legible(figure)
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["z_mean", "p(z)"]
    assert axes.get_xlim()[1] > 10
