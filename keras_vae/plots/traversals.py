"""What each latent does: move one, hold the others."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array, finite_examples, whole_number
from keras_vae.plots.grid import grid_figure
from keras_vae.plots.prior_marks import checked_draws
from keras_vae.plots.style import latent_name, set_labels


def traversal_nodes(
    z_start: ArrayLike,
    latents: Sequence[int],
    steps: int = 11,
    reach: float = 3.0,
    prior: ArrayLike | None = None,
) -> np.ndarray:
    """Latents along one axis at a time.

    Args:
        z_start: Finite floats (d,), where the latents that do not move stay.
        latents: The latents to move, as indices from 0 to d - 1.
        steps: Nodes along each, at least 2.
        reach: How far each moved latent goes from the prior's mean to either side, in its standard
            deviations.
        prior: Draws z ~ p(z), (M, d); None: N(0, I), of which mean and standard deviation are 0 and
            1.

    Returns:
        float32 (len(latents) * steps, d), all steps of `latents[0]` first.
    """
    z_start = finite_array("z_start", z_start, ndim=1)
    latents = _checked_latents(latents, limit=len(z_start))
    values = _values(steps, reach)
    mean, std = np.zeros(len(z_start)), np.ones(len(z_start))
    draws = checked_draws(prior)
    if draws is not None:
        mean, std = draws.mean(axis=0), draws.std(axis=0)
    nodes = np.tile(z_start.astype(np.float32), (len(latents), len(values), 1))
    for row, latent in enumerate(latents):
        nodes[row, :, latent] = mean[latent] + std[latent] * values
    return nodes.reshape(-1, len(z_start))


def traversals(
    images: ArrayLike,
    latents: Sequence[int],
    steps: int,
    reach: float,
    rates: ArrayLike | None = None,
    note: str = "",
    prior: ArrayLike | None = None,
) -> Figure:
    """Draw one row for each latent moved.

    Args:
        images: (len(latents) * steps, *event), decoded from `traversal_nodes` in that order.
        latents: As for `traversal_nodes`.
        steps: As for `traversal_nodes`.
        reach: As for `traversal_nodes`.
        rates: (len(latents),), the rate of each of these latents in nats; none are written if None.
        note: A second line of the title; none if empty.
        prior: As for `traversal_nodes`.

    Returns:
        The figure, rows in the order of `latents`.
    """
    latents = _checked_latents(latents)
    values = _values(steps, reach)
    images = finite_examples("images", images, count=len(latents) * len(values))
    rows = [latent_name(latent) for latent in latents]
    if rates is not None:
        rates = finite_examples("rates", finite_array("rates", rates, ndim=1), count=len(latents))
        rows = [f"{name}  {rate:.1f} nats" for name, rate in zip(rows, rates, strict=True)]
    title = "Means of p(x|z) as one latent moves and the others stay"
    unit, label = "", "value of the latent that moves"
    if prior is not None:
        unit, label = " sd", "latent that moves: from the prior's mean, in its standard deviations"
    columns = [f"{value:.1f}{unit}" for value in values]
    figure, axes = grid_figure(images, len(values), title, rows, columns, note=note)
    set_labels(axes, label)
    return figure


def _values(steps: int, reach: float) -> np.ndarray:
    steps = whole_number("steps", steps, least=2)
    if not (np.isfinite(reach) and reach > 0):
        raise ValueError(
            f"reach is out of range: expected a finite number above 0, got {reach!r}. "
            "Pass how far from 0 the latent is to move, such as 3.0."
        )
    return np.linspace(-reach, reach, steps)


def _checked_latents(latents: Sequence[int], limit: int | None = None) -> list[int]:
    latents = [whole_number("A latent index", latent, least=0) for latent in latents]
    if not latents:
        raise ValueError(
            "No latents were chosen: expected at least one index, got none. "
            "Pass indices such as [0, 1]."
        )
    if limit is not None and max(latents) >= limit:
        raise ValueError(
            f"A latent index is out of range: expected 0 to {limit - 1} as z_start has {limit} "
            f"latents, got {max(latents)}. Count latents from 0."
        )
    return latents
