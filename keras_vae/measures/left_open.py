"""Does one number alone tell the class of an example, or another number?"""

import warnings

import numpy as np

__all__ = ["left_open"]

# Folds: what leaves much open of one half of the examples is not asked again.
ROUGH, FINE, MUCH = 2, 10, 0.2
FEWEST = 20  # errors of always naming the most frequent class, of which a share says something


def left_open(values: np.ndarray, target: np.ndarray, seed: int = 0) -> float | None:
    """The share of what is to be known of a target that one number leaves open.

    Of classes: the errors of decision trees that see this number alone, on the tenth of the
    examples that each was not fitted to, over those of always naming the most frequent class. Of
    numbers: 1 - rho^2, with Spearman's rank correlation rho, which no unit or logarithm changes.

    Args:
        values: (N,), finite.
        target: (N,): classes, if they are whole numbers by their dtype; else numbers.
        seed: of the folds.

    Returns:
        0 where nothing is left open, about 1 where all is; None where the target hardly varies.
    """
    if target.dtype.kind == "f":
        return _of_numbers(values, target)
    # Here, because every command would wait for it.
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier

    errors = len(target) - int(np.bincount(target).max())
    if errors < FEWEST:
        return None
    share = 0.0
    for folds in (ROUGH, FINE):
        parts = KFold(folds, shuffle=True, random_state=seed)
        tree = DecisionTreeClassifier(random_state=seed)
        with warnings.catch_warnings():
            # of classes of few examples, of which the share tells more
            warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
            named = cross_val_predict(tree, values[:, None], target, cv=parts)
        share = int(np.sum(named != target)) / errors
        if share > MUCH:
            break
    return share


def _of_numbers(values: np.ndarray, target: np.ndarray) -> float | None:
    from scipy.stats import spearmanr  # here, for the same reason

    if len(target) < FEWEST or not np.ptp(target):
        return None
    return 1.0 if not np.ptp(values) else float(1 - spearmanr(values, target).statistic ** 2)
