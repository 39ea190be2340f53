"""Do two samples fall into the same clusters equally often?"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2_contingency

from keras_vae.measures.principal_directions import principal_directions

__all__ = ["ClusterShares", "cluster_shares"]

COMPONENTS = 20


@dataclass(frozen=True)
class ClusterShares:
    """How often.

    Attributes:
        p_value: of chi^2 for the hypothesis that they do.
        excess: the most that the second sample's share of one cluster exceeds the first's by.
        bins: number of clusters.
    """

    p_value: float
    excess: float
    bins: int


def cluster_shares(first, second, bins=20, seed=0):
    """Counts two samples in the clusters of both together.

    The test of Richardson & Weiss 2018, arXiv:1805.12462 (number of statistically different bins)
    with one chi^2 over all bins. Clusters: k-means of the first principal components.

    Args:
        first, second: (N, *event_shape) and (M, *event_shape).
        bins: number of clusters, at most; no more than there are different examples.
        seed: of the clusters.

    Returns:
        `ClusterShares`.
    """
    # Here, because every import of keras_vae would wait for it.
    from sklearn.cluster import KMeans

    first, second = (np.asarray(x, "float64").reshape(len(x), -1) for x in (first, second))
    both = np.concatenate([first, second])
    both -= both.mean(axis=0)
    bins = min(bins, len(np.unique(both, axis=0)))
    _, main = principal_directions(both, min(COMPONENTS, *both.shape))
    clusters = KMeans(bins, n_init=1, random_state=seed).fit(both @ main)
    parts = np.split(clusters.labels_, [len(first)])
    counts = np.stack([np.bincount(part, minlength=bins) for part in parts])
    counts = counts[:, counts.sum(axis=0) > 0]
    shares = counts / counts.sum(axis=1, keepdims=True)
    excess = float(np.max(shares[1] - shares[0]))
    return ClusterShares(float(chi2_contingency(counts).pvalue), excess, counts.shape[1])
