import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex

from keras_vae.plots.evidence_by_epoch import evidence_by_epoch


def _columns(epochs=30, rate=True, first=0.0):
    """The gap falls until epoch 12 and then grows; the first ELBO is `first` nats lower."""
    epoch = np.arange(1, epochs + 1)
    log_evidence = -150 - 60 * np.exp(-epoch / 6)
    gap = 2 + 6 * np.exp(-epoch / 3) + 0.05 * np.maximum(epoch - 12, 0)
    gap[0] += first
    columns = {
        "epoch": epoch,
        "log_evidence": log_evidence,
        "elbo": log_evidence - gap,
        "posterior_kl": gap,
        "note": ["anything"] * epochs,
    }
    return columns | ({"rate": 7 - 2 * np.exp(-epoch / 5)} if rate else {})


def _steps(axes):
    """{label: the steps drawn with it, (n, 2, 2)}."""
    return {
        lines.get_label(): np.array(lines.get_segments())
        for lines in axes.collections
        if isinstance(lines, LineCollection)
    }


def test_log_evidence_and_elbo_with_the_gap_shaded_between_them(assert_legible):
    columns = _columns()
    figure = evidence_by_epoch(columns)
    assert_legible(figure)
    axes = figure.axes[0]
    lines = {line.get_label(): line for line in axes.lines}
    for label, name in (("exact log p(x)", "log_evidence"), ("ELBO", "elbo")):
        np.testing.assert_array_equal(lines[label].get_xdata(), columns["epoch"])
        np.testing.assert_array_equal(lines[label].get_ydata(), columns[name])
    (shade,) = axes.collections
    assert shade.get_label() == "gap: KL(q(z|x) || p(z|x))"
    corners = {tuple(corner) for corner in shade.get_paths()[0].vertices}
    for name in ("log_evidence", "elbo"):
        assert set(zip(columns["epoch"], columns[name], strict=True)) <= corners
    assert axes.get_ylabel() == "nats per example"
    low, high = axes.get_ylim()
    assert low < columns["elbo"].min() <= columns["log_evidence"].max() < high


def test_the_gap_has_a_panel_below_and_the_rate_one_more():
    columns = _columns()
    figure = evidence_by_epoch(columns)
    assert [axes.get_ylabel() for axes in figure.axes[1:]] == ["gap (nats)", "rate (nats)"]
    steps = np.concatenate(list(_steps(figure.axes[1]).values()))
    steps = steps[np.argsort(steps[:, 0, 0])]
    drawn = np.concatenate([steps[:, 0], steps[-1:, 1]])
    np.testing.assert_array_equal(drawn, np.stack([columns["epoch"], columns["posterior_kl"]], 1))
    np.testing.assert_array_equal(steps[1:, 0], steps[:-1, 1])
    (rate,) = figure.axes[2].lines
    np.testing.assert_array_equal(rate.get_ydata(), columns["rate"])
    assert [axes.get_xlabel() for axes in figure.axes] == ["", "", "epoch"]


def test_without_a_rate_there_are_two_panels(assert_legible):
    figure = evidence_by_epoch(_columns(rate=False))
    assert_legible(figure)
    assert len(figure.axes) == 2
    assert figure.axes[1].get_xlabel() == "epoch"


def test_steps_tell_where_a_rising_elbo_shrinks_the_gap_and_where_it_does_not(assert_legible):
    #               shrinks  grows  falls  falls  equal: neither rises nor grows
    elbo = np.array([-100.0, -90.0, -85.0, -86.0, -88.0, -88.0])
    gap = np.array([9.0, 5.0, 6.0, 5.5, 7.0, 7.0])
    columns = {"epoch": range(6), "elbo": elbo, "posterior_kl": gap, "log_evidence": elbo + gap}
    figure = evidence_by_epoch(columns)
    assert_legible(figure)
    axes = figure.axes[1]
    starts = {label: steps[:, 0, 0].tolist() for label, steps in _steps(axes).items()}
    assert starts == {
        "ELBO rises, gap shrinks (1 of 5 steps)": [0],
        "ELBO rises, gap grows (1 of 5 steps)": [1],
        "ELBO does not rise (3 of 5 steps)": [2, 3, 4],
    }
    colours = {to_hex(lines.get_color()[0]) for lines in axes.collections}
    assert len(colours) == 3
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(starts)


def test_what_never_happened_is_not_in_the_legend():
    columns = _columns(epochs=10, rate=False)
    assert list(_steps(evidence_by_epoch(columns).axes[1])) == [
        "ELBO rises, gap shrinks (9 of 9 steps)"
    ]


def test_title_and_caption_give_the_identity(all_text):
    figure = evidence_by_epoch(_columns(), "log p(x) by annealed importance sampling")
    assert figure.get_suptitle() == "log p(x) = ELBO + gap, where the gap is KL(q(z|x) || p(z|x))"
    assert "Change of the ELBO = change of log p(x) - change of the gap" in all_text(figure)
    assert "log p(x) by annealed importance sampling" in all_text(figure)
    assert "exact" not in all_text(figure)


def test_a_first_epoch_that_would_squeeze_the_rest_is_left_out_and_told(assert_legible):
    columns = _columns(first=400.0)
    figure = evidence_by_epoch(columns)
    assert_legible(figure)
    bound, gap, rate = figure.axes
    assert bound.get_title(loc="right") == f"first epoch below the axis ({columns['elbo'][0]:.1f})"
    assert bound.get_ylim()[0] > columns["elbo"][0]
    assert bound.get_ylim()[0] < columns["log_evidence"].min()
    above = f"first epoch above the axis ({columns['posterior_kl'][0]:.1f})"
    assert gap.get_title(loc="right") == above
    assert rate.get_title(loc="right") == ""


@pytest.mark.parametrize("epochs", [1, 2, 200])
def test_few_and_many_epochs_are_legible(epochs, assert_legible):
    figure = evidence_by_epoch(_columns(epochs), "log p(x) by annealed importance sampling")
    assert_legible(figure)
    assert len(figure.axes) == 3


def test_a_single_epoch_is_a_point():
    columns = _columns(1)
    axes = evidence_by_epoch(columns).axes[1]
    (point,) = axes.lines
    assert point.get_xydata().tolist() == [[1, columns["posterior_kl"][0]]]
    assert point.get_marker() == "."
    low, high = axes.get_ylim()
    assert low < columns["posterior_kl"][0] < high


def test_refusals():
    columns = _columns()
    with pytest.raises(ValueError, match=r"lacks columns: .* without \['log_evidence'\]"):
        evidence_by_epoch({name: columns[name] for name in ("epoch", "elbo", "posterior_kl")})
    with pytest.raises(ValueError, match=r"Column 'rate' has the wrong length: expected 30 .* 29"):
        evidence_by_epoch(columns | {"rate": columns["rate"][:-1]})
    with pytest.raises(ValueError, match="Column 'posterior_kl' holds NaN or infinity"):
        evidence_by_epoch(columns | {"posterior_kl": np.full(30, np.nan)})
