"""How a training went."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array
from keras_vae.plots.epochs import epoch_columns, frame_epochs
from keras_vae.plots.style import (
    FAINT,
    PALETTE,
    SMALL_SIZE,
    TEXT,
    new_figure,
    set_title,
)

LINES: dict[str, dict[str, Any]] = {
    "": {"color": PALETTE[0], "linestyle": "--", "marker": ".", "label": "training"},
    "val_": {"color": PALETTE[6], "linestyle": "-", "marker": ".", "label": "validation"},
}
NEEDED = ("epoch", "elbo", "distortion", "rate")
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
    drawn = [prefix + name for prefix in LINES for name in Y_LABELS]
    columns = epoch_columns(columns, NEEDED, optional=drawn)
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


def _draw_extras(
    axes: Axes, columns: dict[str, np.ndarray], baseline: float | None, best_epoch: int | None
) -> list[float]:
    """Draw the baseline and the best epoch; returns their heights, which have to be in sight."""
    heights = []
    if baseline is not None:
        heights.append(float(finite_array("baseline", baseline, ndim=0)))
        axes.axhline(heights[-1], color=FAINT, linestyle=":", label="baseline: entries independent")
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
    frame_epochs(axes, columns["epoch"], series, Y_LABELS[name], heights)
