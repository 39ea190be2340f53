"""How many examples of one split are in another too?"""

import numpy as np

from keras_vae.measures.dealt_by_chance import DRAWS, p_value

__all__ = ["duplicate_fraction", "duplicates_by_chance"]


def duplicate_fraction(test: np.ndarray, train: np.ndarray) -> tuple[float, float]:
    """Fraction of test examples that are, as float32, a training example, and what to expect.

    Small or coarse data contain repeats without any leak: as often as within the training examples,
    which a leak does not change.

    Args:
        test, train: (N, *event_shape) and (M, *event_shape).

    Returns:
        (fraction, fraction of the training examples that occur more than once there).
    """
    hashes = _hashes(train)
    known, counts = np.unique(hashes, return_counts=True)
    found = np.isin(_hashes(test), known)
    repeated = np.sum(counts[counts > 1]) / len(hashes)
    return float(np.mean(found)), float(repeated)


def one_entry_apart(x: np.ndarray) -> float:
    """Fraction of the different examples that differ from another one in a single entry.

    Where examples repeat because entries have few values, some differ in one entry as well: of an
    entry with v values that come equally often whatever the others are, v - 1 times as many pairs
    as are equal. Where they repeat because something was copied, or was measured once and listed
    several times, hardly any do.

    Args:
        x: (N, *event_shape), N at least 1; NaN is a value of its own.
    """
    rows = np.asarray(x, "float32").reshape(len(x), -1) + np.float32(0)
    rows[np.isnan(rows)] = np.nan
    different = np.unique(np.ascontiguousarray(rows).view("uint32"), axis=0)
    # sum_k hash(x_k), modulo 2^64; without hash(x_j) it is that of the example without entry j
    of_entries = _mixed(different, np.random.default_rng(0))
    whole = of_entries.sum(axis=1, dtype="uint64")
    is_near = np.zeros(len(different), bool)
    for of_entry in of_entries.T:
        _, kinds, sizes = np.unique(whole - of_entry, return_inverse=True, return_counts=True)
        is_near |= sizes[kinds] > 1
    return float(is_near.mean())


def duplicates_by_chance(
    test: np.ndarray, train: np.ndarray, draws: int = DRAWS, seed: int = 0
) -> float:
    """Probability of as many copies in a random split of the same examples.

    A leak puts one of each pair of copies into each split; chance puts both into one split as
    well. By permutation, so that it holds for few examples and for those that many others equal.

    Args:
        test, train: as for `duplicate_fraction`.
        draws, seed: number of random splits, and their seed.

    Returns:
        The p-value, at least 1 / (draws + 1).
    """
    _, kinds, sizes = np.unique(
        np.concatenate([_hashes(test), _hashes(train)]), return_inverse=True, return_counts=True
    )
    is_repeated = sizes[kinds] > 1
    repeated = kinds[is_repeated]

    def copies(in_test: np.ndarray) -> int:
        """How many of the test examples have their like in training."""
        of_kind = np.bincount(in_test, minlength=len(sizes))
        return int(np.sum(of_kind[(of_kind > 0) & (of_kind < sizes)]))

    rng = np.random.default_rng(seed)
    others = len(kinds) - len(repeated)
    counts = rng.hypergeometric(len(repeated), others, len(test), draws)
    dealt = [copies(rng.permutation(repeated)[:count]) for count in counts]
    return p_value(copies(kinds[: len(test)][is_repeated[: len(test)]]), dealt)


def _mixed(bits: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """uint64 (N, D) that look like noise, a function of an entry's place and its 32 bits."""
    odd = rng.integers(2**63, size=(3, bits.shape[1]), dtype="uint64") * np.uint64(2) + np.uint64(1)
    mixed = bits.astype("uint64") * odd[0] + odd[1]
    for _ in range(2):
        mixed = (mixed ^ (mixed >> np.uint64(31))) * odd[2]
    return mixed


def _hashes(x: np.ndarray) -> np.ndarray:
    # + 0: -0.0 has other bytes than 0.0
    rows = np.asarray(x, "float32").reshape(len(x), -1) + np.float32(0)
    return np.array([hash(row.tobytes()) for row in rows])
