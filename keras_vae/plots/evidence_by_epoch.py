"""Why an ELBO rose: a larger log p(x), or a q(z|x) closer to the true posterior."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.epochs import epoch_columns, frame_epochs
from keras_vae.plots.style import (
    FAINT,
    PALETTE,
    SMALL_SIZE,
    TEXT,
    new_figure,
    set_caption,
    set_title,
)

NEEDED = ("epoch", "log_evidence", "elbo", "posterior_kl")
LINE: dict[str, Any] = {"linewidth": 1.5, "marker": "."}
GAP = "KL(q(z|x) || p(z|x))"


def evidence_by_epoch(
    columns: Mapping[str, ArrayLike], evidence_name: str = "exact log p(x)"
) -> Figure:
    """Draw log p(x), the ELBO below it and the gap between them against the epoch.

    log p(x) = ELBO + KL(q(z|x) || p(z|x)), so from one epoch to another

        change of ELBO = change of log p(x) - change of the gap

    A higher ELBO means a smaller gap only if log p(x) did not rise more: each step of the gap is
    drawn in the colour of what happened.

    Args:
        columns: One value for each epoch, in ascending order, under "epoch", "log_evidence",
            "elbo" and "posterior_kl" (the gap), the last three in nats per example over the same
            examples; "rate", KL(q(z|x) || p(z)) in nats, gets a panel of its own if it exists.
            Other columns are left alone.
        evidence_name: How log p(x) was computed, as its line is to be named.

    Returns:
        The figure. A first epoch that would squeeze the others is left outside, which the panel
        then says.
    """
    columns = epoch_columns(columns, NEEDED, optional=("rate",))
    epoch, elbo, gap = columns["epoch"], columns["elbo"], columns["posterior_kl"]
    series = {"nats per example": [columns["log_evidence"], elbo], "gap (nats)": [gap]}
    if "rate" in columns:
        series["rate (nats)"] = [columns["rate"]]
    count = len(series)
    figure = new_figure(11, 2.2 * count + 1.8)
    panels = figure.subplots(count, sharex=True, height_ratios=(3, 2, 1.2)[:count])
    _draw_bound(panels[0], epoch, columns["log_evidence"], elbo, evidence_name)
    _draw_gap(panels[1], epoch, elbo, gap)
    if "rate" in columns:
        panels[2].plot(epoch, columns["rate"], color=FAINT, label="KL(q(z|x) || p(z))", **LINE)
    for axes, (y_label, values) in zip(panels, series.items(), strict=True):
        frame_epochs(axes, epoch, values, y_label, x_label="")
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=SMALL_SIZE, frameon=False)
    panels[-1].set_xlabel("epoch")
    set_title(figure, f"log p(x) = ELBO + gap, where the gap is {GAP}")
    set_caption(
        figure,
        "Change of the ELBO = change of log p(x) - change of the gap: while the ELBO "
        "rises,\nq(z|x) approaches the true posterior p(z|x), unless log p(x) rises even faster.",
    )
    return figure


def _draw_bound(
    axes: Axes, epoch: np.ndarray, log_evidence: np.ndarray, elbo: np.ndarray, name: str
) -> None:
    axes.plot(epoch, log_evidence, color=PALETTE[2], label=name, **LINE)
    axes.fill_between(
        epoch, elbo, log_evidence, color=PALETTE[5], alpha=0.4, linewidth=0, label=f"gap: {GAP}"
    )
    axes.plot(epoch, elbo, color=PALETTE[0], label="ELBO", **LINE)


def _draw_gap(axes: Axes, epoch: np.ndarray, elbo: np.ndarray, gap: np.ndarray) -> None:
    """Draw the gap, each step between epochs in the colour of what happened to ELBO and gap."""
    points = np.stack([epoch, gap], axis=1)
    steps = np.stack([points[:-1], points[1:]], axis=1)
    rises, grows = np.diff(elbo) > 0, np.diff(gap) > 0
    for label, colour, chosen in (
        ("ELBO rises, gap shrinks", PALETTE[1], rises & ~grows),
        ("ELBO rises, gap grows", PALETTE[6], rises & grows),
        ("ELBO does not rise", FAINT, ~rises),
    ):
        if chosen.any():
            label = f"{label} ({chosen.sum()} of {len(steps)} steps)"
            axes.add_collection(
                LineCollection(list(steps[chosen]), colors=colour, linewidths=2.5, label=label)
            )
    if not len(steps):
        axes.plot(epoch, gap, color=TEXT, linestyle="", marker=".", label="gap")
