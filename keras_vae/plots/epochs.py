"""What the plots against the epoch share: their columns, their limits and their ticks."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array, finite_examples
from keras_vae.plots.style import FAINT, SMALL_SIZE, set_labels

# With fewer epochs almost nothing is left without the first.
FEWEST_EPOCHS_TO_CUT = 5


def epoch_columns(
    columns: Mapping[str, ArrayLike], needed: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, np.ndarray]:
    """The `needed` columns and those of the `optional` that exist, finite and of one length.

    "epoch" is one of the needed; a name may stand in both.
    """
    missing = [name for name in needed if name not in columns]
    if missing:
        raise ValueError(
            f"The history lacks columns: expected {', '.join(needed)}, got {sorted(columns)} "
            f"without {missing}. Pass one value for each epoch under each of these names."
        )
    checked = {
        name: finite_array(f"Column {name!r}", columns[name], ndim=1)
        for name in [*needed, *optional]
        if name in columns
    }
    count = len(checked["epoch"])
    return {
        name: finite_examples(f"Column {name!r}", column, count) for name, column in checked.items()
    }


def frame_epochs(
    axes: Axes,
    epoch: np.ndarray,
    series: Sequence[np.ndarray],
    y_label: str,
    heights: Sequence[float] = (),
    x_label: str = "epoch",
) -> None:
    """Set the limits, ticks and labels of a panel that shows `series` against `epoch`.

    The y-axis holds all values of the series and the `heights`, except first epochs that would
    squeeze the rest: these are left outside, and a note above the panel says so.
    """
    low, high, note = _limits(series, heights)
    axes.set_ylim(low, high)
    axes.set_title(note, loc="right", fontsize=SMALL_SIZE, color=FAINT)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if len(epoch) == 1:
        axes.set_xticks(epoch)
    set_labels(axes, x_label, y_label)


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
