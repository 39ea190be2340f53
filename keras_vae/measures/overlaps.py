"""How many windows of one split share rows with a window of another?"""

import numpy as np

__all__ = ["SHORTEST", "overlap_fraction"]

SHORTEST = 8  # different values in what is shared: fewer may be equal by chance
BLOCK = 1000
# Odd numbers: of a sum of powers, and to mix the bits of values with few digits.
BASE, MIX = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9


def overlap_fraction(test: np.ndarray, train: np.ndarray) -> float:
    """Fraction of test examples that share a piece with a training example, in another place.

    The piece is the first or the last quarter of the training example, 8 entries at least, of which
    8 different values stand, as float32, in the same order in the test example, earlier or later.
    That chance does not make, however often series repeat themselves in few values. Windows that
    overlap by more than a quarter do so.

    Args:
        test, train: (N, *event_shape) and (M, *event_shape), step by step; NaN where missing.

    Returns:
        The fraction; NaN of examples of fewer than 16 entries.
    """
    size = int(np.prod(train.shape[1:]))
    length = max(SHORTEST, size // 4)
    if size < 2 * SHORTEST:
        return float("nan")
    powers = np.cumprod(np.full(size, BASE, "uint64"))
    firsts: list[np.ndarray] = []
    lasts: list[np.ndarray] = []
    for block in _blocks(train):
        for piece, found in ((block[:, :length], firsts), (block[:, -length:], lasts)):
            told = piece[_different(piece) >= SHORTEST]
            found.append((_bits(told) * powers[:length]).sum(axis=1))
    inverse = np.uint64(pow(BASE, -1, 2**64))
    back = np.cumprod(np.full(size - length + 1, inverse)) * np.uint64(BASE)
    shared = []
    for block in _blocks(test):
        sums = np.cumsum(_bits(block) * powers, axis=1)
        before = np.concatenate([np.zeros((len(block), 1), "uint64"), sums], axis=1)
        # sum_i x_(s + i) B^i of the piece that begins at s
        pieces = (before[:, length:] - before[:, : size - length + 1]) * back
        shared.append(
            np.isin(pieces[:, 1:], np.concatenate(firsts)).any(axis=1)
            | np.isin(pieces[:, :-1], np.concatenate(lasts)).any(axis=1)
        )
    return float(np.mean(np.concatenate(shared)))


def _blocks(x: np.ndarray) -> list[np.ndarray]:
    flat = np.asarray(x, "float32").reshape(len(x), -1)
    return [flat[first : first + BLOCK] for first in range(0, len(flat), BLOCK)]


def _different(x: np.ndarray) -> np.ndarray:
    """How many different values are in each row, without NaN."""
    with np.errstate(invalid="ignore"):  # inf - inf
        return 1 + (np.diff(np.sort(x, axis=1), axis=1) > 0).sum(axis=1)


def _bits(x: np.ndarray) -> np.ndarray:
    """uint64 that are equal where values are: 0 and -0.0, and any two NaN, are."""
    same = np.where(np.isnan(x), np.float32("nan"), x + np.float32(0))
    mixed = same.view("uint32").astype("uint64") * np.uint64(MIX)
    return mixed ^ (mixed >> np.uint64(29))
