"""How many examples of one split stand in another too?"""

import numpy as np

__all__ = ["duplicate_fraction"]


def duplicate_fraction(test, train):
    """Fraction of test examples that are, bit for bit, a training example.

    What is left over chance: from it is taken the fraction of training examples that stand in the
    training data twice, which a leak does not raise and small or noisy-free data do.

    Args:
        test, train: (N, *event_shape) and (M, *event_shape).

    Returns:
        (fraction, fraction expected by chance).
    """
    hashes = _hashes(train)
    known, counts = np.unique(hashes, return_counts=True)
    found = np.isin(_hashes(test), known)
    repeated = np.sum(counts[counts > 1]) / len(hashes)
    return float(np.mean(found)), float(repeated)


def _hashes(x):
    rows = np.ascontiguousarray(np.asarray(x, "float32").reshape(len(x), -1))
    return np.array([hash(row.tobytes()) for row in rows])
