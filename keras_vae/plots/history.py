"""How a training went."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array, finite_examples
from keras_vae.plots.style import (
    FAINT,
    PALETTE,
    SMALL_SIZE,
    TEXT,
    new_figure,
    set_labels,
    set_title,
)

LINES = {
    "": {"color": PALETTE[0], "linestyle": "--", "marker": ".", "label": "training"},
    "val_": {"color": PALETTE[6], "linestyle": "-", "marker": ".", "label": "validation"},
}
# With fewer epochs there is nothing left to look at without the first.
FEWEST_EPOCHS_TO_CUT = 5
Y_LABELS = {
    "elbo": "elbo (nats per example)",
    "distortion": "distortion (nats)",
    "rate": "rate (nats)",
    "beta": "beta",
}


def history(
    columns: Mapping[str, ArrayLike],
    baseline: float | None = None,
    best_epoch: int | None = None,
) -> Figure:
    """Draw the elbo, and beside it the distortion and the rate, against the epoch.

    Args:
        columns: One value for each epoch under "epoch", "elbo", "distortion" and "rate", the
            last three in nats per example; drawn too where they exist, the same with "val_" in
            front, and "beta" if it is not 1 throughout. Other columns are left alone.
        baseline: The log-likelihood of a model with independent pixels in nats per example, on
            the scale of the elbo: a dotted line.
        best_epoch: The epoch of the best checkpoint: a star.

    Returns:
        The figure. A first epoch that would squeeze the others is left outside, which the panel
        then says.
    """
    columns = _checked_columns(columns)
    right = ["distortion", "rate"]
    if np.any(columns.get("beta", 1) != 1):
        right.append("beta")
    figure = new_figure(10, 2.2 * len(right) + 0.8)
    panels = figure.subplot_mosaic([["elbo", name] for name in right], width_ratios=(3, 2))
    extras = _draw_extras(panels["elbo"], columns, baseline, best_epoch)
    for name, axes in panels.items():
        _draw_panel(axes, name, columns, extras if name == "elbo" else [])
    handles, labels = panels["elbo"].get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=len(labels),
        fontsize=SMALL_SIZE,
        frameon=False,
    )
    set_title(figure, "Training history: elbo = -(rate + distortion), higher is better")
    return figure


def _checked_columns(columns: Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
    missing = [name for name in ("epoch", "elbo", "distortion", "rate") if name not in columns]
    if missing:
        raise ValueError(
            f"The history lacks columns: expected epoch, elbo, distortion and rate, got "
            f"{sorted(columns)} without {missing}. Pass the history of a whole training."
        )
    drawn = ["epoch", "beta", *(prefix + name for prefix in LINES for name in Y_LABELS)]
    checked = {
        name: finite_array(f"Column {name!r}", columns[name], ndim=1)
        for name in drawn
        if name in columns
    }
    count = len(checked["epoch"])
    return {
        name: finite_examples(f"Column {name!r}", column, count) for name, column in checked.items()
    }


def _draw_extras(
    axes: Axes, columns: dict[str, np.ndarray], baseline: float | None, best_epoch: int | None
) -> list[float]:
    """Draw the baseline and the best epoch; returns their heights, which have to be in sight."""
    heights = []
    if baseline is not None:
        heights.append(float(finite_array("baseline", baseline, ndim=0)))
        axes.axhline(heights[-1], color=FAINT, linestyle=":", label="pixel-independent baseline")
    if best_epoch is not None:
        at = np.flatnonzero(columns["epoch"] == best_epoch)
        if not len(at):
            raise ValueError(
                f"best_epoch is not in the history: expected one of the epochs "
                f"{columns['epoch'].min():g} to {columns['epoch'].max():g}, got {best_epoch!r}. "
                "Count epochs as the column epoch does."
            )
        heights.append(float(columns.get("val_elbo", columns["elbo"])[at[0]]))
        axes.plot(
            best_epoch,
            heights[-1],
            linestyle="",
            marker="*",
            markersize=13,
            color=TEXT,
            zorder=3,
            label=f"best checkpoint (epoch {best_epoch})",
        )
    return heights


def _draw_panel(
    axes: Axes, name: str, columns: dict[str, np.ndarray], heights: Sequence[float]
) -> None:
    prefixes = [prefix for prefix in LINES if prefix + name in columns]
    if name == "beta":  # one schedule, the same for both
        prefixes = [""]
    series = [columns[prefix + name] for prefix in prefixes]
    for prefix, values in zip(prefixes, series, strict=True):
        axes.plot(columns["epoch"], values, linewidth=1.5, markersize=5, **LINES[prefix])
    low, high, note = _limits(series, heights)
    axes.set_ylim(low, high)
    axes.set_title(note, loc="right", fontsize=SMALL_SIZE, color=FAINT)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if len(columns["epoch"]) == 1:
        axes.set_xticks(columns["epoch"])
    set_labels(axes, "epoch", Y_LABELS[name])


def _limits(series: Sequence[np.ndarray], heights: Sequence[float]) -> tuple[float, float, str]:
    """The y-limits, and a note on the first epochs that they leave outside.

    A first epoch is left outside if it lies farther from the rest than the rest is wide, so that
    it would take more than half of the panel.
    """
    firsts = np.array([values[0] for values in series])
    rest = np.concatenate([*(values[1:] for values in series), heights])
    width = np.ptp(rest) if len(rest) else 0.0
    outside = np.zeros(len(firsts), dtype=bool)
    if width > 0 and len(series[0]) >= FEWEST_EPOCHS_TO_CUT:
        outside = (firsts < rest.min() - width) | (firsts > rest.max() + width)
    inside = np.concatenate([rest, firsts[~outside]])
    pad = 0.05 * np.ptp(inside) or 0.5
    notes = []
    for side in ("below", "above"):
        gone = firsts[outside & ((firsts < inside.min()) == (side == "below"))]
        if len(gone):
            values = ", ".join(f"{value:.1f}" for value in gone)
            notes.append(f"first epoch {side} the axis ({values})")
    return inside.min() - pad, inside.max() + pad, "; ".join(notes)
