"""Can a classifier tell two samples apart? If not, they may be of one distribution."""

from dataclasses import dataclass

import numpy as np

__all__ = ["TwoSample", "two_sample"]

TREES = 60
SMALLEST = 20


@dataclass(frozen=True)
class TwoSample:
    """How well.

    Attributes:
        auc: probability that the classifier scores a draw of the second sample, which it has not
            seen, above one of the first: 0.5 if it is no better than chance, 1 if it is always
            right.
        standard_error: of `auc` over the held-out draws.
    """

    auc: float
    standard_error: float


def two_sample(first: np.ndarray, second: np.ndarray, seed: int = 0) -> TwoSample:
    """Trains a classifier on half of two samples and tests it on the other half.

    A classifier two-sample test (Lopez-Paz & Oquab 2017, arXiv:1610.06545) by the area under the
    receiver operating characteristic. The classifier, boosted trees, sees z, z^2 and |z|^2, so
    that a wrong mean, a wrong variance and a shell are the easiest things to find.

    Args:
        first, second: (N, d) and (M, d), at least 20 each.
        seed: of the split and the classifier.

    Returns:
        `TwoSample`.

    Raises:
        ValueError: if the samples do not fit together or are too small.
    """
    # Here, because every command would wait for it.
    from sklearn.ensemble import HistGradientBoostingClassifier

    first, second = (np.asarray(sample, "float64") for sample in (first, second))
    do_fit = first.ndim == 2 and first.shape[1:] == second.shape[1:]
    if not do_fit or min(len(first), len(second)) < SMALLEST:
        raise ValueError(
            f"samples of shape {first.shape} and {second.shape}: expected (N, d) and (M, d), N and "
            f"M at least {SMALLEST}"
        )
    rng = np.random.default_rng(seed)
    halves = [np.array_split(rng.permutation(sample), 2) for sample in (first, second)]
    z = np.concatenate([half[0] for half in halves])
    is_second = np.repeat([0, 1], [len(half[0]) for half in halves])
    classifier = HistGradientBoostingClassifier(max_iter=TREES, random_state=seed)
    classifier.fit(_with_squares(z), is_second)
    low, high = (classifier.predict_proba(_with_squares(half[1]))[:, 1] for half in halves)
    return TwoSample(*area(low, high))


def _with_squares(z: np.ndarray) -> np.ndarray:
    return np.concatenate([z, z**2, np.sum(z**2, axis=1, keepdims=True)], axis=1)


def area(low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    """P(a score of `high` > one of `low`) + P(equal) / 2, and its standard error.

    From the placements of each score among the others (DeLong, DeLong & Clarke-Pearson 1988,
    Biometrics 44, 837).
    """
    from scipy.stats import rankdata  # here, for the same reason

    ranks = rankdata(np.concatenate([low, high]))
    # rank among all = rank among one's own + how many of the others lie below
    below_high = (ranks[len(low) :] - rankdata(high)) / len(low)
    below_low = (ranks[: len(low)] - rankdata(low)) / len(high)
    variance = np.var(below_high, ddof=1) / len(high) + np.var(below_low, ddof=1) / len(low)
    return float(below_high.mean()), float(np.sqrt(variance))
