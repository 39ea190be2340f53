"""Where the encoder puts the examples."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array
from keras_vae.plots.prior_marks import RADII, checked_draws, mark_prior, reach
from keras_vae.plots.style import (
    FAINT,
    LABEL_SIZE,
    PALETTE,
    SMALL_SIZE,
    TEXT,
    class_colours,
    latent_name,
    new_figure,
    set_caption,
    set_labels,
    set_title,
)

MOST_NAMED_CLASSES = 30
CENTRED: dict[str, Any] = {
    "ha": "center",
    "va": "center",
    "path_effects": (withStroke(linewidth=3, foreground="white"),),
}
PANEL_INCHES = 6.5


def latent_map(
    z_mean: ArrayLike,
    labels: ArrayLike | None = None,
    class_names: Sequence[str] | None = None,
    prior: ArrayLike | None = None,
) -> Figure:
    """Draw the posterior means, in the colours of their classes where labels exist.

    Args:
        z_mean: Finite floats (N, d). Two latents are drawn against each other, of more the two
            with the largest variance; a single one is drawn as a histogram and a row for each
            class.
        labels: Integers (N,), the class of each example; one plain colour if None.
        class_names: The name of class k at position k; the numbers themselves if None.
        prior: Finite floats (M, d), many draws z ~ p(z); None: p(z) = N(0, I).

    Returns:
        The figure. Up to 30 classes are named where their median is, as the caption says.
    """
    z_mean = finite_array("z_mean", z_mean, ndim=2)
    classes, names = _checked_classes(labels, class_names, len(z_mean))
    draw = _draw_line if z_mean.shape[1] == 1 else _draw_plane
    figure = draw(z_mean, classes, names, checked_draws(prior))
    set_title(
        figure, f"Where the encoder puts the examples: posterior means z_mean (N = {len(z_mean):,})"
    )
    return figure


def _checked_classes(
    labels: ArrayLike | None, class_names: Sequence[str] | None, count: int
) -> tuple[np.ndarray, list[str]]:
    """The class of each example as a position in the names that follow; no names, no classes."""
    if labels is None:
        return np.zeros(count, dtype=int), []
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iub" or labels.shape != (count,):
        raise ValueError(
            f"labels do not fit z_mean: expected integers of shape ({count},), got {labels.dtype} "
            f"of shape {labels.shape}. Pass one class number for each example, for one-hot labels "
            "their argmax."
        )
    if class_names is None:
        values, classes = np.unique(labels, return_inverse=True)
        return classes, [str(value) for value in values]
    if labels.min() < 0 or labels.max() >= len(class_names):
        raise ValueError(
            f"labels do not fit class_names: expected 0 to {len(class_names) - 1} for "
            f"{len(class_names)} names, got {labels.min()} to {labels.max()}. Pass a name for "
            "every class."
        )
    return labels.astype(int), [str(name) for name in class_names]


def _colours(classes: np.ndarray, names: list[str]) -> np.ndarray:
    return class_colours(max(len(names), 1))[classes]


def _draw_plane(
    z_mean: np.ndarray, classes: np.ndarray, names: list[str], prior: np.ndarray | None
) -> Figure:
    variance = z_mean.var(axis=0)
    shown = np.arange(2)
    axis_labels = [latent_name(int(k)) for k in shown]
    if z_mean.shape[1] > 2:
        shown = np.argsort(-variance, kind="stable")[:2]
        axis_labels = [f"{latent_name(int(k))} (variance {variance[k]:.2f})" for k in shown]
    points = z_mean[:, shown]
    prior = None if prior is None else prior[:, shown]
    limit = reach(points, prior)

    legend = names if len(names) <= len(PALETTE) else []
    right = 0.6 + 0.08 * max(map(len, legend)) if legend else 0
    figure = new_figure(PANEL_INCHES + 0.7 + right, PANEL_INCHES + 1.2)
    axes = figure.add_subplot()
    axes.set(aspect="equal")
    set_labels(axes, *axis_labels)
    # Shuffled: in sorted data the last class would bury the others.
    order = np.random.default_rng(0).permutation(len(points))
    colours = _colours(classes, names)[order]
    size = np.clip(8000 / len(points), 6, 20)  # few points are drawn larger
    across, up = points[order].T
    axes.scatter(across, up, s=size, c=colours, alpha=0.7, linewidths=0)
    mark_prior(axes, prior, linewidth=0.6)
    axes.set(xlim=(-limit, limit), ylim=(-limit, limit))
    marks = _name_circles(axes) if prior is None else np.empty((0, 2))
    lines = [
        "Circles of 1, 2 and 3 sd of N(0, I) hold 39%, 86% and 99% of it."
        if prior is None
        else "Lines hold 39%, 86% and 99% of draws of the prior p(z)."
    ]
    if 0 < len(names) <= MOST_NAMED_CLASSES:
        _name_classes(axes, points, classes, names, marks, limit)
        lines.append("In bold: each class at the median of its points, or a line leads there.")
    if legend:
        _draw_legend(axes, legend)
    _caption(figure, names, *lines)
    return figure


def _caption(figure: Figure, names: list[str], *lines: str) -> None:
    if names:
        lines += ("The loss never sees a class: colours were added afterwards.",)
    set_caption(figure, "\n".join(lines))


def _name_circles(axes: Axes) -> np.ndarray:
    """Names the circles of 1, 2 and 3 standard deviations; returns where the names are, (3, 2)."""
    marks = -np.sqrt(0.5) * np.stack([RADII, RADII], axis=1)
    for radius, (across, up) in zip(RADII, marks, strict=True):
        axes.text(across, up, f"{radius} sd", fontsize=SMALL_SIZE, color=FAINT, **CENTRED)
    return marks


def _name_classes(
    axes: Axes,
    points: np.ndarray,
    classes: np.ndarray,
    names: list[str],
    marks: np.ndarray,
    limit: float,
) -> None:
    """Write the name of each class at its median, out of the way of the others and of `marks`."""
    present = np.unique(classes)
    medians = np.array([np.median(points[classes == k], axis=0) for k in present])
    inch = 2 * limit / PANEL_INCHES
    height = 0.2 * inch
    lengths = [len(names[k]) for k in present] + [4] * len(marks)
    widths = (0.085 * np.array(lengths) + 0.05) * inch
    centres = np.concatenate([medians, marks])
    centres[:, 0] = np.clip(centres[:, 0], widths / 2 - limit, limit - widths / 2)
    places = _spread(centres, widths, height, len(medians))
    if np.abs(places - medians)[:, 1].max() > 4 * height:
        places = _column(medians, limit - widths.max() / 2, height)
    for k, median, place in zip(present, medians, places, strict=True):
        axes.annotate(
            names[k],
            xy=median,
            xytext=place,
            fontsize=LABEL_SIZE,
            fontweight="bold",
            color=TEXT,
            arrowprops={"arrowstyle": "-", "color": TEXT, "linewidth": 0.6, "shrinkB": 0},
            **CENTRED,
        )


def _spread(centres: np.ndarray, widths: np.ndarray, height: float, free: int) -> np.ndarray:
    """Move the first `free` of the boxes at `centres` (n, 2) up or down until none overlap.

    Returns:
        The new centres of the first `free` boxes, (free, 2).
    """
    x, y = centres.T
    y = y + np.linspace(0, 1e-3 * height, len(y))  # separates equal centres
    beside = np.abs(x[:, None] - x) < (widths[:, None] + widths) / 2
    for _ in range(500):
        gap = y[:, None] - y
        overlap = np.where(beside, np.maximum(height - np.abs(gap), 0), 0)
        y[:free] += 0.25 * (np.sign(gap) * overlap).sum(axis=1)[:free]
    return np.stack([x, y], axis=1)[:free]


def _column(medians: np.ndarray, x: float, height: float) -> np.ndarray:
    """Places (n, 2) above each other at `x`, for medians so close that names would hide them."""
    rank = np.argsort(np.argsort(medians[:, 1], kind="stable"))
    return np.stack([np.full(len(rank), x), (rank - rank.mean()) * height], axis=1)


def _draw_legend(axes: Axes, names: list[str]) -> None:
    handles = [
        Line2D([], [], linestyle="", marker="o", color=colour, label=name)
        for colour, name in zip(class_colours(len(names)), names, strict=True)
    ]
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(1, 1),
        fontsize=SMALL_SIZE,
        frameon=False,
        handletextpad=0.2,
    )


def _draw_line(
    z_mean: np.ndarray, classes: np.ndarray, names: list[str], prior: np.ndarray | None
) -> Figure:
    z_1 = z_mean[:, 0]
    limit = reach(z_1, prior)
    rows = 1 + bool(names)
    below = min(0.3 * len(names), 6.0)
    figure = new_figure(7.5, 4.2 + below)
    panels = figure.subplots(rows, sharex=True, squeeze=False, height_ratios=(3, below)[:rows])
    top, bottom = panels[0, 0], panels[-1, 0]
    _draw_histogram(top, z_1, limit, prior)
    if names:
        _draw_strips(bottom, z_1, classes, names)
    set_labels(bottom, latent_name(0), bottom.get_ylabel())
    bottom.set_xlim(-limit, limit)
    _caption(figure, names)
    return figure


def _draw_histogram(axes: Axes, z_1: np.ndarray, limit: float, prior: np.ndarray | None) -> None:
    axes.hist(z_1, bins=60, density=True, color="#BBBBBB", label="z_mean")
    if prior is None:
        z = np.linspace(-limit, limit, 400)
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        axes.plot(z, density, color=TEXT, linewidth=1.5, label="N(0, 1)")
    else:
        axes.hist(prior[:, 0], bins=100, density=True, histtype="step", color=TEXT, label="p(z)")
    axes.legend(fontsize=SMALL_SIZE, frameon=False, loc="upper left")
    set_labels(axes, y="density")


def _draw_strips(axes: Axes, z_1: np.ndarray, classes: np.ndarray, names: list[str]) -> None:
    """One row for each class, the first at the top; the height within a row means nothing."""
    scatter = np.random.default_rng(0).uniform(-0.35, 0.35, len(z_1))
    axes.scatter(z_1, classes + scatter, s=4, c=_colours(classes, names), alpha=0.5, linewidths=0)
    axes.set_ylim(len(names) - 0.5, -0.5)
    if len(names) <= MOST_NAMED_CLASSES:
        axes.set_yticks(range(len(names)), names)
        set_labels(axes, y="class")
    else:
        axes.set_yticks([])
        set_labels(axes, y=f"{len(names)} classes, one row each")
