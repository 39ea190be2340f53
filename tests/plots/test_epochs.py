import numpy as np
import pytest

from keras_vae.plots import new_figure
from keras_vae.plots.epochs import epoch_columns, frame_epochs


def _framed(*series, epochs=None, **options):
    axes = new_figure(5, 3).add_subplot()
    epoch = np.arange(1, len(series[0]) + 1) if epochs is None else epochs
    frame_epochs(axes, epoch, [np.array(values, float) for values in series], "nats", **options)
    return axes


def test_columns_are_the_needed_and_those_of_the_optional_that_exist():
    columns = {"epoch": [1, 2], "elbo": [-3, -2], "rate": [1, 2], "note": ["any", "thing"]}
    checked = epoch_columns(columns, ("epoch", "elbo"), optional=("rate", "beta"))
    assert set(checked) == {"epoch", "elbo", "rate"}
    assert checked["elbo"].dtype == np.float64
    assert checked["elbo"].tolist() == [-3, -2]


def test_columns_that_are_refused():
    needed = ("epoch", "elbo")
    with pytest.raises(ValueError, match=r"expected epoch, elbo, got \['rate'\] without"):
        epoch_columns({"rate": [1.0]}, needed)
    with pytest.raises(
        ValueError, match=r"Column 'elbo' has the wrong length: expected 2 .* got 1"
    ):
        epoch_columns({"epoch": [1, 2], "elbo": [1.0]}, needed)
    with pytest.raises(ValueError, match="Column 'rate' holds NaN or infinity"):
        epoch_columns({"epoch": [1], "elbo": [1.0], "rate": [np.nan]}, needed, ("rate",))
    with pytest.raises(ValueError, match="Column 'elbo' has the wrong shape: expected 1 axes"):
        epoch_columns({"epoch": [1], "elbo": [[1.0]]}, needed)


def test_a_panel_holds_all_values_and_heights_with_a_margin_of_a_twentieth():
    axes = _framed([0, 10, 20], [5, 6, 30], heights=[-10])
    assert axes.get_ylim() == pytest.approx((-12, 32))
    assert axes.get_title(loc="right") == ""
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "nats")


def test_a_first_epoch_is_left_outside_if_it_would_take_more_than_half():
    rest = [0.0, 4, 8, 10]
    kept, cut = _framed([-9.9, *rest]), _framed([-10.1, *rest])
    assert kept.get_ylim()[0] < -9.9
    assert kept.get_title(loc="right") == ""
    assert cut.get_ylim() == pytest.approx((-0.5, 10.5))
    assert cut.get_title(loc="right") == "first epoch below the axis (-10.1)"
    assert _framed([20.1, *rest]).get_title(loc="right") == "first epoch above the axis (20.1)"


def test_of_two_series_only_the_first_epochs_that_squeeze_are_left_outside():
    axes = _framed([1.0, 0, 4, 8, 10], [-50.0, 0, 4, 8, 10])
    assert axes.get_ylim() == pytest.approx((-0.5, 10.5))
    assert axes.get_title(loc="right") == "first epoch below the axis (-50.0)"
    both = _framed([-60.0, 0, 4, 8, 10], [-50.0, 0, 4, 8, 10]).get_title(loc="right")
    assert both == "first epoch below the axis (-60.0, -50.0)"


def test_four_epochs_are_too_few_to_cut():
    assert _framed([-500.0, 0, 5, 10]).get_ylim()[0] < -500


def test_only_whole_epochs_are_ticks_and_a_single_epoch_is_one():
    ticks = _framed([1.0, 2], epochs=np.array([1, 2])).get_xticks()
    np.testing.assert_array_equal(ticks, np.round(ticks))
    assert _framed([1.0], epochs=np.array([7])).get_xticks().tolist() == [7]
