"""How many examples of one split are almost an example of another?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import hypergeom

from keras_vae.progress import tracked

__all__ = ["NearCopies", "near_copies"]

# A copy is nearer to its original than this part of the distance from there to any other.
NEARER = 0.1
EXAMPLES = 500  # of each kind whose neighbours are looked for
DIRECTIONS = 64  # that neighbours are looked for in, drawn at random where there are more entries
SPREAD = 5000  # of which an entry has its mean and its standard deviation
BLOCK = 250  # rows whose distances to all others are in memory at once


@dataclass(frozen=True)
class NearCopies:
    """Near copies among test examples, and what to expect of them.

    Attributes:
        found: fraction of the test examples that are one of a training example.
        expected: the same fraction of training examples, each held against the others.
        p_value: probability of as many or more among the test examples, if it is chance which of
            all examples are test examples.
        examples: of how many test examples `found` is the fraction.
    """

    found: float
    expected: float
    p_value: float
    examples: int


def near_copies(test: np.ndarray, train: np.ndarray, seed: int = 0) -> NearCopies:
    """Compares the distance of an example to the nearest training example with that from there to
    the nearest other one.

    A rounded or slightly changed copy a of b has d(a, b) < 0.1 d(b, c), c the training example
    nearest to b. Of D entries that vary by themselves chance does so with a probability of 0.1^D;
    where examples repeat each other d(b, c) is 0 and nothing is counted. Entries are standardised
    by the training examples. What chance does is seen in as many training examples, taken out of
    the others: of a random split both are alike, and the number among the test examples is
    hypergeometric.

    Args:
        test, train: (N, *event_shape) and (M, *event_shape); NaN where an entry is missing.
        seed: of the choice of examples, and of the directions.

    Returns:
        `NearCopies`; nothing is found among fewer than 4 training examples.
    """
    rng = np.random.default_rng((seed, 77))
    order = rng.permutation(len(train))
    count = min(len(test), len(train) // 2, EXAMPLES)
    held, rest = train[order[:count]], train[order[count:]]
    test = test[rng.permutation(len(test))[:EXAMPLES]]
    if count < 2:
        return NearCopies(0.0, 0.0, 1.0, len(test))
    standardised = _standardised(rest, rng)
    full, projected = standardised(rest)

    def copies(rows: np.ndarray) -> np.ndarray:
        of_rows, projected_rows = standardised(rows)
        b = _nearest(projected_rows, projected)
        c = _nearest(projected[b], projected, but=b)
        # d(a, b) < 0.1 d(b, c)
        return _distance(of_rows, full[b]) < NEARER * _distance(full[b], full[c])

    of_test, of_train = copies(test), copies(held)
    every = len(of_test) + len(of_train)
    copied = int(of_test.sum() + of_train.sum())
    p_value = float(hypergeom.sf(of_test.sum() - 1, every, copied, len(of_test)))
    return NearCopies(float(of_test.mean()), float(of_train.mean()), p_value, len(of_test))


def _standardised(
    rows: np.ndarray, rng: np.random.Generator
) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """x -> (x standardised as these rows, (N, D); the same in fewer directions), both float32."""
    flat = rows[:SPREAD].reshape(min(len(rows), SPREAD), -1)
    known = np.isfinite(flat)
    count = np.maximum(known.sum(axis=0), 1)
    flat = np.where(known, flat, 0).astype("float64")
    mean = flat.sum(axis=0) / count
    variance = np.where(known, np.square(flat - mean), 0).sum(axis=0) / count
    scale = np.sqrt(np.where(variance > 0, variance, 1)).astype("float32")
    mean = mean.astype("float32")
    size = flat.shape[1]
    directions = rng.standard_normal((size, DIRECTIONS), "float32") if size > DIRECTIONS else None

    def standardise(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with np.errstate(invalid="ignore", over="ignore"):
            z = (np.asarray(x, "float32").reshape(len(x), -1) - mean) / scale
        # where an entry is missing, its mean
        z[~np.isfinite(z)] = 0
        return z, z if directions is None else z @ directions

    return standardise


def _nearest(rows: np.ndarray, others: np.ndarray, but: np.ndarray | None = None) -> np.ndarray:
    """For each row the number of the nearest of the others, except number `but`."""
    # |a - b|^2 = |a|^2 - 2 a.b + |b|^2, the first the same for all b
    squares = np.square(others).sum(axis=1)
    nearest = np.empty(len(rows), int)
    for first in tracked(range(0, len(rows), BLOCK)):
        block = rows[first : first + BLOCK]
        distances = squares - 2 * (block @ others.T)
        if but is not None:
            distances[np.arange(len(block)), but[first : first + BLOCK]] = np.inf
        nearest[first : first + BLOCK] = distances.argmin(axis=1)
    return nearest


def _distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.sqrt(np.square(first - second, dtype="float64").sum(axis=1))
