"""A mean by Monte Carlo beside a quantity whose mean is known."""

import numpy as np

__all__ = ["mean_beside"]


def mean_beside(values: np.ndarray, control: np.ndarray, known: float) -> tuple[float, float]:
    """Mean and standard error of values beside a control variate (regression estimator; Owen 2013,
    "Monte Carlo theory, methods and examples", section 8.9).

    Of each value the part that the control explains is replaced by its mean.

    Args:
        values: float64 (n,), n at least 3.
        control: float64 (n,), of the same draws.
        known: the mean of the control.
    """
    covariance = np.cov(values, control)
    slope = covariance[0, 1] / covariance[1, 1] if covariance[1, 1] > 0 else 0.0
    # mean(values - slope (control - known))
    adjusted = values - slope * (control - known)
    mean = adjusted.mean()
    # n - 2: the mean and the slope are both fitted
    variance = np.sum((adjusted - mean) ** 2) / (len(values) - 2)
    return float(mean), float(np.sqrt(variance / len(values)))
