import numpy as np
import pytest

from keras_vae.plots import history


def _columns(epochs=30, validation=True, first=0.0):
    """A training whose first epoch is `first` nats worse than the curve."""
    epoch = np.arange(1, epochs + 1)
    rate = 24 - 14 * np.exp(-epoch / 4)
    distortion = 75 + 50 * np.exp(-epoch / 8)
    distortion[0] += first
    columns = {
        "epoch": epoch,
        "loss": distortion + rate,
        "elbo": -(distortion + rate),
        "distortion": distortion,
        "rate": rate,
        "beta": np.ones(epochs),
    }
    if validation:
        for name in ("loss", "elbo", "distortion", "rate"):
            columns["val_" + name] = columns[name] * 1.02
        columns["val_beta"] = np.ones(epochs)
    return columns


def _panels(figure):
    return {axes.get_ylabel().split()[0]: axes for axes in figure.axes}


def _lines(axes):
    return {line.get_label(): line for line in axes.lines}


def test_training_and_validation_in_every_panel(assert_legible):
    columns = _columns()
    figure = history(columns)
    assert_legible(figure)
    panels = _panels(figure)
    assert list(panels) == ["elbo", "distortion", "rate"]
    for name, axes in panels.items():
        lines = _lines(axes)
        np.testing.assert_array_equal(lines["training"].get_xdata(), columns["epoch"])
        np.testing.assert_array_equal(lines["training"].get_ydata(), columns[name])
        np.testing.assert_array_equal(lines["validation"].get_ydata(), columns["val_" + name])
        assert lines["training"].get_linestyle() != lines["validation"].get_linestyle()
        assert "nats" in axes.get_ylabel()
        assert axes.get_xlabel() == "epoch"


def test_validation_may_be_absent(assert_legible):
    figure = history(_columns(validation=False))
    assert_legible(figure)
    assert list(_lines(_panels(figure)["elbo"])) == ["training"]


def test_beta_is_drawn_only_where_it_is_not_1(assert_legible):
    columns = _columns()
    columns["beta"] = np.minimum(1, columns["epoch"] / 10)
    figure = history(columns)
    assert_legible(figure)
    (line,) = _panels(figure)["beta"].lines
    np.testing.assert_array_equal(line.get_ydata(), columns["beta"])
    columns["beta"] = np.full(30, 4.0)
    assert "beta" in _panels(history(columns))


def test_a_history_without_beta_or_other_columns():
    columns = _columns(validation=False)
    del columns["beta"], columns["loss"]
    columns["note"] = ["anything"] * 30
    assert list(_panels(history(columns))) == ["elbo", "distortion", "rate"]


def test_a_first_epoch_that_would_squeeze_the_rest_is_left_out_and_told(assert_legible):
    columns = _columns(first=400.0, validation=False)
    figure = history(columns)
    assert_legible(figure)
    elbo, distortion = _panels(figure)["elbo"], _panels(figure)["distortion"]
    note = f"first epoch below the axis ({columns['elbo'][0]:.1f})"
    assert elbo.get_title(loc="right") == note
    assert elbo.get_ylim()[0] > columns["elbo"][0]
    assert elbo.get_ylim()[0] < columns["elbo"][1:].min()
    assert "first epoch above the axis" in distortion.get_title(loc="right")
    assert distortion.get_ylim()[1] < columns["distortion"][0]


def test_both_first_epochs_are_told():
    columns = _columns(first=400.0)
    title = _panels(history(columns))["elbo"].get_title(loc="right")
    assert f"{columns['elbo'][0]:.1f}, {columns['val_elbo'][0]:.1f}" in title


@pytest.mark.parametrize("epochs", [1, 2, 30])
def test_otherwise_everything_is_in_sight(epochs, assert_legible):
    columns = _columns(epochs, validation=False)
    figure = history(columns)
    assert_legible(figure)
    for name, axes in _panels(figure).items():
        low, high = axes.get_ylim()
        assert low < columns[name].min() <= columns[name].max() < high
        assert axes.get_title(loc="right") == ""


def test_baseline_and_best_epoch_are_marked_in_sight(assert_legible, all_text):
    columns = _columns()
    figure = history(columns, baseline=-206.0, best_epoch=28)
    assert_legible(figure)
    axes = _panels(figure)["elbo"]
    lines = _lines(axes)
    baseline = lines["baseline: entries independent"]
    assert set(baseline.get_ydata()) == {-206.0}
    assert baseline.get_linestyle() == ":"
    assert axes.get_ylim()[0] < -206
    best = lines["best checkpoint (epoch 28)"]
    assert list(best.get_xdata()) == [28]
    assert list(best.get_ydata()) == [columns["val_elbo"][27]]
    for words in ("baseline: entries independent", "best checkpoint (epoch 28)", "training"):
        assert words in all_text(figure)


def test_the_best_epoch_is_on_the_training_curve_without_validation():
    columns = _columns(validation=False)
    lines = _lines(_panels(history(columns, best_epoch=30))["elbo"])
    assert list(lines["best checkpoint (epoch 30)"].get_ydata()) == [columns["elbo"][29]]


def test_a_best_first_epoch_stays_in_sight():
    columns = _columns(validation=False, first=400.0)
    axes = _panels(history(columns, best_epoch=1))["elbo"]
    assert axes.get_ylim()[0] < columns["elbo"][0]
    assert axes.get_title(loc="right") == ""


def test_refusals():
    columns = _columns()
    with pytest.raises(ValueError, match=r"lacks columns: .* without \['epoch', 'rate'\]"):
        history({"elbo": [1.0], "distortion": [1.0]})
    with pytest.raises(ValueError, match="Column 'val_rate' holds NaN or infinity"):
        history(columns | {"val_rate": np.full(30, np.nan)})
    with pytest.raises(ValueError, match=r"Column 'rate' has the wrong length: expected 30 .* 29"):
        history(columns | {"rate": columns["rate"][:-1]})
    with pytest.raises(ValueError, match="expected one of the epochs 1 to 30, got 31"):
        history(columns, best_epoch=31)
    with pytest.raises(ValueError, match="baseline holds NaN or infinity"):
        history(columns, baseline=np.nan)
