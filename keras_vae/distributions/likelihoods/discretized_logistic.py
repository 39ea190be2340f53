"""Discretised logistic: levels of an image, a mean and a scale for each entry."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.bounds import inverse_soft_bound, soft_bound
from keras_vae.distributions.by_entry import Histogram, best_by_entry, moments
from keras_vae.distributions.likelihoods.lattice import Lattice
from keras_vae.distributions.logistic import log_mass
from keras_vae.distributions.scalar import Scalar
from keras_vae.errors import ConfigError

__all__ = ["DiscretizedLogistic"]

SMALLEST_SCALE = 0.1  # of the distance of two levels
LARGEST_SCALE = 10.0  # of the range of x
TOLERANCE = 3e-7  # of x, by as much as float32 may miss a level
# From the mean of an entry, where the best place is looked for: outside of [0, 1] for one whose
# values are nearly all the first, or the last.
MOST_WIDTHS = 100.0


@keras.saving.register_keras_serializable(package="keras_vae")
class DiscretizedLogistic(Lattice):
    """Probability of each of `levels` equal steps of [0, 1]: for images of 8 or 16 bits.

    Salimans et al. 2017, arXiv:1701.05517 (PixelCNN++), with one component. x holds
    level / (levels - 1). A level has what a logistic distribution gives to half a step on each
    side of it; the first and the last have the whole tail, so that the sum over levels is 1 and
    bits per dimension are exact.

    The decoder outputs `mean` and `log_scale`, of the logistic distribution and in units of x.
    The scale is softly kept between a tenth of a step and 10.

    Args:
        levels: 256 for images of 8 bits, 65,536 for 16 bits; from 2 to 65,536.
    """

    support = (0, 1)

    def __init__(self, levels: int = 256, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if levels not in range(2, 2**16 + 1):
            raise ConfigError(
                f"levels={levels!r}: expected a whole number from 2 to 65536, 256 for 8-bit images"
            )
        self.levels = int(levels)

    def parameter_shapes(self, event_shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        return {"mean": tuple(event_shape), "log_scale": tuple(event_shape)}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "levels": self.levels}

    @property
    def _log_scale_range(self) -> tuple[float, float]:
        return float(np.log(SMALLEST_SCALE / (self.levels - 1))), float(np.log(LARGEST_SCALE))

    def _entries(self, parameters: dict[str, tf.Tensor]) -> tfd.Distribution:
        last = self.levels - 1.0
        log_scale = soft_bound(parameters["log_scale"], *self._log_scale_range)
        # in steps, where half a step is exact in float32
        return _Levels(loc=last * parameters["mean"], scale=last * tf.exp(log_scale), last=last)

    def is_possible(self, x: tf.Tensor) -> tf.Tensor:
        last = self.levels - 1.0
        steps = x * last
        return tf.abs(steps - tf.round(steps)) <= TOLERANCE * last

    def in_words(self) -> tuple[str, str]:
        last = self.levels - 1
        return f"the {self.levels} levels 0, 1/{last}, 2/{last} to 1", (
            f"give the levels themselves, divided by {last} and not changed otherwise, or their "
            f"number: DiscretizedLogistic(levels=...)"
        )

    def fit_without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> dict[str, np.ndarray]:
        last = self.levels - 1
        steps = np.round(np.asarray(x, "float64") * last)
        _, mean, variance = moments(steps, mask)
        low, high = self._log_scale_range
        # the variance of a logistic distribution is (pi scale)^2 / 3
        width = np.sqrt(variance + 1e-3)
        log_scale = np.log(np.sqrt(3) * width / np.pi)
        # the search has its place in units of each entry's own width, whatever the number of levels
        ranges = ((-MOST_WIDTHS, MOST_WIDTHS), (low + np.log(last), high + np.log(last)))

        def log_prob(values: np.ndarray, shift: np.ndarray, log_scale: np.ndarray,
                     mean: np.ndarray, width: np.ndarray) -> np.ndarray:  # fmt: skip
            return _exact_log_prob(values, mean + shift * width, np.exp(log_scale), last)

        known = [mean.ravel(), width.ravel()]
        start = [np.zeros(mean.size), log_scale.ravel()]
        shift, log_scale = best_by_entry(log_prob, Histogram.of(steps, mask), start, ranges, known)
        loc = known[0] + shift * known[1]
        log_scale = inverse_soft_bound(log_scale - np.log(last), low, high)
        best = {"mean": loc / last, "log_scale": log_scale}
        return {name: part.reshape(x.shape[1:]).astype("float32") for name, part in best.items()}


class _Levels(Scalar):
    """level / last, for levels 0 to last; `loc` and `scale` are in steps."""

    NAMES = ("loc", "scale", "last")

    def _log_prob(self, x: tf.Tensor) -> tf.Tensor:
        level = tf.round(x * self.last)
        low, high = ((level + half - self.loc) / self.scale for half in (-0.5, 0.5))
        return log_mass(low, high, 1.0 / self.scale, level > 0, level < self.last)

    def _sample_n(self, n: Any, seed: Any = None) -> tf.Tensor:
        y = tfd.Logistic(self.loc, self.scale).sample(n, seed=seed)
        return tf.clip_by_value(tf.round(y), 0.0, self.last) / self.last

    def _mean(self) -> tf.Tensor:
        """Of the logistic number, cut off at both ends: within half a step of that of the levels,
        and equal to it in float32 where the scale is above a step."""
        # E[clip(y)] = int_0^last P(y > t) dt, of which the sum over levels is the midpoint rule
        above = tf.math.softplus(self.loc / self.scale)
        beyond = tf.math.softplus((self.loc - self.last) / self.scale)
        return self.scale * (above - beyond) / self.last

    def _variance(self) -> tf.Tensor:
        """Of the same number, within a quarter of a squared step."""
        # E[clip(y)^2] = int_0^last 2 t P(y > t) dt; with v = (loc - t) / scale, P = sigmoid(v)
        loc, scale, last = (
            tf.cast(value, tf.float64) for value in (self.loc, self.scale, self.last)
        )
        top, bottom = loc / scale, (loc - last) / scale
        of_squares = 2 * scale**2 * (_integral(top) - _integral(bottom))
        of_squares -= 2 * scale * last * tf.math.softplus(bottom)
        mean = scale * (tf.math.softplus(top) - tf.math.softplus(bottom))
        return tf.cast((of_squares - mean**2) / last**2, tf.float32)


def _integral(v: tf.Tensor) -> tf.Tensor:
    """int softplus(u) du from -inf to v: -Li2(-exp(v))."""
    # Li2(1 - y) = spence(y); for v > 0 by -Li2(-e^v) = v^2 / 2 + pi^2 / 6 + Li2(-e^-v)
    below = -tf.math.special.spence(1 + tf.exp(-tf.abs(v)))
    return tf.where(v > 0, v**2 / 2 + np.pi**2 / 6 - below, below)


def _exact_log_prob(
    level: np.ndarray, loc: np.ndarray, scale: np.ndarray, last: float
) -> np.ndarray:
    """In float64, as far as a search needs it."""
    low, high = ((level + half - loc) / scale for half in (-0.5, 0.5))
    of_low = np.where(level > 0, -np.logaddexp(0, low), 0)
    of_high = np.where(level < last, -np.logaddexp(0, -high), 0)
    is_inside = (level > 0) & (level < last)
    return of_low + of_high + np.where(is_inside, np.log(-np.expm1(-1 / scale)), 0)
