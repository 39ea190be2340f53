"""A VAE and a table -> the pictures of its rows."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.data import Dataset, array_of, part_of, take
from keras_vae.data.tables import LEVELS, Column
from keras_vae.evidence.latent_order import latents_by_rate, order_words
from keras_vae.evidence.posterior_terms import posterior_terms
from keras_vae.evidence.prior_draws import prior_draws
from keras_vae.vae import VAE

__all__ = ["picture_of_line", "picture_of_rows", "table_pictures"]

SHOWN = 10  # rows beside their reconstructions
SAMPLES = 24
PAIRS, LATENTS, STEPS = 3, 4, 5
SIDE = 24  # of the plane of two latents
REACH = 3.0  # standard deviations of the prior
MOST_ROWS = 100
DIGITS = 4  # of a number in a cell


class _Table:
    """Rows of a table as `plots.rows` takes them.

    Args:
        dataset: `Dataset` with a schema.
    """

    def __init__(self, dataset: Dataset) -> None:
        assert dataset.schema is not None
        self.schema = dataset.schema
        self.columns = dataset.schema.modelled
        self.names = [column.name for column in self.columns]
        self.is_category = [column.kind in ("binary", "categorical") for column in self.columns]
        x, mask = dataset.train.x, dataset.train.mask
        there = np.ones_like(x) if mask is None else mask
        self.known = [np.sort(x[there[:, j] > 0, j]) for j in range(len(self.columns))]

    def places(self, x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """(N, C) as `plots.rows` has them."""
        places = np.empty(x.shape)
        for j, (known, is_category) in enumerate(zip(self.known, self.is_category, strict=True)):
            # the share below, and half of those that are equal
            below = [np.searchsorted(known, x[:, j], side) for side in ("left", "right")]
            shares = np.mean(below, axis=0) / max(len(known), 1)
            places[:, j] = np.round(x[:, j]) if is_category else shares
        return places if mask is None else np.where(mask > 0, places, np.nan)

    def texts(self, x: np.ndarray) -> list[list[str]]:
        """The values as the table spells them, numbers with few digits."""
        spelled = self.schema.decode(x)
        return [
            [_text(value, column) for value, column in zip(row, self.columns, strict=True)]
            for row in spelled.itertuples(index=False)
        ]

    def draw(
        self,
        x: np.ndarray,
        labels: Sequence[str],
        title: str,
        blocks: int | None = None,
        mask: np.ndarray | None = None,
    ) -> Figure:
        places = self.places(x, mask)
        return plots.rows(
            places, self.texts(x), self.names, self.is_category, labels, title, blocks
        )


def _text(value: Any, column: Column) -> str:
    if column.kind in (*LEVELS, "date") or isinstance(value, str):
        return plots.short(str(value)[:10] if column.kind == "date" else str(value))
    size = abs(value)
    return f"{value:.0f}" if 10 ** (DIGITS - 1) <= size < 1e7 else f"{value:.{DIGITS}g}"


def table_pictures(vae: VAE, dataset: Dataset, x: Any) -> dict[str, Callable[[], Figure]]:
    """The pictures of rows by their names in `keras_vae.draw`.

    Args:
        vae: `VAE` of a table.
        dataset: `Dataset` with a schema; its training split says where a value lies.
        x: examples as the model takes them.
    """
    table = _Table(dataset)
    return {
        "reconstructions": lambda: _reconstructions(vae, table, take(x, slice(SHOWN))),
        "samples": lambda: _samples(vae, table, x),
        "interpolation": lambda: _interpolation(vae, table, take(x, slice(2 * PAIRS))),
        "manifold": lambda: _manifold(vae, table, take(x, slice(1))),
        "traversals": lambda: _traversals(vae, table, x),
    }


def picture_of_rows(
    dataset: Dataset, x: np.ndarray, title: str, label: str = "row", blocks: int | None = None
) -> Figure:
    """Any rows of a table, the first 100 at most.

    Args:
        dataset: `Dataset` with a schema; its training split says where a value lies.
        x: (N, C), as a model gives them.
        title: of the picture.
        label: of the rows, before their number.
        blocks: as for `plots.rows`.
    """
    x = x[:MOST_ROWS]
    labels = [f"{label} {number}" for number in range(len(x))]
    return _Table(dataset).draw(x, labels, title, blocks)


def picture_of_line(
    dataset: Dataset, x: np.ndarray, mask: np.ndarray | None, decoded: np.ndarray, note: str = ""
) -> Figure:
    """Two rows, and between them those that are decoded on the line between their codes.

    Args:
        dataset: as for `picture_of_rows`.
        x: (2, C): where the line begins, and where it ends.
        mask: (2, C), 0 where a value is missing; None: nowhere.
        decoded: (N, C), at equal steps from the first code to the second.
        note: a second line of the title; none if empty.
    """
    return _lines(_Table(dataset), x, mask, decoded, note)


def _reconstructions(vae: VAE, table: _Table, x: Any) -> Figure:
    distortion, _ = posterior_terms(vae, x, samples=10)
    values = array_of(x)
    mask = part_of(x, "mask")
    mask = np.ones_like(values) if mask is None else mask
    # each row above its reconstruction
    both = np.stack([values, vae.predict(x, verbose=0)], axis=1).reshape(-1, values.shape[1])
    masks = np.stack([mask, np.ones_like(mask)], axis=1).reshape(both.shape)
    labels = [label for nats in distortion for label in ("x", f"decoded, {nats:.1f} nats")]
    title = "Rows x, what is decoded at z_mean, and the distortion"
    return table.draw(both, labels, title, 2, masks)


def _samples(vae: VAE, table: _Table, x: Any) -> Figure:
    in_turn = np.arange(SAMPLES) % len(array_of(x))
    drawn = vae.sample(SAMPLES, seed=0, condition=part_of(x, "condition", in_turn))
    return table.draw(
        drawn, [str(row) for row in range(SAMPLES)], "Rows drawn: x ~ p(x|z), z ~ p(z)"
    )


def _interpolation(vae: VAE, table: _Table, x: Any) -> Figure:
    """Straight lines in the latent space between pairs of rows."""
    z_mean, _ = vae.encode(x)
    pairs = len(z_mean) // 2
    starts, ends = np.arange(pairs), np.arange(pairs, 2 * pairs)
    nodes = plots.interpolation_nodes(z_mean[starts], z_mean[ends], STEPS)
    lines = vae.decode(nodes, condition=part_of(x, "condition", np.repeat(starts, STEPS)))
    x = take(x, slice(2 * pairs))
    return _lines(table, array_of(x), part_of(x, "mask"), lines)


def _lines(
    table: _Table, x: np.ndarray, mask: np.ndarray | None, lines: np.ndarray, note: str = ""
) -> Figure:
    """Rows of which the first half are the starts of lines and the second half their ends, around
    what is decoded between them."""
    pairs = len(x) // 2
    steps = len(lines) // pairs
    mask = np.ones_like(x) if mask is None else mask

    def between(rows: np.ndarray, lines: np.ndarray) -> np.ndarray:
        lines = lines.reshape(pairs, steps, -1)
        around = np.concatenate([rows[:pairs, None], lines, rows[pairs:, None]], axis=1)
        return around.reshape(-1, x.shape[1])

    labels = ["x", *(f"{t:.2g} of the way" for t in np.linspace(0, 1, steps)), "x"]
    title = "Two rows x, and what is decoded on the straight line between their codes"
    return table.draw(
        between(x, lines),
        labels * pairs,
        f"{title}\n{note}" if note else title,
        steps + 2,
        between(mask, np.ones_like(lines)),
    )


def _manifold(vae: VAE, table: _Table, x: Any) -> Figure:
    condition = part_of(x, "condition", 0)
    prior = prior_draws(vae)
    decoded = vae.decode(plots.manifold_nodes(SIDE, prior), condition=condition)
    note = "" if condition is None else "given the condition of the first row"
    return plots.rows_manifold(
        table.places(decoded), table.names, table.is_category, SIDE, note, prior
    )


def _traversals(vae: VAE, table: _Table, x: Any) -> Figure:
    """The latents with the most nats, each moved alone from the code of the first row."""
    z_mean, _ = vae.encode(x)
    order, rates = latents_by_rate(vae, x, z_mean)
    latents = order[:LATENTS]
    nodes = plots.traversal_nodes(z_mean[0], latents, STEPS, REACH, prior_draws(vae))
    decoded = vae.decode(nodes, condition=part_of(x, "condition", 0))
    moved = [latent for latent in latents for _ in range(STEPS)]
    labels = [f"z_{k + 1} = {z[k]:.1f}" for k, z in zip(moved, nodes, strict=True)]
    title = "What is decoded as one latent moves and the others stay"
    if rates is not None:
        told = ", ".join(f"z_{latent + 1} {rates[latent]:.1f}" for latent in latents)
        title = f"{title}; nats: {told}"
    note = order_words(rates, len(latents), len(order))
    return table.draw(decoded, labels, f"{title}\n{note}" if note else title, STEPS)
