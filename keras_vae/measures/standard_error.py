"""The standard error of a mean."""

import numpy as np

__all__ = ["standard_error"]


def standard_error(values: np.ndarray) -> float:
    """std / sqrt(N) with N - 1 degrees of freedom, of at least two values."""
    values = np.asarray(values, "float64")
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))
