"""How many examples of one split stand in another too?"""

import numpy as np

__all__ = ["duplicate_fraction"]


def duplicate_fraction(test, train):
    """Fraction of test examples that are, as float32, a training example, and what to expect.

    Small or coarse data repeat themselves without any leak: as often as the training examples
    repeat each other, which a leak does not change.

    Args:
        test, train: (N, *event_shape) and (M, *event_shape).

    Returns:
        (fraction, fraction of the training examples that stand there more than once).
    """
    hashes = _hashes(train)
    known, counts = np.unique(hashes, return_counts=True)
    found = np.isin(_hashes(test), known)
    repeated = np.sum(counts[counts > 1]) / len(hashes)
    return float(np.mean(found)), float(repeated)


def _hashes(x):
    # + 0: -0.0 has other bytes than 0.0
    rows = np.asarray(x, "float32").reshape(len(x), -1) + np.float32(0)
    return np.array([hash(row.tobytes()) for row in rows])
