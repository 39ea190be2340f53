"""Do two samples fall into the same clusters equally often?"""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.cluster.vq import kmeans2

from keras_vae.measures.dealt_by_chance import p_value
from keras_vae.measures.principal_directions import principal_directions

__all__ = ["ClusterShares", "cluster_shares"]

COMPONENTS = 20
ROUNDS = 50  # of k-means, far beyond those in which the shares of clusters still change
# So many that a p-value can be half of one in ten thousand.
DRAWS = 19_999


@dataclass(frozen=True)
class ClusterShares:
    """How often.

    Attributes:
        p_value: of chi^2 for the hypothesis that they do, by permutation; at least 5e-5.
        excess: the largest excess of the second sample's share of a cluster over the first's.
        excess_error: its standard error, of that cluster.
        bins: number of clusters.
    """

    p_value: float
    excess: float
    excess_error: float
    bins: int


def cluster_shares(
    first: np.ndarray, second: np.ndarray, bins: int = 20, seed: int = 0
) -> ClusterShares:
    """Counts two samples in the clusters of both together.

    The test of Richardson & Weiss 2018, arXiv:1805.12462 (number of statistically different bins)
    with one chi^2 over all bins, compared with its values when the examples are assigned to the
    samples at random: the tabulated chi^2 is wrong where clusters are small. Clusters: k-means of
    the first principal components.

    Args:
        first, second: (N, *event_shape) and (M, *event_shape).
        bins: number of clusters, at most; no more than there are different examples.
        seed: of the clusters.

    Returns:
        `ClusterShares`.
    """
    first, second = (np.asarray(x, "float64").reshape(len(x), -1) for x in (first, second))
    both = np.concatenate([first, second])
    both -= both.mean(axis=0)
    bins = min(bins, len({row.tobytes() for row in both + 0.0}))  # -0.0 has other bytes than 0.0
    _, main = principal_directions(both, min(COMPONENTS, *both.shape))
    # SciPy's, because the second that it takes to load scikit-learn is more than all of the rest.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "One of the clusters is empty")  # left out below
        rng = np.random.default_rng(seed)
        _, labels = kmeans2(both @ main, bins, ROUNDS, minit="++", rng=rng)
    parts = np.split(labels, [len(first)])
    counts = np.stack([np.bincount(part, minlength=bins) for part in parts])
    counts = counts[:, counts.sum(axis=0) > 0]
    totals, size = counts.sum(axis=0), len(second)
    dealt = np.random.default_rng(seed).multivariate_hypergeometric(totals, size, DRAWS)
    shares = counts / counts.sum(axis=1, keepdims=True)
    differences = shares[1] - shares[0]
    most = int(np.argmax(differences))
    # the variance of a share p of n examples is p (1 - p) / n
    variances = shares[:, most] * (1 - shares[:, most]) / counts.sum(axis=1)
    return ClusterShares(
        p_value(float(_chi_squared(counts[1], totals, size)), _chi_squared(dealt, totals, size)),
        float(differences[most]),
        float(np.sqrt(variances.sum())),
        counts.shape[1],
    )


def _chi_squared(second: np.ndarray, totals: np.ndarray, size: int) -> np.ndarray:
    """chi^2 of the counts of the second sample, (..., bins), and of the rest of the totals.

    sum over both of (count - expected)^2 / expected, expected n_k = share of the sample * total:
    with d the second's difference, d^2 (1 / n_k + 1 / (total - n_k)).
    """
    expected = totals * size / totals.sum()
    return np.sum((second - expected) ** 2 * (1 / expected + 1 / (totals - expected)), axis=-1)
