"""How many directions of x does an encoder use?"""

from collections.abc import Callable

import numpy as np

__all__ = ["input_directions"]

# So that it differs from the noise of data that were made with the same seed.
SALT = 4027
# Directions of x that are tried, at least.
DIRECTIONS = 64
# Width of the differences by which derivatives are taken, in standard deviations of x.
STEP = 1e-3
# Part of the squared derivatives that may lie outside of the directions that are counted.
LEFT = 1e-4


def input_directions(
    encode: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], x: np.ndarray, seed: int = 0
) -> int:
    """Number of directions of x along which the outputs of an encoder change, over all of x.

    With J(x) the derivatives of (z_mean / std, z_log_var / 2), (2 d, entries): the rank of all J(x)
    on top of each other, up to `LEFT` of their squares. An encoder whose first layer has r units
    has at most r; a linear one at most 2 d.

    Args:
        encode: x (N, *event_shape) -> (z_mean, z_log_var), each (N, d).
        x: float (N, *event_shape): examples.
        seed: of the directions that are tried, where x has more than can be.

    Returns:
        int, at most max(64, 4 d); 0 of an encoder that is constant near every x.
    """
    x = np.asarray(x, "float32")
    entries = x[0].size
    tried = max(DIRECTIONS, 4 * np.asarray(encode(x)[0]).shape[1])
    if tried < entries:
        rng = np.random.default_rng((seed, SALT))
        directions = rng.standard_normal((tried, entries))
    else:
        directions = np.eye(entries)
    step = STEP * (np.std(x, dtype="float64") or 1.0)
    x = _drawn_in(x, step * np.abs(directions).max())
    z_mean, z_log_var = (np.asarray(part, "float64") for part in encode(x))
    std = np.exp(z_log_var / 2)
    slopes = []
    for direction in directions:
        moved = x + (step * direction).astype("float32").reshape(x.shape[1:])
        mean, log_var = (np.asarray(part, "float64") for part in encode(moved))
        # dJ along the direction, in standard deviations of q(z|x)
        change = np.concatenate([(mean - z_mean) / std, (log_var - z_log_var) / 2], axis=1)
        slopes.append(change.ravel() / step)
    squares = np.linalg.svd(np.stack(slopes, axis=1), compute_uv=False) ** 2
    if not squares.sum() > 0:
        return 0
    left = 1 - np.cumsum(squares) / squares.sum()
    return int(np.count_nonzero(left > LEFT)) + 1


def _drawn_in(x: np.ndarray, margin: float) -> np.ndarray:
    """x drawn together a little, so that `margin` more or less stays inside its range: an encoder
    may refuse values that its likelihood cannot have."""
    low, high = float(x.min()), float(x.max())
    if high - low <= 4 * margin:  # all but constant: it has no range to stay in
        return x
    # a little more than the margin, for the rounding of float32
    shrunk = 1 - 2.1 * margin / (high - low)
    return ((low + high) / 2 + shrunk * (x - (low + high) / 2)).astype("float32")
