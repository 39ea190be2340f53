"""One example of any event shape: an image where the shape says so, otherwise a line."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array
from keras_vae.plots.style import PALETTE


def is_image(event_shape: Sequence[int]) -> bool:
    """Whether examples of this shape are drawn as images; the shape alone decides.

    Images are (H, W) with both sides at least 4, and (H, W, C) with 1, 3 or 4 channels.
    """
    if len(event_shape) == 2:
        return min(event_shape) >= 4
    return len(event_shape) == 3 and event_shape[-1] in (1, 3, 4)


def display_range(examples: np.ndarray) -> tuple[float, float]:
    """The values (low, high) drawn as black and white, or as the bottom and top of a line.

    Args:
        examples: Finite floats (N, *event).

    Returns:
        (0, 1) for images within [0, 1]. Otherwise the least and the greatest value of all
        examples, so that they can be compared; `low < high` always.
    """
    low, high = float(examples.min()), float(examples.max())
    if is_image(examples.shape[1:]) and low >= 0 and high <= 1:
        return 0.0, 1.0
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def range_note(event_shape: Sequence[int], low: float, high: float) -> str:
    """What a reader has to know about the scale; empty for images within [0, 1]."""
    if not is_image(event_shape):
        return f"Every cell spans the values {low:.3g} to {high:.3g}."
    if (low, high) == (0, 1):
        return ""
    return f"Black is {low:.3g}, white is {high:.3g}."


def show_image(axes: Axes, image: np.ndarray, low: float, high: float, **placement: Any) -> None:
    """Draw (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) floats with the scale `low` to `high`."""
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    if image.ndim == 3:
        # imshow takes colours in [0, 1] only: it ignores vmin and vmax for them.
        image = np.clip((image - low) / (high - low), 0, 1)
    axes.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest", **placement)


def draw_example(axes: Axes, x: ArrayLike, low: float, high: float) -> None:
    """Draw one example into `axes`.

    Args:
        axes: Where to draw.
        x: Finite numbers of any event shape.
        low: The value drawn as black, or at the bottom of a line.
        high: The value drawn as white, or at the top of a line; more than `low`.
    """
    x = finite_array("x", x)
    if not low < high:
        raise ValueError(
            f"The scale is empty: expected low < high, got low={low!r} and high={high!r}. "
            "Pass the least and the greatest value to be shown."
        )
    if is_image(x.shape):
        show_image(axes, x, low, high)
        axes.set_axis_off()
        return
    marker = "." if x.size == 1 else None  # a line through one point has no length
    axes.plot(x.ravel(), color=PALETTE[0], linewidth=1, marker=marker)
    axes.set_ylim(low, high)
