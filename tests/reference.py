"""The oracle of the tests: the same quantities in plain NumPy float64, written independently.

Densities are given entry by entry, in nats; sum them over the event yourself.
"""

import numpy as np

LOG_2_PI = np.log(2 * np.pi)


def normal_log_density(x, mean, log_var):
    """log N(x; mean, exp(log_var))."""
    x, mean, log_var = _float64(x, mean, log_var)
    return -0.5 * (LOG_2_PI + log_var + (x - mean) ** 2 / np.exp(log_var))


def kl_from_standard_normal(z_mean, z_log_var):
    """KL(N(m, diag(exp(l))) || N(0, I)) = 0.5 sum(exp(l) + m^2 - 1 - l), over the last axis."""
    m, l = _float64(z_mean, z_log_var)  # noqa: E741
    return 0.5 * np.sum(np.exp(l) + m**2 - 1 - l, axis=-1)


def bernoulli_log_prob(x, logits):
    """x log p + (1 - x) log(1 - p) for p = sigmoid(logits)."""
    x, logits = _float64(x, logits)
    return -x * np.logaddexp(0, -logits) - (1 - x) * np.logaddexp(0, logits)


def continuous_bernoulli_log_density(x, logits):
    """x a + log(a / (exp(a) - 1)), the density C(l) l^x (1 - l)^(1 - x) in its logit a."""
    x, a = _float64(x, logits)
    is_small = np.abs(a) < 1e-4
    size = np.where(is_small, 1.0, np.abs(a))
    # log(a / (exp(a) - 1)) is even up to the term min(-a, 0)
    log_normalizer = np.minimum(-a, 0) + np.log(size) - np.log(-np.expm1(-size))
    return x * a + np.where(is_small, -a / 2 - a**2 / 24, log_normalizer)


def monte_carlo_mean(draws):
    """The mean of independent draws along the first axis, and its standard error."""
    draws = np.asarray(draws, "float64")
    return draws.mean(axis=0), draws.std(axis=0, ddof=1) / np.sqrt(len(draws))


def _float64(*arrays):
    return [np.asarray(array, "float64") for array in arrays]
