"""How well classes are told from features: by the nearest examples, and by a linear classifier."""

import warnings
from dataclasses import dataclass

import numpy as np

__all__ = ["CLASS_NEIGHBOURS", "ClassAccuracy", "linear_accuracy", "neighbour_accuracy"]

CLASS_NEIGHBOURS = 5
ITERATIONS = 1000  # of L-BFGS, at most


@dataclass(frozen=True)
class ClassAccuracy:
    """Of which held-out examples the class was told right.

    Attributes:
        is_right: bool (N,).
    """

    is_right: np.ndarray

    @property
    def mean(self) -> float:
        """The share p that was told right, 0 to 1."""
        return float(np.mean(self.is_right))

    @property
    def standard_error(self) -> float:
        """sqrt(p (1 - p) / N), binomial: what other held-out examples would change; 0 where all
        are right, or none."""
        return float(np.sqrt(self.mean * (1 - self.mean) / len(self.is_right)))


def neighbour_accuracy(
    features: np.ndarray,
    labels: np.ndarray,
    held_out: np.ndarray,
    held_out_labels: np.ndarray,
    k: int = CLASS_NEIGHBOURS,
) -> ClassAccuracy:
    """Tells each held-out example the class that most of its k nearest training examples have.

    By Euclidean distance of the features as they are; of classes with as many neighbours, the
    smallest label (Cover & Hart 1967, "Nearest neighbor pattern classification").

    Args:
        features: (M, D), finite, of the training examples.
        labels: (M,), whole numbers.
        held_out, held_out_labels: (N, D) and (N,), the same of others.
        k: 1 to M.

    Raises:
        ValueError: if k is out of its range.
    """
    # Here, because every import of keras_vae would wait for it.
    from sklearn.neighbors import KNeighborsClassifier

    if not 1 <= k <= len(features):
        raise ValueError(f"k={k}: expected 1 to {len(features)}, as many as there are examples")
    # by matrix products: with many features no tree is faster
    classifier = KNeighborsClassifier(k, algorithm="brute").fit(features, labels)
    return ClassAccuracy(classifier.predict(held_out) == held_out_labels)


def linear_accuracy(
    features: np.ndarray,
    labels: np.ndarray,
    held_out: np.ndarray,
    held_out_labels: np.ndarray,
) -> ClassAccuracy:
    """Tells each held-out example the class that multinomial logistic regression finds likeliest.

    log p(class|f) = w_class . f + b_class + constant, of features f standardised by the training
    examples, with the weights that minimise -sum_i log p(class_i|f_i) + |w|^2 / 2: the "linear
    probe" of Alain & Bengio 2016, arXiv:1610.01644. The weight of the penalty is not tuned.

    Args, Returns: as for `neighbour_accuracy`.

    Raises:
        ValueError: if the training examples are of one class.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(labels)) < 2:
        raise ValueError("labels are of one class; expected at least two")
    mean, width = features.mean(axis=0), features.std(axis=0)
    width = np.where(width > 0, width, 1)  # a feature that never changes tells nothing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near enough for a share
        classifier = LogisticRegression(C=1.0, max_iter=ITERATIONS)
        classifier.fit((features - mean) / width, labels)
    return ClassAccuracy(classifier.predict((held_out - mean) / width) == held_out_labels)
