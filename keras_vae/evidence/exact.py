"""log p(x) = log of the integral of p(x|z) p(z) over z, by quadrature: for 1 to 3 latents.

Sums over a lattice of spacing h (the trapezoidal rule over the whole space) converge
geometrically: for a Gaussian of standard deviation s the relative error is about
2 exp(-2 pi^2 s^2 / h^2) (Trefethen & Weideman 2014, SIAM Review 56). The latent space is cut into
tiles, and each is decoded once for all x. Where an x needs a finer lattice, the tiles that hold
its posterior are split, and no others. Three lattices, shifted against each other, are three
rules without a common node: their distance is the error.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from keras_vae.data.given import count
from keras_vae.evidence.examples import examples_for
from keras_vae.evidence.log_joint import log_joint_of_pairs
from keras_vae.evidence.prior_range import prior_range
from keras_vae.pairs import pairs_at_once
from keras_vae.progress import tracked
from keras_vae.traced import specs_of, traced_of
from keras_vae.vae import VAE

__all__ = ["EXACT_ERROR", "MOST_LATENTS", "ExactEvidence", "exact_evidence"]

MOST_LATENTS = 3
# Largest error in nats that may be called exact, and where refinement stops.
EXACT_ERROR = 0.01
TARGET_ERROR = 0.005

# By number of latents: spacing of the coarsest lattice, and its nodes along a side of a tile.
SPACING = {1: 0.02, 2: 0.125, 3: 0.2}
TILE_NODES = {1: 64, 2: 16, 3: 8}
# Shift of the second lattice in units of the spacing; the third is shifted twice as far. No low
# frequency of the integrand repeats itself in them, so that no error hides from their distance.
SHIFT = {1: (1 / 3,), 2: (3 / 12, 5 / 12), 3: (4 / 26, 7 / 26, 9 / 26)}
LATTICES = 3
FINEST_LEVEL = 8  # halvings of the spacing

MOST_TILES = 20_000
# A tile is given up for an x if its share of p(x) is below exp(-30).
LOG_NEGLIGIBLE_SHARE = -30.0
ROWS = 4096  # examples in one matrix product
PAIRS = 20_000  # of an example and a z, where each pair is decoded, at most

Tile: TypeAlias = tuple[int, ...]  # the lowest corner over the width
# (examples, tile, spacing) -> log sum_j p(x, z_j), (LATTICES, examples)
TileLogSums: TypeAlias = Callable[[np.ndarray, Tile, float], np.ndarray]


@dataclass(frozen=True)
class ExactEvidence:
    """log p(x) of each example by quadrature; nats.

    Attributes:
        log_evidence: float64 (N,): log p(x), the mean of the first and the third lattice.
        log_normaliser: float64 (N,): log p(x) once more, from the second lattice alone: what
            turns p(x, z) into p(z|x) where that shall not share a node with `log_evidence`.
        error: float64 (N,): how far log p(x) of the three lattices lies apart, plus the share
            of p(x) at the border of the space that they cover.
    """

    log_evidence: np.ndarray
    log_normaliser: np.ndarray
    error: np.ndarray

    @property
    def is_exact(self) -> np.ndarray:
        """bool (N,): whether the error is at most `EXACT_ERROR`."""
        return self.error <= EXACT_ERROR


@np.errstate(invalid="ignore")  # what a decoder outputs may be NaN: the error is then NaN too
def exact_evidence(vae: VAE, x: Any) -> ExactEvidence:
    """log p(x) of each example by quadrature over the latent space.

    Args:
        vae: `VAE` with 1 to 3 latents.
        x: (N, *event_shape), as the likelihood sees them (binarised if need be).

    Returns:
        `ExactEvidence`; look at `is_exact` before you call a value so.

    Raises:
        ValueError: if the VAE has more than 3 latents, or posterior means too far to be covered.
    """
    latents = vae.latent_dim
    if latents not in SPACING:
        raise ValueError(
            f"the VAE has {latents} latents: quadrature is for 1 to {MOST_LATENTS}; use "
            "importance_weighted_bound or annealed_evidence"
        )
    x = examples_for(vae, x)
    z_mean, _ = vae.encode(x)
    tile_log_sums = _tile_log_sums_function(vae, x)
    spacing, side = SPACING[latents], TILE_NODES[latents]
    tiles, border = _root_tiles(z_mean, prior_range(vae), spacing * side)
    examples = count(x)
    log_evidences = np.empty((LATTICES, examples))
    is_open = np.ones(examples, bool)
    for level in range(FINEST_LEVEL + 1):
        log_sums, log_shares = _add_tiles(tiles, tile_log_sums, spacing, examples)
        if level == 0:
            border_share = np.exp(np.logaddexp.reduce([log_shares[tile] for tile in border]))
        # log p(x) = log h^d sum_j p(x, z_j)
        log_evidences[:, is_open] = log_sums[:, is_open] + latents * np.log(spacing)
        error = np.ptp(log_evidences, axis=0)
        is_open &= error > TARGET_ERROR
        if not is_open.any():
            break
        tiles = _split(tiles, log_shares, z_mean, is_open, spacing * side)
        spacing /= 2
    return ExactEvidence(
        log_evidence=np.logaddexp(log_evidences[0], log_evidences[2]) - np.log(2),
        log_normaliser=log_evidences[1],
        error=error + border_share,
    )


def _root_tiles(
    z_mean: np.ndarray, of_prior: np.ndarray, width: float
) -> tuple[dict[Tile, np.ndarray], list[Tile]]:
    """({tile: its examples}, tiles at the border): tiles of side `width` that cover the prior and
    all posterior means, each for all examples. A tile is its lowest corner over `width`."""
    reach = max(float(np.abs(of_prior).max()), float(np.abs(z_mean).max()) + 1)
    half = int(np.ceil(reach / width))
    latents = z_mean.shape[1]
    if (2 * half) ** latents > MOST_TILES:
        raise ValueError(
            f"posterior means reach {reach - 1:.0f} from 0, too far for the quadrature grid: "
            "expected a few standard deviations of the prior, as after training; train longer, or "
            "use importance_weighted_bound"
        )
    tiles = list(product(range(-half, half), repeat=latents))
    border = [tile for tile in tiles if -half in tile or half - 1 in tile]
    return dict.fromkeys(tiles, np.arange(len(z_mean))), border


def _tile_log_sums_function(vae: VAE, x: Any) -> TileLogSums:
    """(examples, tile, spacing) -> log sum_j p(x, z_j) over the tile's nodes z_j, for each
    lattice: float64 (LATTICES, examples)."""
    latents, side = vae.latent_dim, TILE_NODES[vae.latent_dim]
    grid = np.array(list(product(range(side), repeat=latents)))
    # All nodes, lattice by lattice, from the tile's lowest corner in units of the spacing.
    nodes = [grid + lattice * np.array(SHIFT[latents]) for lattice in range(LATTICES)]
    offsets = np.concatenate(nodes)
    x = tf.nest.map_structure(tf.constant, x)
    of_nodes = tf.TensorSpec((None, latents), "float32")
    signature = [specs_of(x), tf.TensorSpec((None,), "int64"), of_nodes]
    log_sums = traced_of(vae, _log_sums, signature=signature)
    # of a conditional model each pair of x and z is decoded
    pairs = pairs_at_once(vae.event_shape, PAIRS)
    rows_at_once = ROWS if vae.condition_shape is None else max(1, pairs // len(offsets))

    def in_parts(rows: np.ndarray, tile: Tile, spacing: float) -> np.ndarray:
        z = tf.constant(np.array(tile) * (spacing * side) + spacing * offsets, "float32")
        starts = range(0, len(rows), rows_at_once)
        parts = [log_sums(x, rows[start : start + rows_at_once], z) for start in starts]
        return np.concatenate(parts, axis=1).astype("float64")

    return in_parts


def _log_sums(vae: VAE, x: Any, rows: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
    """log sum_j p(x, z_j) of some rows of x over the nodes of each lattice, (LATTICES, rows)."""
    of_rows = tf.nest.map_structure(lambda part: tf.gather(part, rows), x)
    log_joint = log_joint_of_pairs(vae, of_rows, z)
    by_lattice = tf.reshape(log_joint, [-1, LATTICES, tf.shape(z)[0] // LATTICES])
    return tf.transpose(tf.reduce_logsumexp(by_lattice, axis=2))


def _add_tiles(
    tiles: dict[Tile, np.ndarray], tile_log_sums: TileLogSums, spacing: float, examples: int
) -> tuple[np.ndarray, dict[Tile, np.ndarray]]:
    """log sum_j p(x, z_j) over all tiles, (LATTICES, examples), and of it {tile: log share of
    its examples}."""
    log_sums = np.full((LATTICES, examples), -np.inf)
    log_shares = {}
    for tile, rows in tracked(list(tiles.items())):
        of_tile = tile_log_sums(rows, tile, spacing)
        log_sums[:, rows] = np.logaddexp(log_sums[:, rows], of_tile)
        log_shares[tile] = np.logaddexp.reduce(of_tile)
    log_totals = np.logaddexp.reduce(log_sums)
    for tile, rows in tiles.items():
        log_shares[tile] -= log_totals[rows]
    return log_sums, log_shares


def _split(
    tiles: dict[Tile, np.ndarray],
    log_shares: dict[Tile, np.ndarray],
    z_mean: np.ndarray,
    is_open: np.ndarray,
    width: float,
) -> dict[Tile, np.ndarray]:
    """The halves of the tiles of side `width` in which open examples have mass, or their
    posterior mean: around it mass may hide between the nodes."""
    halves = {}
    for tile, rows in tiles.items():
        holds_z_mean = np.all(np.floor(z_mean[rows] / width) == tile, axis=1)
        has_mass = log_shares[tile] > LOG_NEGLIGIBLE_SHARE
        kept = rows[is_open[rows] & (has_mass | holds_z_mean)]
        if len(kept):
            for half in product((0, 1), repeat=len(tile)):
                halves[tuple(2 * np.array(tile) + half)] = kept
    return halves
