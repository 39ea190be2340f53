"""The standard error of a mean."""

import numpy as np

__all__ = ["standard_error"]


def standard_error(values):
    """std / sqrt(N) with N - 1 degrees of freedom; NaN for a single value."""
    values = np.asarray(values, "float64")
    if len(values) < 2:
        return float("nan")
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))
