"""The true posterior p(z|x) of single inputs, and how q(z|x) fits it."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, Patch
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array, finite_examples
from keras_vae.plots.example import display_range, draw_example, is_image, range_note
from keras_vae.plots.style import (
    FAINT,
    LABEL_SIZE,
    PALETTE,
    SMALL_SIZE,
    TEXT,
    latent_name,
    new_figure,
    set_caption,
    set_labels,
    set_title,
)

MOST_COLUMNS = 3
PANEL_INCHES = 3.2
INPUT_SHARE = 0.28  # height of an input over that of its panel
# Within 1, 2 and 3 standard deviations a Gaussian in 2 dimensions holds 1 - exp(-r^2 / 2).
MASSES = 1 - np.exp(-(np.array([1, 2, 3]) ** 2) / 2)
MOST_IN_ONE_NODE = 0.1  # of the mass: a spacing of 0.8 standard deviations if it is Gaussian
SHADES = ("#6FB7AC", "#ABD7D0", "#E0F1EE")  # one for each mass
OUTLINES: dict[int, Literal["-", "--"]] = {
    1: "-",
    2: "--",
}  # how the ellipse of so many standard deviations is drawn
OUTLINE_COLOUR = PALETTE[7]


def exact_posterior(
    nodes_1: Sequence[ArrayLike],
    nodes_2: Sequence[ArrayLike],
    log_posteriors: Sequence[ArrayLike],
    z_means: ArrayLike,
    z_stds: ArrayLike,
    inputs: ArrayLike | None = None,
    gaps: ArrayLike | None = None,
) -> Figure:
    """Draw p(z|x) as regions and q(z|x) as ellipses, in a panel for each of a few inputs.

    The regions are those of highest density that hold 39.3%, 86.5% and 98.9% of p(z|x), which
    are the ellipses of 1, 2 and 3 standard deviations if it is Gaussian. Where q(z|x) is exact,
    its two ellipses are therefore the edges of the two darker regions.

    Args:
        nodes_1: For each input the values of z_1 on its grid, ascending (n_1,).
        nodes_2: For each input the values of z_2 on its grid, ascending (n_2,).
        log_posteriors: For each input log p(z|x) up to a constant, in nats, (n_1, n_2): entry
            [a, b] is at z = (nodes_1[a], nodes_2[b]). The masses are shares of what the grid holds;
            a caption says where it cuts the regions off.
        z_means: Means of q(z|x), (N, 2).
        z_stds: Standard deviations of q(z|x), (N, 2), above 0.
        inputs: The inputs (N, *event), drawn above their panels; not if None.
        gaps: KL(q(z|x) || p(z|x)) of each input in nats (N,), written above its panel; not if
            None.

    Returns:
        The figure. Each panel has a scale of its own, the same along both latents.
    """
    z_means, z_stds = _checked_posteriors(z_means, z_stds)
    count = len(z_means)
    grids = _checked_grids(nodes_1, nodes_2, log_posteriors, count)
    notes = []
    if inputs is not None:
        inputs = finite_examples("inputs", inputs, count)
        low, high = display_range(inputs)
        notes.append(range_note(inputs.shape[1:], low, high))
    if gaps is not None:
        gaps = finite_examples("gaps", finite_array("gaps", gaps, ndim=1), count)

    columns = min(count, MOST_COLUMNS)
    rows = -(-count // columns)
    height = PANEL_INCHES * (1 if inputs is None else 1 + INPUT_SHARE) + 0.9
    figure = new_figure(columns * (PANEL_INCHES + 0.7) + 2.6, rows * height + 0.8)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for k, axes in enumerate(panels[:count]):
        if _draw_regions(axes, *grids[k], z_means[k], z_stds[k]):
            notes.append(f"The grid of panel {k + 1} cuts off a part of p(z|x).")
        if inputs is not None:
            _draw_input(axes, inputs[k], low, high)
        if gaps is not None:
            axes.set_title(f"KL(q || p(z|x)) = {gaps[k]:.2f} nats", fontsize=LABEL_SIZE, color=TEXT)
    for axes in panels[count:]:
        axes.remove()
    _draw_legend(panels[columns - 1])
    set_title(figure, "The exact posterior p(z|x), and its approximation q(z|x)")
    set_caption(figure, "\n".join(filter(None, notes)))
    return figure


def _checked_posteriors(z_means: ArrayLike, z_stds: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    z_means = finite_array("z_means", z_means, ndim=2)
    z_stds = finite_array("z_stds", z_stds, ndim=2)
    if z_means.shape[1] != 2 or z_stds.shape != z_means.shape:
        raise ValueError(
            f"z_means and z_stds do not fit: expected both of shape (N, 2), got {z_means.shape} "
            f"and {z_stds.shape}. Only two latents can be drawn as a plane."
        )
    if z_stds.min() <= 0:
        raise ValueError(
            f"z_stds are out of range: expected numbers above 0, got {z_stds.min():g}. "
            "Pass standard deviations, exp(z_log_var / 2), and not the log variances."
        )
    return z_means, z_stds


def _checked_grids(
    nodes_1: Sequence[ArrayLike],
    nodes_2: Sequence[ArrayLike],
    log_posteriors: Sequence[ArrayLike],
    count: int,
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(nodes_1, nodes_2, log_posterior) of each input."""
    lengths = (len(nodes_1), len(nodes_2), len(log_posteriors))
    if set(lengths) != {count}:
        raise ValueError(
            f"The grids do not fit z_means: expected {count} of nodes_1, nodes_2 and "
            f"log_posteriors, got {lengths}. Pass one of each for every input."
        )
    grids = []
    for k in range(count):
        nodes = []
        for name, values in (("nodes_1", nodes_1[k]), ("nodes_2", nodes_2[k])):
            values = finite_array(f"{name}[{k}]", values, ndim=1)
            if len(values) < 2 or (np.diff(values) <= 0).any():
                raise ValueError(
                    f"{name}[{k}] is not an axis: expected at least two ascending values, got "
                    f"{len(values)} from {values[0]:g} to {values[-1]:g}. Sort them, each once."
                )
            nodes.append(values)
        log_posterior = finite_array(f"log_posteriors[{k}]", log_posteriors[k], ndim=2)
        shape = (len(nodes[0]), len(nodes[1]))
        if log_posterior.shape != shape:
            raise ValueError(
                f"log_posteriors[{k}] does not fit its nodes: expected shape {shape}, z_1 along "
                f"the first axis, got {log_posterior.shape}. Transpose it if z_2 comes first."
            )
        first, second = nodes
        grids.append((first, second, log_posterior))
    return grids


def _draw_regions(
    axes: Axes,
    nodes_1: np.ndarray,
    nodes_2: np.ndarray,
    log_posterior: np.ndarray,
    z_mean: np.ndarray,
    z_std: np.ndarray,
) -> bool:
    """Draw one panel; returns whether the regions reach the border of the grid."""
    levels = _levels(nodes_1, nodes_2, log_posterior)
    # contourf takes the second axis of an array to be the horizontal one.
    axes.contourf(
        nodes_1, nodes_2, log_posterior.T, levels[::-1], colors=SHADES[::-1], extend="max"
    )
    for radius, line in OUTLINES.items():
        width, height = 2 * radius * z_std
        axes.add_patch(
            Ellipse(
                (z_mean[0], z_mean[1]), width, height, fill=False, edgecolor=OUTLINE_COLOUR,
                linestyle=line, linewidth=1.5,
            )
        )  # fmt: skip
    axes.plot(*z_mean, marker="+", markersize=5, color=OUTLINE_COLOUR)
    # In sight: the outermost region and the outermost ellipse.
    region = log_posterior >= levels[-1]
    within = nodes_1[region.any(axis=1)], nodes_2[region.any(axis=0)]
    reach = max(OUTLINES) * z_std
    lows = np.minimum([values[0] for values in within], z_mean - reach)
    highs = np.maximum([values[-1] for values in within], z_mean + reach)
    half = 0.55 * (highs - lows).max()
    (left, bottom), (right, top) = (lows + highs) / 2 - half, (lows + highs) / 2 + half
    axes.set(xlim=(left, right), ylim=(bottom, top))
    axes.locator_params(nbins=5)
    axes.ticklabel_format(useOffset=False)
    axes.set_aspect("equal")
    set_labels(axes, latent_name(0), latent_name(1))
    return bool(region[[0, -1]].any() or region[:, [0, -1]].any())


def _levels(nodes_1: np.ndarray, nodes_2: np.ndarray, log_posterior: np.ndarray) -> np.ndarray:
    """The log densities (3,) above which p(z|x) holds the `MASSES`, descending."""
    order = np.argsort(-log_posterior, axis=None)
    densities = log_posterior.ravel()[order]
    # Each node represents the rectangle half-way to its neighbours.
    areas = np.outer(np.gradient(nodes_1), np.gradient(nodes_2)).ravel()[order]
    mass = np.exp(densities - densities[0]) * areas
    mass /= mass.sum()
    levels = np.interp(MASSES, np.cumsum(mass), densities)
    if mass.max() > MOST_IN_ONE_NODE or (np.diff(levels) >= 0).any():
        raise ValueError(
            "A grid does not show its posterior: expected a density that falls off over many "
            f"nodes, got up to {mass.max():.0%} of the mass in one and levels {levels.round(3)}. "
            "Use a finer grid around the posterior."
        )
    return levels


def _draw_input(axes: Axes, x: np.ndarray, low: float, high: float) -> None:
    """Draw x above the panel `axes`."""
    above = axes.inset_axes((0, 1.05, 1, INPUT_SHARE))
    draw_example(above, x, low, high)
    if not is_image(x.shape):
        above.set(xticks=[], yticks=[])
        above.spines[:].set_color(FAINT)


def _draw_legend(axes: Axes) -> None:
    shares = [f"{mass:.1%} of its mass" for mass in MASSES]
    handles: list[Artist] = [
        Patch(color=shade, label=f"p(z|x): {share}")
        for shade, share in zip(SHADES, shares, strict=True)
    ]
    for (radius, line), share in zip(OUTLINES.items(), shares, strict=False):
        label = f"q(z|x), {radius} sd: {share}"
        handles.append(Line2D([], [], color=OUTLINE_COLOUR, linestyle=line, label=label))
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(1.02, 1),
        fontsize=SMALL_SIZE,
        frameon=False,
    )
