"""The directions in which examples vary most."""

import contextlib

import numpy as np

__all__ = ["principal_directions"]

# Rows of a matrix for each direction, above which those are a few of all.
FEW_OF = 20


def principal_directions(x: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The first eigenvectors of the covariance of the rows of x.

    By the smaller of the covariance (D, D) and the Gram matrix (N, N), which have the same
    eigenvalues other than 0; so neither many examples nor many entries make it slow.

    Args:
        x: (N, D), of mean 0.
        count: number of directions, at most the smaller of N and D.

    Returns:
        (variances (count,), the largest first; directions (D, count), of length 1; 0 where there
        is no variance).
    """
    x = np.asarray(x, "float64")
    n, d = x.shape
    if d <= n:
        return _largest(x.T @ x / n, count)
    variances, vectors = _largest(x @ x.T / n, count)
    # x^T u has length sqrt(n * variance)
    lengths = np.sqrt(n * np.maximum(variances, 0))
    return variances, x.T @ vectors / np.where(lengths > 0, lengths, np.inf)


def _largest(matrix: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The largest eigenvalues of a symmetric matrix and their vectors, the largest first."""
    # Here, because every import of keras_vae would wait for it.
    from scipy.linalg import eigh
    from scipy.sparse.linalg import ArpackNoConvergence, eigsh

    size = len(matrix)
    if not count:  # of one entry, a third
        return np.empty(0), np.empty((size, 0))
    if size > FEW_OF * count and matrix.any():
        # By Lanczos's method: some products with the matrix, where all of it is made tridiagonal
        # otherwise, in many small steps for which the threads of a busy machine wait.
        start = np.random.default_rng(0).standard_normal(size)
        with contextlib.suppress(ArpackNoConvergence):
            values, vectors = eigsh(np.asarray_chkfinite(matrix), count, which="LA", v0=start)
            order = np.argsort(-values)
            return values[order], vectors[:, order]
    values, vectors = eigh(matrix, subset_by_index=(size - count, size - 1))
    return values[::-1], vectors[:, ::-1]
