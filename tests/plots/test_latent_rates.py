import numpy as np
import pytest
from matplotlib.colors import to_hex

from keras_vae.plots.latent_rates import latent_rates


def _bars(figure):
    """(bars of the rates, grounds of the inactive)."""
    grounds, bars = figure.axes[0].containers
    return list(bars), list(grounds)


def _rates(count):
    """Rates of which the larger 70 % or so are active."""
    rng = np.random.default_rng(0)
    active = rng.random(count) < 0.7
    return np.where(active, 0.1 + rng.gamma(2.0, 1.2, count), 0.01 * rng.random(count)), active


def test_bars_go_down_from_the_largest_rate_under_the_names_of_their_latents(assert_legible):
    figure = latent_rates([0.5, 3.0, 0.001, 2.0], np.array([True, True, False, True]))
    assert_legible(figure)
    bars, _ = _bars(figure)
    assert [bar.get_height() for bar in bars] == [3.0, 2.0, 0.5, 0.001]
    assert [bar.get_x() + bar.get_width() / 2 for bar in bars] == pytest.approx([0, 1, 2, 3])
    (axes,) = figure.axes
    assert axes.get_xticks().tolist() == [0, 1, 2, 3]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["z_2", "z_4", "z_1", "z_3"]
    assert axes.get_ylabel() == "rate (nats per example)"
    assert figure.get_suptitle() == "Rate of each latent, KL(q(z_j|x) || p(z_j)): 5.50 nats in all"


def test_active_and_inactive_latents_differ_in_colour_and_are_counted():
    # The inactive is not the smallest: activity is given, and not read off the rates.
    figure = latent_rates([2.0, 1.0, 3.0, 0.5], np.array([False, True, True, True]))
    bars, grounds = _bars(figure)
    colours = [to_hex(bar.get_facecolor()) for bar in bars]
    assert colours[0] == colours[2] == colours[3] != colours[1]
    handles = figure.axes[0].get_legend().get_patches()
    assert [to_hex(handle.get_facecolor()) for handle in handles] == [colours[0], colours[1]]
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["active (3)", "inactive (1)"]
    (ground,) = grounds
    assert ground.get_x() + ground.get_width() / 2 == pytest.approx(1)


def test_the_ground_of_an_inactive_latent_is_as_high_as_the_picture():
    figure = latent_rates([7.0, 1e-4], np.array([True, False]))
    (axes,) = figure.axes
    _, (ground,) = _bars(figure)
    corners = ground.get_window_extent()
    assert (corners.y0, corners.y1) == pytest.approx((axes.bbox.y0, axes.bbox.y1))


@pytest.mark.parametrize("active", [True, False])
def test_a_group_without_latents_is_counted_too(active, assert_legible):
    figure = latent_rates([1.0, 2.0], np.array([active, active]))
    assert_legible(figure)
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == (["active (2)", "inactive (0)"] if active else ["active (0)", "inactive (2)"])
    handles = figure.axes[0].get_legend().get_patches()
    assert to_hex(handles[0].get_facecolor()) != to_hex(handles[1].get_facecolor())


@pytest.mark.parametrize("count", [1, 2, 10, 20, 21, 50, 60, 61, 200])
def test_one_to_two_hundred_latents_are_legible(count, assert_legible):
    rates, active = _rates(count)
    figure = latent_rates(rates, active)
    assert_legible(figure)
    (axes,) = figure.axes
    order = np.argsort(-rates)
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert len(labels) == count if count <= 60 else 40 < len(labels) <= 60
    assert labels == [f"z_{order[int(place)] + 1}" for place in axes.get_xticks()]
    assert (labels[0], labels[-1]) == (f"z_{order[0] + 1}", f"z_{order[-1] + 1}")
    low, high = axes.get_ylim()
    assert low == 0
    assert high > rates.max()
    bars, _ = _bars(figure)
    left, right = axes.get_xlim()
    assert left < bars[0].get_x()
    assert bars[-1].get_x() + bars[-1].get_width() < right


def test_the_rates_of_a_collapsed_model_look_small():
    bottom, top = latent_rates(np.full(10, 1e-5), np.zeros(10, bool)).axes[0].get_ylim()
    assert bottom == 0
    assert top >= 0.1


def test_an_estimate_below_zero_is_in_sight(assert_legible):
    figure = latent_rates([-0.2, 1.0], np.array([False, True]))
    assert_legible(figure)
    assert figure.axes[0].get_ylim()[0] < -0.2


def test_refusals():
    with pytest.raises(ValueError, match=r"expected booleans of shape \(2,\), got int64 of .*2"):
        latent_rates([1.0, 2.0], np.array([1, 0]))
    with pytest.raises(ValueError, match=r"expected booleans of shape \(2,\), got bool of .*3"):
        latent_rates([1.0, 2.0], np.ones(3, bool))
    with pytest.raises(ValueError, match="rates has the wrong shape: expected 1 axes, got 2"):
        latent_rates(np.ones((5, 2)), np.ones((5, 2), bool))
    with pytest.raises(ValueError, match="rates holds NaN or infinity"):
        latent_rates([np.nan], np.ones(1, bool))
