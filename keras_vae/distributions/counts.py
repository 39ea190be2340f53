"""Log-probabilities of counts in float32: every part is of the size of the result.

The textbook forms subtract lgammas of millions. Here, after Loader 2000, "Fast and accurate
computation of binomial probabilities", they are written by what is left: `stirling_remainder` of
each factorial, which grows as log(x) / 2, and `deviance`, which is 0 at the mean and above 0
elsewhere.
"""

import tensorflow as tf

__all__ = [
    "LOG_MEAN_RANGE",
    "deviance",
    "log_negative_binomial",
    "log_poisson",
    "stirling_remainder",
]

# Of the log of a mean count: from 2e-9 to 5e8.
LOG_MEAN_RANGE = (-20.0, 20.0)


def stirling_remainder(x: tf.Tensor) -> tf.Tensor:
    """S(x) = log Gamma(x + 1) - x log(x) + x, for float x >= 0: S(0) = 0."""
    is_small = x < 4.0
    small, large = tf.where(is_small, x, 1.0), tf.where(is_small, 4.0, x)
    direct = tf.math.lgamma(small + 1.0) - tf.math.xlogy(small, small) + small
    # S(x) = log(2 pi x) / 2 + 1/(12 x) - 1/(360 x^3) + 1/(1260 x^5) - ...
    r = 1.0 / large
    series = r * (1 / 12 - r**2 * (1 / 360 - r**2 / 1260))
    return tf.where(is_small, direct, 0.5 * tf.math.log(6.283185307 * large) + series)


def deviance(x: tf.Tensor, mean: tf.Tensor, difference: tf.Tensor) -> tf.Tensor:
    """D(x, mean) = x log(x / mean) - (x - mean), at least 0: what x tells against that mean.

    Args:
        x: float, at least 0.
        mean: float, above 0.
        difference: x - mean, as exact as it is known.
    """
    # log(x / mean) = log(1 + (x - mean) / mean): without loss where x is near the mean
    relative = difference / mean
    is_near = relative > -0.5
    near = tf.math.log1p(tf.where(is_near, relative, 0.0))
    far = tf.math.xlogy(x, tf.where(is_near, 1.0, x / mean))
    return tf.where(is_near, x * near, far) - difference


def log_poisson(x: tf.Tensor, mean: tf.Tensor) -> tf.Tensor:
    """log p of counts x >= 0 under a Poisson distribution of mean > 0, nats."""
    # log p = x log(mean) - mean - log x! = -D(x, mean) - S(x)
    return -deviance(x, mean, x - mean) - stirling_remainder(x)


def log_negative_binomial(x: tf.Tensor, mean: tf.Tensor, theta: tf.Tensor) -> tf.Tensor:
    """log p of counts x >= 0 under a negative binomial, nats.

    Args:
        x: float, whole numbers.
        mean: above 0; the variance is mean + mean^2 / theta.
        theta: above 0, the inverse dispersion; as it grows, this becomes a Poisson distribution.
    """
    # p(x) = Gamma(x + theta) / (Gamma(theta) x!) (theta / M)^theta (mean / M)^x, M = theta + mean.
    # With N = x + theta, and log Gamma(y) = S(y) + y log(y) - y - log(y):
    # log p = log(theta / N) + S(N) - S(theta) - S(x) - D(x, N mean / M) - D(theta, N theta / M)
    n, m = x + theta, theta + mean
    share = theta / m
    difference = share * (x - mean)  # x - N mean / M, and N theta / M - theta
    of_x = deviance(x, n * (mean / m), difference)
    of_theta = deviance(theta, n * share, -difference)
    remainders = stirling_remainder(n) - stirling_remainder(theta) - stirling_remainder(x)
    return tf.math.log(theta / n) + remainders - of_x - of_theta
