"""Rate against distortion: what models spend on z, and what that buys."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array, finite_examples, not_negative
from keras_vae.plots.style import (
    FAINT,
    SMALL_SIZE,
    TEXT,
    class_colours,
    new_figure,
    set_caption,
    set_labels,
    set_title,
)

# Where the name of a point may stand, in points from it, the first that is free.
PLACES = tuple(
    (x, y)
    for far in (9, 16, 24, 32, 40)
    for x, y in ((far, 0.7 * far), (-far, -0.7 * far), (far, -0.7 * far), (-far, 0.7 * far))
)
MARKER, RING = 5.0, 14.0  # points: a model, and what is kept free around it
LINES = 6  # of equal ELBO, about
MIDDLE: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": SMALL_SIZE}


def rate_distortion(
    rates: ArrayLike,
    distortions: ArrayLike,
    names: Sequence[str],
    curves: Sequence[str],
    rate_spreads: ArrayLike | None = None,
    distortion_spreads: ArrayLike | None = None,
    along: str = "beta",
) -> Figure:
    """Draw models by rate and distortion, and lines of equal ELBO = -(rate + distortion).

    What a model spends on z lies to the right, what it then needs for x above: every model lies on
    or above the curve that no model of its kind can beat (Alemi et al. 2018, arXiv:1711.00464).

    Args:
        rates, distortions: of each model, N values, nats per example.
        names: what is written beside each point: its value of the option that a curve goes along;
            empty for nothing.
        curves: which curve each is on, as the legend names it; all empty: one without a name. The
            points of a curve are joined by ascending rate.
        rate_spreads, distortion_spreads: standard deviations over seeds, drawn as bars; None or 0
            for none.
        along: the option that `names` are values of.

    Returns:
        The figure, with the model of the largest ELBO in a ring.
    """
    rate = finite_array("rates", rates, ndim=1)
    distortion = finite_examples("distortions", distortions, count=len(rate))
    widths, heights = (
        np.zeros(len(rate)) if each is None else not_negative(name, each, ndim=1)
        for name, each in (
            ("rate_spreads", rate_spreads),
            ("distortion_spreads", distortion_spreads),
        )
    )
    figure = new_figure(8.5, 6)
    axes = figure.add_subplot()
    _frame(axes, rate, distortion, widths, heights)
    lines = _draw_lines(axes)
    groups = list(dict.fromkeys(curves))
    colours = dict(zip(groups, class_colours(len(groups)), strict=True))
    for group, colour in colours.items():
        chosen = np.flatnonzero([curve == group for curve in curves])
        chosen = chosen[np.argsort(rate[chosen])]
        axes.errorbar(
            rate[chosen], distortion[chosen], heights[chosen], widths[chosen], color=colour,
            marker="o", markersize=MARKER, linewidth=1.2, elinewidth=1, label=group,
        )  # fmt: skip
    best = int(np.argmin(rate + distortion))
    axes.plot(
        rate[best], distortion[best], linestyle="", marker="o", markersize=RING,
        markerfacecolor="none", markeredgecolor=TEXT, label="largest ELBO",
    )  # fmt: skip
    set_labels(axes, "rate: KL(q(z|x) || p(z)), nats per example", "distortion, nats per example")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=SMALL_SIZE, frameon=False)
    named = f"Beside each point: its {along}. " if any(names) else ""
    spread = "Bars: standard deviation over seeds. " if np.any([widths, heights]) else ""
    set_title(figure, "ELBO = -(rate + distortion)")
    set_caption(figure, f"{named}{spread}Along a gray line the ELBO is the same.")
    dark = {group: 0.7 * colour[:3] for group, colour in colours.items()}
    points = np.stack([rate, distortion], axis=1)
    _write_names(figure, axes, points, names, [dark[curve] for curve in curves], lines)
    return figure


def _frame(
    axes: Axes, rate: np.ndarray, distortion: np.ndarray, widths: np.ndarray, heights: np.ndarray
) -> None:
    """Both axes, with room around all points and bars for their names."""
    for values, spreads, limit in (
        (rate, widths, axes.set_xlim),
        (distortion, heights, axes.set_ylim),
    ):
        low, high = float(np.min(values - spreads)), float(np.max(values + spreads))
        room = 0.12 * (high - low) or 1.0
        limit(low - room, high + room)


def _draw_lines(axes: Axes) -> dict[float, np.ndarray]:
    """Lines of equal ELBO: for each ELBO the two ends of its line, (2, 2)."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    found = {}
    for elbo in MaxNLocator(LINES).tick_values(-(right + top), -(left + bottom)):
        # distortion = -elbo - rate
        first, last = max(left, -elbo - top), min(right, -elbo - bottom)
        if first >= last:
            continue
        ends = np.array([[first, -elbo - first], [last, -elbo - last]])
        axes.plot(*ends.T, color=FAINT, linewidth=0.7, linestyle="--", zorder=0)
        found[float(elbo)] = ends
    return found


def _write_names(
    figure: Figure,
    axes: Axes,
    points: np.ndarray,
    names: Sequence[str],
    colours: Sequence[np.ndarray],
    lines: dict[float, np.ndarray],
) -> None:
    """Writes a name beside each point and the ELBO on each line, where they cover no point and no
    other name; a line without such a place stays without a number."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # so that the axes have their place
    renderer, pixel = canvas.get_renderer(), figure.dpi / 72
    at = axes.transData.transform
    radius = RING / 2 * pixel
    taken = [Bbox([place - radius, place + radius]) for place in at(points)]

    def write(text: Text, places: list[np.ndarray], is_needed: bool) -> None:
        """Moves a text, which has its middle at its position, to the first place that is free."""
        size = np.array(text.get_window_extent(renderer).size) + 2 * pixel
        boxes = [Bbox([place - size / 2, place + size / 2]) for place in places]
        free = [box for box in boxes if _is_free(box, taken, axes.bbox)]
        if not free and not is_needed:
            text.remove()
            return
        box = (free or boxes)[0]
        x, y = axes.transData.inverted().transform(box.p0 + size / 2)
        text.set_position((x, y))
        taken.append(box)

    for point, name, colour in zip(points, names, colours, strict=True):
        if name:
            text = axes.text(point[0], point[1], name, color=tuple(colour), **MIDDLE)
            half = text.get_window_extent(renderer).width / 2
            places = [
                at(point) + np.array([dx * pixel + np.sign(dx) * half, dy * pixel])
                for dx, dy in PLACES
            ]
            write(text, places, is_needed=True)
    for elbo, ends in lines.items():
        x, y = ends[0]
        text = axes.text(x, y, f"ELBO {elbo:g}", color=FAINT, zorder=0.5, **MIDDLE)
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
        shares = np.linspace(0.02, 0.98, 33)
        write(text, [at(ends[0] + share * (ends[1] - ends[0])) for share in shares], False)


def _is_free(box: Bbox, taken: list[Bbox], inside: Bbox) -> bool:
    is_inside = inside.contains(*box.p0) and inside.contains(*box.p1)
    return is_inside and not any(box.overlaps(other) for other in taken)
