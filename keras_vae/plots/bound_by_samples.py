"""How the importance-weighted bound closes in on log p(x)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array, finite_examples, not_negative, whole_number
from keras_vae.plots.style import (
    PALETTE,
    SMALL_SIZE,
    TEXT,
    new_figure,
    set_caption,
    set_labels,
    set_title,
)

EVIDENCE_COLOUR = PALETTE[2]
# Names of K closer than this share of the axis would run into each other.
LEAST_BETWEEN_TICKS = 0.09


def bound_by_samples(
    ks: Sequence[int],
    bounds: ArrayLike,
    errors: ArrayLike,
    log_evidence: float | None = None,
    log_evidence_error: float | None = None,
    evidence_name: str = "exact",
) -> Figure:
    """Draw L_K against the number of samples K, below log p(x) where it is known.

    L_K = E[log 1/K sum_k p(x, z_k) / q(z_k|x)] rises with K towards log p(x), and L_1 is the
    ELBO: Burda, Grosse & Salakhutdinov 2016, arXiv:1509.00519, theorem 1.

    All K see the same examples. The error of a mean over examples is therefore mostly common to
    all points: it moves them and the line up or down together, and says nothing about the
    distances that the picture is of. The bars are the errors of the distances, example by example:

        errors[k] = std_n(log p(x_n) - L_K(x_n)) / sqrt(N),  with K = ks[k]

    and without log p(x) those of the distance to the bound at the largest K, whose own is then 0.

    Args:
        ks: Numbers of samples K, ascending, each at least 1.
        bounds: L_K for each of `ks`, the mean over examples, in nats.
        errors: The error of each distance as above, in nats, at least 0.
        log_evidence: log p(x), the mean over the same examples, in nats: a line.
        log_evidence_error: The error of that estimate on these examples, in nats, again without
            what the choice of examples adds: a band. None if it is exact.
        evidence_name: How log p(x) was computed, such as "exact" or "annealed".

    Returns:
        The figure. The ELBO is named if `ks` begins with 1.
    """
    ks = _checked_ks(ks)
    bounds = finite_examples("bounds", finite_array("bounds", bounds, ndim=1), count=len(ks))
    errors = finite_examples("errors", not_negative("errors", errors, ndim=1), count=len(ks))
    figure = new_figure(8, 5)
    axes = figure.add_subplot()
    axes.errorbar(
        ks, bounds, errors, color=PALETTE[0], linewidth=1.5, marker="o", markersize=5, capsize=3,
        label="L_K",
    )  # fmt: skip
    heights = [bounds - errors, bounds + errors]
    if log_evidence is not None:
        heights.append(_draw_evidence(axes, log_evidence, log_evidence_error, evidence_name))
    elif log_evidence_error is not None:
        raise ValueError(
            "log_evidence_error came alone: expected log_evidence with it, got None. Pass both or "
            "neither."
        )
    low, high = np.min(np.concatenate(heights)), np.max(np.concatenate(heights))
    room = high - low or 1.0
    axes.set_ylim(low - 0.25 * room, high + 0.08 * room)  # the names stand below
    if ks[0] == 1:
        _name_elbo(axes, bounds[0], low, log_evidence)
    axes.set_xscale("log")
    axes.set_xlim(ks[0] / 1.3, max(1.3 * ks[-1], 10 * ks[0]))
    shown = _far_apart(ks)
    axes.set_xticks(shown, [f"{k:,}" for k in shown])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.ticklabel_format(axis="y", useOffset=False)
    set_labels(axes, "number of samples K", "nats per example")
    axes.legend(loc="lower right", fontsize=SMALL_SIZE, frameon=False)
    elbo = "; K = 1 is the ELBO" if ks[0] == 1 else ""
    set_title(figure, f"L_K rises with K towards log p(x){elbo}")
    reference = "log p(x)" if log_evidence is not None else f"L_K at K = {ks[-1]:,}"
    set_caption(
        figure,
        f"Bars: one standard error of the distance to {reference}, taken example by example.\nThe "
        "error that all K share, from the choice of examples, is left out.",
    )
    return figure


def _checked_ks(ks: Sequence[int]) -> list[int]:
    ks = [whole_number("A number of samples K", k, least=1) for k in ks]
    if not ks or ks != sorted(set(ks)):
        raise ValueError(
            f"ks cannot be an axis: expected ascending numbers of samples, got {ks}. Sort them, "
            "each once, and the bounds with them."
        )
    return ks


def _draw_evidence(axes: Axes, log_evidence: float, error: float | None, name: str) -> np.ndarray:
    """Draw log p(x) and the band of its error; returns the heights between which both lie."""
    log_evidence = float(finite_array("log_evidence", log_evidence, ndim=0))
    axes.axhline(log_evidence, color=EVIDENCE_COLOUR, linewidth=1.5, label=f"log p(x), {name}")
    if error is None:
        return np.array([log_evidence])
    error = float(not_negative("log_evidence_error", error, ndim=0))
    band = np.array([log_evidence - error, log_evidence + error])
    axes.axhspan(*band, color=EVIDENCE_COLOUR, alpha=0.25, linewidth=0, label="its error")
    return band


def _name_elbo(axes: Axes, elbo: float, low: float, log_evidence: float | None) -> None:
    """Write what the point at K = 1 is, below the lowest bar, where no line passes."""
    text = f"K = 1: ELBO = {elbo:.2f} nats"
    if log_evidence is not None:
        # log p(x) - ELBO = KL(q(z|x) || p(z|x))
        text += f"\nlog p(x) - ELBO = KL(q(z|x) || p(z|x)) = {log_evidence - elbo:.2f} nats"
    axes.annotate(
        text,
        xy=(1, low),
        xytext=(-4, -6),
        textcoords="offset points",
        va="top",
        fontsize=SMALL_SIZE,
        color=TEXT,
    )


def _far_apart(ks: Sequence[int]) -> list[int]:
    """The first and the last of `ks`, and those between that leave room for their names."""
    least = LEAST_BETWEEN_TICKS * np.log(ks[-1] / ks[0])
    shown = [ks[0]]
    for k in ks[1:-1]:
        if min(np.log(k / shown[-1]), np.log(ks[-1] / k)) >= least:
            shown.append(k)
    return shown if len(ks) == 1 else [*shown, ks[-1]]
