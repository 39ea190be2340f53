"""How much better is one model than another: on the same examples, over several seeds."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from keras_vae.measures.standard_error import standard_error

__all__ = ["PairedDifference", "paired_difference", "seed_spread"]

CONFIDENCE = 0.95


@dataclass(frozen=True)
class PairedDifference:
    """The difference of two means, first minus second, with what it can be wrong by.

    Attributes:
        mean: of the differences, in the unit of the values.
        error_of_examples: what other test examples would change: the standard error of the mean
            of the differences, taken example by example.
        error_of_seeds: what other seeds would change: the standard error of the difference of two
            means over seeds; None unless both sides have at least two.
        degrees_of_freedom: of both errors together.
    """

    mean: float
    error_of_examples: float
    error_of_seeds: float | None
    degrees_of_freedom: float

    @property
    def standard_error(self) -> float:
        """Of both together: sqrt(error_of_examples^2 + error_of_seeds^2)."""
        return float(np.hypot(self.error_of_examples, self.error_of_seeds or 0.0))

    @property
    def is_told(self) -> bool:
        """Whether a two-sided t test at 5 % tells the difference from 0."""
        quantile = stdtrit(self.degrees_of_freedom, (1 + CONFIDENCE) / 2)
        return bool(abs(self.mean) > quantile * self.standard_error)


def paired_difference(first: np.ndarray, second: np.ndarray) -> PairedDifference:
    """First minus second, example by example.

    The errors are those of Student's paired test over examples and of Welch's test over seeds,
    joined as Satterthwaite joins degrees of freedom (Welch 1947, Biometrika 34). What a seed does
    to single examples is in both errors, so that their sum is rather too large than too small.

    Args:
        first, second: (S, N) and (T, N): a value for each of S and T seeds and of N examples, at
            least 2 examples, the same and in the same order for both.

    Returns:
        `PairedDifference`.
    """
    first, second = np.asarray(first, "float64"), np.asarray(second, "float64")
    differences = first.mean(axis=0) - second.mean(axis=0)
    # (variance of a mean, its degrees of freedom)
    parts = [(standard_error(differences) ** 2, len(differences) - 1)]
    if min(len(first), len(second)) > 1:
        parts += [
            (standard_error(side.mean(axis=1)) ** 2, len(side) - 1) for side in (first, second)
        ]
    total = sum(variance for variance, _ in parts)
    # (sum v)^2 / sum v^2 / dof
    weighted = sum(variance**2 / degrees for variance, degrees in parts)
    return PairedDifference(
        mean=float(differences.mean()),
        error_of_examples=float(np.sqrt(parts[0][0])),
        error_of_seeds=float(np.sqrt(sum(v for v, _ in parts[1:]))) if parts[1:] else None,
        degrees_of_freedom=total**2 / weighted if weighted else float(len(differences) - 1),
    )


def seed_spread(values: np.ndarray) -> float | None:
    """The standard deviation over seeds of the mean over examples; None of a single seed.

    Args:
        values: (S, N), a value for each seed and example.
    """
    means = np.asarray(values, "float64").mean(axis=1)
    return float(np.std(means, ddof=1)) if len(means) > 1 else None
