"""How many nats each latent carries."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from keras_vae.plots.checks import finite_array
from keras_vae.plots.style import (
    PALETTE,
    SMALL_SIZE,
    evenly,
    latent_name,
    new_figure,
    set_caption,
    set_labels,
    set_title,
)

ACTIVE, INACTIVE = PALETTE[0], PALETTE[5]
LEAST_TOP = 0.1  # nats: the bars of a collapsed model are not to fill the picture
MOST_LEVEL_NAMES = 20  # more are turned upright
MOST_NAMES = 60


def latent_rates(rates: ArrayLike, active: ArrayLike) -> Figure:
    """Draw the rate of each latent as a bar, the largest first.

    Args:
        rates: KL(q(z_j|x) || p(z_j)) of each latent (d,) in nats, the mean over examples; their
            sum is the rate.
        active: Booleans (d,): whether the posterior mean of the latent varies with x.

    Returns:
        The figure. Of more than 60 latents only some are named.
    """
    rates = finite_array("rates", rates, ndim=1)
    active = np.asarray(active)
    if active.dtype != bool or active.shape != rates.shape:
        raise ValueError(
            f"active does not fit rates: expected booleans of shape {rates.shape}, got "
            f"{active.dtype} of shape {active.shape}. Pass for each latent whether it is active."
        )
    count = len(rates)
    order = np.argsort(-rates, kind="stable")
    rates, active = rates[order], active[order]
    figure = new_figure(np.clip(0.4 * count + 1, 6, 11), 4.6)
    axes = figure.add_subplot()
    # A ground for those that are inactive: their bars are often too low to be seen.
    ground: dict[str, Any] = {
        "color": INACTIVE,
        "alpha": 0.25,
        "transform": axes.get_xaxis_transform(),
    }
    axes.bar(np.flatnonzero(~active), 1, width=1, **ground)
    axes.bar(range(count), rates, color=np.where(active, ACTIVE, INACTIVE))
    shown = evenly(count, MOST_NAMES)
    axes.set_xticks(shown, [latent_name(order[place]) for place in shown])
    set_labels(axes, "latent", "rate (nats per example)")
    if count > MOST_LEVEL_NAMES:
        axes.tick_params(axis="x", labelrotation=90)
    half = max(count / 2 + 0.1, 2.5)  # so that a single bar is one
    axes.set_xlim((count - 1) / 2 - half, (count - 1) / 2 + half)
    axes.set_ylim(1.05 * min(rates[-1], 0), 1.05 * max(rates[0], LEAST_TOP))
    handles = [
        Patch(color=ACTIVE, label=f"active ({active.sum()})"),
        Patch(color=INACTIVE, label=f"inactive ({(~active).sum()})"),
    ]
    axes.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=2,
        fontsize=SMALL_SIZE,
        frameon=False,
    )
    set_title(figure, f"Rate of each latent, KL(q(z_j|x) || p(z_j)): {rates.sum():.2f} nats in all")
    set_caption(
        figure,
        "A latent is active if its posterior mean varies with x; the others lie on a pale ground.",
    )
    return figure
