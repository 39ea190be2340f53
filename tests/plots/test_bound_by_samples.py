import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Annotation

from keras_vae.plots.bound_by_samples import bound_by_samples

KS = [1, 10, 100, 1000, 5000]
BOUNDS = -88.3 - np.array([2.4, 1.1, 0.5, 0.25, 0.12])
ERRORS = np.array([0.09, 0.05, 0.03, 0.02, 0.01])


def _note(axes):
    (note,) = [text for text in axes.texts if isinstance(text, Annotation)]
    return note


def test_bounds_stand_above_their_k_with_one_error_up_and_down(assert_legible):
    figure = bound_by_samples(KS, BOUNDS, ERRORS)
    assert_legible(figure)
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    line, _, (bars,) = axes.containers[0].lines
    np.testing.assert_array_equal(line.get_xdata(), KS)
    np.testing.assert_array_equal(line.get_ydata(), BOUNDS)
    for k, bound, error, bar in zip(KS, BOUNDS, ERRORS, bars.get_segments(), strict=True):
        np.testing.assert_allclose(bar, [[k, bound - error], [k, bound + error]])
    assert axes.get_ylabel() == "nats per example"
    assert [label.get_text() for label in axes.get_xticklabels()] == [f"{k:,}" for k in KS]
    assert axes.get_xticks().tolist() == KS


def test_k_1_is_named_the_elbo_and_its_distance_the_kl_to_the_true_posterior(all_text):
    figure = bound_by_samples(KS, BOUNDS, ERRORS, -88.3)
    assert figure.get_suptitle() == "L_K rises with K towards log p(x); K = 1 is the ELBO"
    note = _note(figure.axes[0])
    assert note.xy[0] == 1
    assert note.get_text() == (
        "K = 1: ELBO = -90.70 nats\nlog p(x) - ELBO = KL(q(z|x) || p(z|x)) = 2.40 nats"
    )
    assert "KL" not in all_text(bound_by_samples(KS, BOUNDS, ERRORS))


def test_without_k_1_there_is_no_elbo(all_text, assert_legible):
    figure = bound_by_samples(KS[1:], BOUNDS[1:], ERRORS[1:], -88.3)
    assert_legible(figure)
    assert "ELBO" not in all_text(figure)
    assert figure.get_suptitle() == "L_K rises with K towards log p(x)"


def test_log_evidence_is_a_line_with_the_band_of_its_error(assert_legible):
    figure = bound_by_samples(KS, BOUNDS, ERRORS, -88.3, 0.15, "annealed importance sampling")
    assert_legible(figure)
    (axes,) = figure.axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["log p(x), annealed importance sampling", "its error", "L_K"]
    line = next(line for line in axes.lines if line.get_label() == labels[0])
    assert set(line.get_ydata()) == {-88.3}
    (band,) = axes.patches
    assert (band.get_y(), band.get_y() + band.get_height()) == pytest.approx((-88.45, -88.15))
    assert axes.get_ylim()[1] > -88.15
    assert not bound_by_samples(KS, BOUNDS, ERRORS, -88.3).axes[0].patches


def test_the_caption_says_which_errors_the_bars_are(all_text):
    alone = all_text(bound_by_samples(KS, BOUNDS, ERRORS))
    assert "one standard error of the distance to L_K at K = 5,000, taken example by" in alone
    known = all_text(bound_by_samples(KS, BOUNDS, ERRORS, -88.3))
    assert "one standard error of the distance to log p(x), taken example by example" in known
    assert "from the choice of examples, is left out" in alone


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("scale", [0.0, 1e-5, 1.0, 50.0])
def test_names_and_legend_cover_neither_the_bars_nor_each_other(count, scale, assert_legible):
    bounds, errors = BOUNDS[:count], scale * ERRORS[:count]
    figure = bound_by_samples(KS[:count], bounds, errors, -88.3, scale, "exact, by quadrature")
    assert_legible(figure)
    (axes,) = figure.axes
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    note = _note(axes).get_window_extent(canvas.get_renderer())
    legend = axes.get_legend().get_window_extent(canvas.get_renderer())
    lowest = axes.transData.transform((1, min((bounds - errors).min(), -88.3 - scale)))[1]
    assert note.y1 < lowest
    assert note.y0 > axes.bbox.y0
    assert not note.overlaps(legend)
    assert legend.y1 < lowest
    low, high = axes.get_ylim()
    assert low < (bounds - errors).min() <= (bounds + errors).max() < high
    left, right = axes.get_xlim()
    assert left < 1 <= KS[count - 1] < right


@pytest.mark.parametrize(
    ("ks", "named"),
    [
        ([1], ["1"]),
        ([1, 2], ["1", "2"]),
        ([1, 999, 1000], ["1", "1,000"]),
        ([20, 30, 50], ["20", "30", "50"]),
        (range(1, 40), None),
        ([2**k for k in range(17)], None),
        ([1, 10_000_000, 11_000_000], ["1", "11,000,000"]),
    ],
)
def test_names_of_k_are_thinned_with_both_ends_in(ks, named, assert_legible):
    figure = bound_by_samples(ks, np.linspace(-90, -89, len(ks)), np.zeros(len(ks)))
    assert_legible(figure)
    assert not len(figure.axes[0].xaxis.get_minorticklocs())
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert (labels[0], labels[-1]) == (f"{ks[0]:,}", f"{ks[-1]:,}")
    assert len(labels) == len(set(labels))
    assert named is None or labels == named


def test_bounds_of_many_nats_that_differ_little_have_whole_tick_labels(assert_legible):
    figure = bound_by_samples([1, 5], [-13000.002, -13000.001], [1e-5, 0])
    assert_legible(figure)
    ticks = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert all(label.startswith("−13000") for label in ticks)  # noqa: RUF001


def test_refusals():
    with pytest.raises(ValueError, match=r"ks cannot be an axis: .* ascending .* got \[10, 1\]"):
        bound_by_samples([10, 1], [-1, -2], [0, 0])
    with pytest.raises(ValueError, match=r"ks cannot be an axis: .* got \[\]"):
        bound_by_samples([], [], [])
    with pytest.raises(ValueError, match=r"ks cannot be an axis: .* got \[1, 1\]"):
        bound_by_samples([1, 1], [-1, -2], [0, 0])
    with pytest.raises(ValueError, match=r"A number of samples K is out of range: .* got 0"):
        bound_by_samples([0, 1], [-1, -2], [0, 0])
    with pytest.raises(ValueError, match=r"bounds has the wrong length: expected 5 .* got 4"):
        bound_by_samples(KS, BOUNDS[:-1], ERRORS)
    with pytest.raises(ValueError, match=r"errors has the wrong length: expected 5 .* got 4"):
        bound_by_samples(KS, BOUNDS, ERRORS[:-1])
    with pytest.raises(ValueError, match=r"errors is out of range: .* at least 0, got -0.09"):
        bound_by_samples(KS, BOUNDS, -ERRORS)
    with pytest.raises(ValueError, match="log_evidence holds NaN or infinity"):
        bound_by_samples(KS, BOUNDS, ERRORS, np.nan)
    with pytest.raises(ValueError, match="log_evidence_error is out of range"):
        bound_by_samples(KS, BOUNDS, ERRORS, -88.3, -1.0)
    with pytest.raises(ValueError, match="log_evidence_error came alone"):
        bound_by_samples(KS, BOUNDS, ERRORS, log_evidence_error=0.1)
