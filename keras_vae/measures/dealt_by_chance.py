"""How large is a difference between two samples if the examples are assigned to them at random?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["DRAWS", "Chance", "dealt_by_chance", "p_value"]

DRAWS = 999
# Draws whose sums are taken in one matrix product.
BLOCK = 111


@dataclass(frozen=True)
class Chance:
    """How large a difference is by chance alone.

    Attributes:
        p_value: probability of a difference as large as the one that was found, or larger.
        spread: standard deviation of the difference, where it is finite; 0 where it never is.
    """

    p_value: float
    spread: float


def dealt_by_chance(
    difference: Callable[[np.ndarray, np.ndarray], np.ndarray],
    first: np.ndarray,
    second: np.ndarray,
    draws: int = DRAWS,
    seed: int = 0,
) -> Chance:
    """The permutation test of a difference of means.

    For any distribution, all random assignments of the examples to two samples are equally likely:
    the test is exact for few examples, heavy tails, rare entries and examples that repeat each
    other.

    Args:
        difference: (means of the first sample (B, F), of the second (B, F)) -> (B,), each a
            difference that grows as they become less similar. NaN counts as none.
        first, second: features of the examples, (N, F) and (M, F).
        draws: number of random assignments.
        seed: of the draws.

    Returns:
        `Chance`; the p-value is at least 1 / (draws + 1).
    """
    rows = np.concatenate([first, second]).astype("float64")
    rows = rows.reshape(len(rows), -1)
    total, sizes = rows.sum(axis=0), (len(first), len(second))

    def of(is_second: np.ndarray) -> np.ndarray:
        sums = is_second @ rows
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            values = difference((total - sums) / sizes[0], sums / sizes[1])
        return np.nan_to_num(values, nan=0.0, posinf=np.inf)

    found = of((np.arange(len(rows)) >= len(first))[None].astype("float64"))[0]
    rng = np.random.default_rng(seed)
    blocks = []
    for begin in range(0, draws, BLOCK):
        order = rng.random((min(BLOCK, draws - begin), len(rows)))
        limit = np.partition(order, sizes[1] - 1, axis=1)[:, sizes[1] - 1 : sizes[1]]
        blocks.append(of((order <= limit).astype("float64")))
    dealt = np.concatenate(blocks)
    finite = dealt[np.isfinite(dealt)]
    return Chance(p_value(found, dealt), float(finite.std()) if len(finite) else 0.0)


def p_value(found: float, dealt: np.ndarray | Sequence[float]) -> float:
    """Part of the draws, and of what was found, that are as large as what was found.

    (1 + number of draws as large) / (1 + number of draws), Phipson & Smyth 2010,
    arXiv:1603.05766: never 0, and too small with no more than its own probability.
    """
    as_large = np.sum(np.asarray(dealt) >= found * (1 - 1e-9))  # sums in another order
    return float((1 + as_large) / (1 + len(dealt)))
