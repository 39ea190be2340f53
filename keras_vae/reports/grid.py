"""Examples decoded beforehand over the latent plane, where a page cannot compute the decoder."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_vae.data import Dataset, part_of
from keras_vae.reports.looks import MOST_BYTES, MOST_PIXELS, Looks
from keras_vae.vae import VAE

__all__ = ["decoded_grid"]

FINEST, COARSEST = 48, 2  # nodes a side
MOST_CLASSES = 12  # of a condition, with a grid each


def decoded_grid(
    vae: VAE,
    dataset: Dataset,
    x: Any,
    looks: Looks,
    axes: Sequence[int],
    limits: np.ndarray,
    reason: str,
) -> dict[str, Any]:
    """The plane of the first two latents of `axes`, the others at 0, decoded on a square grid.

    Args:
        vae: `VAE`.
        dataset: `Dataset`; of a conditional model its conditions say what there is a grid for.
        x: examples, of the first of which the condition is otherwise.
        looks: of the examples.
        axes: the latents of the plane, one or two.
        limits: (d,), how far the plane reaches from 0 along each latent.
        reason: why the page does not compute the decoder.

    Returns:
        `side`, `reach`, `reason`, `of_first`, whether it is given the condition of the first
        example, and `parts`: for each class of a condition, or once, the decoded
        examples row by row from the top left, as `Looks.pack` has them.
    """
    told = _conditions(dataset, part_of(x, "condition", 0))
    values = int(np.prod(looks.event_shape))
    # A rough guess of what an example takes when it is packed.
    most = min(MOST_BYTES / (0.5 * values + 1), MOST_PIXELS / values) / len(told)
    side = int(np.clip(np.sqrt(most), COARSEST, FINEST))
    reach = float(np.max(limits[list(axes)]))
    while True:
        z = _nodes(side, reach, axes, vae.latent_dim)
        decoded = (vae.decode(z, condition=condition) for condition in told)
        parts = [looks.pack(each, most=MOST_BYTES // len(told)) for each in decoded]
        if all(part["count"] == len(z) for part in parts) or side <= COARSEST:
            return {
                "side": side,
                "reach": reach,
                "reason": reason,
                "of_first": len(told) == 1 and told[0] is not None,
                "parts": parts,
            }
        side = max(int(0.8 * side), COARSEST)


def _nodes(side: int, reach: float, axes: Sequence[int], latent_dim: int) -> np.ndarray:
    """Latents row by row from the top left, (side * side, d)."""
    steps = np.linspace(-reach, reach, side)
    z = np.zeros((side * side, latent_dim), "float32")
    z[:, axes[0]] = np.tile(steps, side)
    if len(axes) > 1:
        z[:, axes[1]] = np.repeat(steps[::-1], side)
    return z


def _conditions(dataset: Dataset, first: np.ndarray | None) -> list[np.ndarray | None]:
    """One condition for each class, where the condition is one of few classes; else that of the
    first example."""
    if first is None or len(dataset.conditions) != 1:
        return [first]
    classes = dataset.conditions[0].classes
    if not 0 < len(classes) <= MOST_CLASSES:
        return [first]
    return list(np.eye(len(classes), dtype="float32"))
