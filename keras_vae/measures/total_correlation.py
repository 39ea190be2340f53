"""How many nats do several numbers have in common?"""

import numpy as np

__all__ = ["total_correlation"]

# Of a correlation matrix: copies have 0, of which the logarithm has no end.
SMALLEST = 1e-6


def total_correlation(x: np.ndarray) -> float:
    """sum_i H(x_i) - H(x), nats an example, as if x were normal: -1/2 log det R, with R the
    correlation matrix (Watanabe 1960, IBM J. Res. Dev. 4, 66).

    It is what a model of all entries gains on one of each entry by itself, at most. Of a few
    examples some of it is chance: about n^2 / 4N of n entries and N examples.

    Args:
        x: (N, n); entries that never change are left out.
    """
    x = np.asarray(x, "float64")
    width = x.std(axis=0)
    scaled = (x - x.mean(axis=0))[:, width > 0] / width[width > 0]
    eigenvalues = np.linalg.eigvalsh(scaled.T @ scaled / len(x))
    return float(-0.5 * np.sum(np.log(np.maximum(eigenvalues, SMALLEST))))
