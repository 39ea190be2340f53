"""Do the nearest neighbours of a code share its class, or look like it?"""

import numpy as np
from scipy.spatial import KDTree

__all__ = ["nearest_neighbours", "neighbour_distance", "neighbour_purity", "shuffled_purity"]

NEIGHBOURS = 10
SHUFFLES = 20


def nearest_neighbours(codes: np.ndarray, k: int = NEIGHBOURS) -> np.ndarray:
    """The k nearest others of each code, by Euclidean distance: int (N, k), the nearest first.

    Args:
        codes: (N, ...), finite; N above k.
        k: how many.
    """
    codes = np.asarray(codes, "float64").reshape(len(codes), -1)
    if not 0 < k < len(codes):
        raise ValueError(f"k={k}: expected at least 1, and fewer than the {len(codes)} codes")
    _, found = KDTree(codes).query(codes, k + 1)
    # a code is a neighbour of itself, and not always the first: another may lie at its place
    is_self = found == np.arange(len(codes))[:, None]
    is_self[~is_self.any(axis=1), -1] = True  # more than k + 1 at one place: leave the last out
    return np.asarray(found[~is_self].reshape(len(codes), k))


def neighbour_purity(codes: np.ndarray, labels: np.ndarray, k: int = NEIGHBOURS) -> np.ndarray:
    """The share of the k nearest others of each code that have its label: float64 (N,)."""
    labels = np.asarray(labels)
    return np.asarray((labels[nearest_neighbours(codes, k)] == labels[:, None]).mean(axis=1))


def shuffled_purity(
    codes: np.ndarray, labels: np.ndarray, k: int = NEIGHBOURS, seed: int = 0
) -> tuple[float, float]:
    """(mean, standard deviation) over shuffles of the labels of the mean `neighbour_purity`: what
    codes reach that know nothing of the labels."""
    neighbours = nearest_neighbours(codes, k)
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(SHUFFLES):
        dealt = rng.permutation(labels)
        means.append((dealt[neighbours] == dealt[:, None]).mean())
    return float(np.mean(means)), float(np.std(means, ddof=1))


def neighbour_distance(codes: np.ndarray, x: np.ndarray, k: int = NEIGHBOURS) -> np.ndarray:
    """How unlike the k nearest others of each code are: float64 (N,).

    1 is the mean over all pairs of examples: mean squared distance of x to those of the neighbours,
    over that to all others.

    Args:
        codes: (N, ...).
        x: (N, *event_shape), in units that can be added.
        k: how many neighbours.
    """
    x = np.asarray(x, "float64").reshape(len(x), -1)
    neighbours = nearest_neighbours(codes, k)
    near = np.array([np.mean((x[n] - one) ** 2) for one, n in zip(x, neighbours, strict=True)])
    # mean |x_i - x_j|^2 over all pairs = 2 * variance, N / (N - 1) without those of i = j
    of_all = 2 * np.mean(np.var(x, axis=0)) * len(x) / (len(x) - 1)
    return near / of_all if of_all > 0 else np.ones(len(x))
