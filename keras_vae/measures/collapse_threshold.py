"""The KL weight above which a first latent costs more than it gains, from the data alone."""

import numpy as np

from keras_vae.measures.principal_directions import principal_directions
from keras_vae.measures.standard_error import standard_error

__all__ = ["collapse_threshold"]


def collapse_threshold(x: np.ndarray, variance: float | np.ndarray) -> tuple[float, float]:
    """The smallest beta at which a model without latents is a local optimum.

    Where z carries no information, the decoder outputs the data's mean, and p(x_i|z) has some
    variance G_ii. With S the covariance of the data, a first latent is worth its rate iff

    beta < beta* = largest eigenvalue of G^(-1/2) S G^(-1/2).

    For binary data and a Bernoulli, G_ii = mean_i (1 - mean_i), and beta* is the largest eigenvalue
    of the correlation matrix: at most the number of entries, so that a distortion averaged over
    D entries (which is beta = D) makes collapse stable on any data. For a Gaussian,
    G_ii = sigma^2 (Lucas et al. 2019, arXiv:1911.02469, for the linear VAE).

    Above beta* an optimum with latents may still exist, far from the one without.

    Derivation: second order of the best small encoder and decoder around the collapsed optimum
    (see the tests, which hold it against that gain itself).

    Args:
        x: (N, *event_shape): examples as the model sees them, binary if it sees them so.
        variance: G_ii, a number or of one example's shape; entries with 0 are left out.

    Returns:
        (beta*, its standard error over the examples, given the direction of the eigenvector).

    Raises:
        ValueError: if no entry is left.
    """
    x = np.asarray(x).reshape(len(x), -1)
    variance = np.broadcast_to(np.asarray(variance, "float64").reshape(-1), x.shape[1:])
    kept = variance > 0
    if not kept.any():
        raise ValueError("every entry has variance 0: constant data have no direction to learn")
    x = x[:, kept].astype("float64")
    scaled = (x - x.mean(axis=0)) / np.sqrt(variance[kept])
    eigenvalues, vectors = principal_directions(scaled, 1)
    # beta* = mean (v . r)^2 over the scaled residuals r, v the first eigenvector
    squares = (scaled @ vectors[:, 0]) ** 2
    return float(eigenvalues[0]), standard_error(squares)
