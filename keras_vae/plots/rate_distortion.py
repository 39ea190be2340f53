"""Rate against distortion: what models spend on z, and what that buys."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
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
PLACES = tuple((x, y) for far in (7, 16, 28) for x, y in (
    (far, far), (far, -far), (-far, far), (-far, -far), (1.4 * far, 0), (-1.4 * far, 0), (0, far),
    (0, -far),
))  # fmt: skip
MARKER = 5.0  # points, of which half is kept free around each model
LINES = 6  # of equal ELBO, about


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
    _draw_lines(axes)
    groups = list(dict.fromkeys(curves))
    for group, colour in zip(groups, class_colours(len(groups)), strict=True):
        chosen = np.flatnonzero([curve == group for curve in curves])
        chosen = chosen[np.argsort(rate[chosen])]
        axes.errorbar(
            rate[chosen], distortion[chosen], heights[chosen], widths[chosen], color=colour,
            marker="o", markersize=MARKER, linewidth=1.2, elinewidth=1, label=group,
        )  # fmt: skip
    best = int(np.argmin(rate + distortion))
    axes.plot(
        rate[best], distortion[best], linestyle="", marker="o", markersize=14,
        markerfacecolor="none", markeredgecolor=TEXT, label="largest ELBO",
    )  # fmt: skip
    set_labels(axes, "rate: KL(q(z|x) || p(z)), nats per example", "distortion, nats per example")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=SMALL_SIZE, frameon=False)
    named = f"Beside each point: its {along}. " if any(names) else ""
    spread = "Bars: standard deviation over seeds. " if np.any([widths, heights]) else ""
    set_title(figure, "ELBO = -(rate + distortion)")
    set_caption(figure, f"{named}{spread}Along a gray line the ELBO is the same.")
    _name_points(figure, axes, rate, distortion, names)
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


def _draw_lines(axes: Axes) -> None:
    """Lines of equal ELBO, each with its value where it enters the picture from above."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    elbos = MaxNLocator(LINES).tick_values(-(right + top), -(left + bottom))
    for elbo in elbos:
        # distortion = -elbo - rate
        axes.plot([left, right], [-elbo - left, -elbo - right], color=FAINT, linewidth=0.7,
                  linestyle="--", zorder=0, scalex=False, scaley=False)  # fmt: skip
        start = max(left, -elbo - top)  # the upper left end
        x, y = start + 0.01 * (right - left), -elbo - start - 0.01 * (right - left)
        is_inside = x < right - 0.1 * (right - left) and y > bottom + 0.06 * (top - bottom)
        if is_inside:
            axes.text(x, y, f"ELBO {elbo:g}", color=FAINT, fontsize=SMALL_SIZE, va="top",
                      ha="left", zorder=0)  # fmt: skip


def _name_points(
    figure: Figure, axes: Axes, rate: np.ndarray, distortion: np.ndarray, names: Sequence[str]
) -> None:
    """Writes a name beside each point, where it covers no point and no other name."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # so that the axes have their place
    scale = figure.dpi / 72  # pixels of a point
    points = axes.transData.transform(np.stack([rate, distortion], axis=1))
    taken = [Bbox.from_extents(*(point - MARKER * scale), *(point + MARKER * scale))
             for point in points]  # fmt: skip
    renderer = canvas.get_renderer()
    for point, x, y, name in zip(points, rate, distortion, names, strict=True):
        if not name:
            continue
        text = axes.annotate(name, (x, y), (0, 0), textcoords="offset points", ha="center",
                             va="center", fontsize=SMALL_SIZE, color=TEXT)  # fmt: skip
        box = text.get_window_extent(renderer)
        places = [(dx + np.sign(dx) * box.width / 2 / scale, dy) for dx, dy in PLACES]
        free = [place for place in places if _is_free(point, place, box, scale, taken, axes.bbox)]
        place = (free or places)[0]
        text.set_position(place)
        taken.append(_moved(point, place, box, scale))


def _moved(point: np.ndarray, place: tuple[float, float], box: Bbox, scale: float) -> Bbox:
    """The box of a text whose middle is at a place beside a point."""
    x, y = point + np.array(place) * scale
    return Bbox.from_bounds(x - box.width / 2, y - box.height / 2, box.width, box.height)


def _is_free(
    point: np.ndarray, place: tuple[float, float], box: Bbox, scale: float, taken: list[Bbox],
    inside: Bbox,
) -> bool:  # fmt: skip
    moved = _moved(point, place, box, scale)
    is_inside = inside.containsx(moved.x0) and inside.containsx(moved.x1)
    is_inside = is_inside and inside.containsy(moved.y0) and inside.containsy(moved.y1)
    return is_inside and not any(moved.overlaps(other) for other in taken)
