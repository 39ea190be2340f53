import numpy as np
import pytest

from keras_vae.plots import reconstructions


def _pairs(count, event_shape=(8, 8)):
    return np.random.default_rng(0).random((2, count, *event_shape))


def test_inputs_are_above_their_reconstructions(assert_legible):
    x, reconstruction = _pairs(4)
    figure = reconstructions(x, reconstruction)
    assert_legible(figure)
    (axes,) = figure.axes
    shown = axes.images[0].get_array()
    for k in range(4):
        column = slice(10 * k + 1, 10 * k + 9)
        np.testing.assert_array_equal(shown[1:9, column], x[k])
        np.testing.assert_array_equal(shown[11:19, column], reconstruction[k])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["x", "mean of p(x|z)"]


def test_many_pairs_fill_rows_of_ten_drawn_alike(assert_legible):
    x, reconstruction = _pairs(23)
    distortion = np.arange(23) + 80.25
    figure = reconstructions(x, reconstruction, distortion)
    assert_legible(figure)
    assert len(figure.axes) == 3
    assert [axes.get_xlim() for axes in figure.axes] == [(0, 10)] * 3
    last = figure.axes[-1].images[0]
    assert list(last.get_extent()) == [0, 3, 2, 0]
    np.testing.assert_array_equal(last.get_array()[11:19, 21:29], reconstruction[22])
    labels = [label.get_text() for axes in figure.axes for label in axes.get_xticklabels()]
    assert labels == [f"{value:.1f}" for value in distortion]
    assert figure.axes[-1].get_xlabel() == "distortion of each pair in nats"


@pytest.mark.parametrize("event_shape", [(8, 8, 1), (8, 8, 3), (12,), (6, 2), (4, 100)])
@pytest.mark.parametrize("count", [1, 12])
def test_any_event_shape_is_legible(event_shape, count, assert_legible):
    x, reconstruction = _pairs(count, event_shape)
    assert_legible(reconstructions(x, reconstruction, np.full(count, -13280.5)))


def test_no_distortion_no_nats(all_text):
    assert "nats" not in all_text(reconstructions(*_pairs(3)))


def test_both_rows_share_one_scale(all_text):
    x, reconstruction = _pairs(3)
    figure = reconstructions(2 * x, -reconstruction)
    low, high = figure.axes[0].images[0].get_clim()
    assert (low, high) == (-reconstruction.max(), 2 * x.max())
    assert "Black is -" in all_text(figure)


def test_missing_entries_are_drawn_as_0_and_the_title_says_so(assert_legible, all_text):
    x, reconstruction = _pairs(2)
    mask = x > 0.3
    figure = reconstructions(np.where(mask, x, np.nan), reconstruction, mask=mask)
    assert_legible(figure)
    assert "missing entries" in all_text(figure)
    shown = figure.axes[0].images[0].get_array()
    np.testing.assert_array_equal(shown[1:9, 1:9], np.where(mask, x, 0)[0])
    np.testing.assert_array_equal(shown[11:19, 1:9], reconstruction[0])
    assert "missing" not in all_text(reconstructions(x, reconstruction))


def test_refusals():
    x, reconstruction = _pairs(3)
    with pytest.raises(ValueError, match=r"got x \(3, 8, 8\) and reconstruction \(2, 8, 8\)"):
        reconstructions(x, reconstruction[:2])
    with pytest.raises(ValueError, match=r"distortion has the wrong length: expected 3 .* got 1"):
        reconstructions(x, reconstruction, [1.0])
    with pytest.raises(ValueError, match="reconstruction holds NaN or infinity"):
        reconstructions(x, np.full_like(x, np.nan))
    with pytest.raises(ValueError, match="distortion holds NaN or infinity"):
        reconstructions(x, reconstruction, [1.0, np.nan, 2.0])
