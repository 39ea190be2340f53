import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from keras_vae.plots import rate_distortion

RATES, DISTORTIONS = [2.0, 6.0, 15.0, 3.0, 9.0, 25.0], [130.0, 110.0, 95.0, 125.0, 100.0, 76.0]
NAMES, CURVES = ["10", "1", "0.1"] * 2, ["latent 2"] * 3 + ["latent 8"] * 3


def crossings(axes):
    """ELBO -> what rate + distortion are along its line."""
    lines = [line for line in axes.lines if line.get_linestyle() == "--"]
    return [line.get_xdata() + line.get_ydata() for line in lines]


def test_along_each_gray_line_rate_and_distortion_have_one_sum_which_it_names(assert_legible):
    figure = rate_distortion(RATES, DISTORTIONS, NAMES, CURVES)
    assert_legible(figure)
    (axes,) = figure.axes
    sums = crossings(axes)
    assert len(sums) >= 3
    assert all(np.ptp(each) == pytest.approx(0, abs=1e-9) for each in sums)
    named = [float(text.get_text().split()[1]) for text in axes.texts if "ELBO" in text.get_text()]
    assert named
    assert all(min(abs(-each[0] - elbo) for each in sums) < 1e-6 for elbo in named)


def test_the_largest_elbo_is_in_the_ring_and_points_are_joined_by_rate():
    figure = rate_distortion([15, 2, 6], [95, 130, 99], ["0.1", "10", "1"], [""] * 3)
    (axes,) = figure.axes
    ring = next(line for line in axes.lines if line.get_label() == "largest ELBO")
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (6, 99)
    curve = next(line for line in axes.lines if len(line.get_xdata()) == 3)
    assert curve.get_xdata().tolist() == [2, 6, 15]
    assert curve.get_ydata().tolist() == [130, 99, 95]


@pytest.mark.parametrize("seed", range(2))
def test_names_cover_neither_each_other_nor_a_point(seed, assert_legible):
    rng = np.random.default_rng(seed)
    rate = np.sort(rng.uniform(1, 25, 15))
    figure = rate_distortion(
        rate, 70 + 80 * np.exp(-rate / 9), [f"{b:g}" for b in rng.uniform(0, 9, 15).round(1)],
        list(np.repeat(["latent 2", "latent 8", "latent 32"], 5)), np.full(15, 0.5),
    )  # fmt: skip
    assert_legible(figure)
    (axes,) = figure.axes
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in axes.texts]
    points = axes.transData.transform(np.stack([rate, 70 + 80 * np.exp(-rate / 9)], axis=1))
    assert len(boxes) > 15
    for number, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:number])
        assert not any(box.contains(*point) for point in points)


def test_a_single_model_without_a_name_is_drawn(assert_legible, all_text):
    figure = rate_distortion([1.0], [2.0], [""], [""])
    assert_legible(figure)
    assert "Beside" not in all_text(figure)


def test_refusals():
    with pytest.raises(ValueError, match=r"distortions has the wrong length: expected 2 .* got 1"):
        rate_distortion([1, 2], [1], ["", ""], ["", ""])
    with pytest.raises(ValueError, match="rate_spreads is out of range"):
        rate_distortion([1], [1], [""], [""], [-1])
