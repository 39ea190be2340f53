"""Is the decoder's sigma as large as its errors?"""

import numpy as np

from keras_vae.measures.standard_error import standard_error

__all__ = ["variance_ratio"]


def variance_ratio(
    x: np.ndarray, mean: np.ndarray, sigma: float, mask: np.ndarray | None = None
) -> tuple[float, float]:
    """Mean squared error over sigma^2, for p(x|z) = N(mean, sigma^2 I).

    1 where sigma is best: sigma*^2 = mean (x - mean)^2 over examples and entries (Rybkin,
    Daniilidis & Levine 2021, arXiv:2006.13202). Above 1 sigma is too small, and the distortion
    weighs too much against the rate; below 1 it is too large.

    Args:
        x, mean: (N, *event_shape); the mean decoded from a draw of q(z|x).
        sigma: a number above 0.
        mask: of the shape of x, 1 where an entry was observed, 0 where it is missing; None:
            everywhere 1.

    Returns:
        (ratio, its standard error over the examples).
    """
    squares = (np.asarray(x, "float64") - np.asarray(mean, "float64")) ** 2 / sigma**2
    squares = squares.reshape(len(squares), -1)
    if mask is None:
        ratios = squares.mean(axis=1)
    else:  # each example by what was observed of it
        mask = np.asarray(mask, "float64").reshape(squares.shape)
        some = mask.any(axis=1)
        ratios = (mask * squares)[some].sum(axis=1) / mask[some].sum(axis=1)
    return float(ratios.mean()), standard_error(ratios)
