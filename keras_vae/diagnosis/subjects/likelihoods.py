"""p(x|z) over NumPy arrays, for the models of others only.

A `keras_vae.VAE` has a likelihood of its own, which `OfLikelihood` asks. These stand for it where
a model comes as functions over arrays, and have the same attributes and methods:

- `name`: of the family; `support`: the range of x that it can describe.
- `is_discrete`: whether log p(x|z) is the log of a probability, and not of a density.
- `sigma`: the one standard deviation of all entries, where there is one; then `with_sigma` too.
- `log_prob`, `mean`, `moments`, `variance`, `without_z`: see `Bernoulli`.
"""

from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np
from scipy.special import expit

from keras_vae.diagnosis.subjects.of_likelihood import OfLikelihood
from keras_vae.distributions import Likelihood
from keras_vae.errors import ConfigError

__all__ = ["Bernoulli", "ContinuousBernoulli", "Gaussian", "as_likelihood"]

# How near 0 or 1 a probability in float32 is believed.
SMALLEST_PROBABILITY = 1e-7
# How far outside [0, 1] rounding takes one, also in half precision.
ROUNDING = 1e-3
LOG_2_PI = np.float32(np.log(2 * np.pi))


@dataclass(frozen=True, kw_only=True)
class Bernoulli:
    """For binary x.

    Attributes:
        logits: whether `decode` outputs logits; otherwise probabilities, as it does if it ends in a
            sigmoid.

    Raises:
        ConfigError: from each method that takes probabilities, if they lie outside [0, 1].
    """

    logits: bool
    name = "bernoulli"
    support = (0.0, 1.0)
    is_discrete = True

    def log_prob(self, x: np.ndarray, parameters: Any) -> np.ndarray:
        """log p(x|z) = sum_i x_i a_i - log(1 + exp(a_i)), logits a: float64 (N,), nats."""
        a = self._logits(parameters)
        return _sum(x * a - np.logaddexp(0, a))

    def mean(self, parameters: Any) -> np.ndarray:
        return expit(self._logits(parameters))

    def moments(self, parameters: Any) -> tuple[np.ndarray, np.ndarray]:
        """(mean, variance) of each entry given z."""
        p = self.mean(parameters)
        return p, np.maximum(p * (1 - p), SMALLEST_PROBABILITY)

    def variance(self, x: np.ndarray) -> np.ndarray:
        """Of each entry where z carries no information: p (1 - p), p the mean over x."""
        mean = np.mean(x, axis=0, dtype="float64")
        return mean * (1 - mean)

    def without_z(self, x: np.ndarray) -> np.ndarray:
        """Parameters under which p(x|z) fits x best when z is ignored, (*event_shape)."""
        p = (np.sum(x, axis=0, dtype="float64") + 0.5) / (len(x) + 1)
        return np.log(p) - np.log1p(-p) if self.logits else p

    def _logits(self, parameters: Any) -> np.ndarray:
        if self.logits:
            return np.asarray(parameters)  # in their own precision: twice as fast, and as good
        p = np.asarray(parameters, "float64")
        if np.any((p < -ROUNDING) | (p > 1 + ROUNDING)):  # not of NaN: that has a finding
            raise ConfigError(
                f"decode gives values from {np.nanmin(p):.3g} to {np.nanmax(p):.3g}, but "
                f"likelihood='{self.name}_probabilities' expects probabilities: give "
                f"likelihood='{self.name}_logits' if they are logits, or end the decoder with a "
                "sigmoid"
            )
        p = np.clip(p, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
        return np.log(p) - np.log1p(-p)


@dataclass(frozen=True, kw_only=True)
class ContinuousBernoulli(Bernoulli):
    """For x in [0, 1] (Loaiza-Ganem & Cunningham 2019, arXiv:1907.06845)."""

    name = "continuous_bernoulli"
    is_discrete = False

    def log_prob(self, x: np.ndarray, parameters: Any) -> np.ndarray:
        # log p = Bernoulli's + log C, C = a / (exp(a) - 1) (1 + exp(a)) = a / tanh(a / 2)
        a = self._logits(parameters)
        is_small = np.abs(a) < 1e-3
        safe = np.where(is_small, 1.0, a)
        log_c = np.where(is_small, np.log(2) + a**2 / 12, np.log(safe / np.tanh(safe / 2)))
        return _sum(x * a - np.logaddexp(0, a) + log_c)

    def mean(self, parameters: Any) -> np.ndarray:
        a = self._logits(parameters)
        is_small = np.abs(a) < 1e-3
        safe = np.where(is_small, 1.0, a)
        with np.errstate(over="ignore"):
            return np.where(is_small, 0.5 + a / 12, -1 / np.expm1(-safe) - 1 / safe)

    def moments(self, parameters: Any) -> tuple[np.ndarray, np.ndarray]:
        # variance: the derivative of the mean by the logit a, 1 / a^2 - 1 / (4 sinh(a / 2)^2)
        # in float64: both terms are large where a is small
        a = np.asarray(self._logits(parameters), "float64")
        is_small = np.abs(a) < 1e-3
        safe = np.where(is_small, 1.0, a)
        with np.errstate(over="ignore"):
            slope = 1 / safe**2 - 1 / (4 * np.sinh(safe / 2) ** 2)
        return self.mean(parameters), np.where(is_small, 1 / 12, slope)

    def variance(self, x: np.ndarray) -> np.ndarray:
        """Of each entry where z carries no information."""
        return self.moments(self.without_z(x))[1]

    def without_z(self, x: np.ndarray) -> np.ndarray:
        # in an exponential family the best fit matches the mean, which rises with the logit
        target = (np.sum(x, axis=0, dtype="float64") + 0.5) / (len(x) + 1)
        high = 2 / np.minimum(target, 1 - target)
        low = -high
        of_logits = ContinuousBernoulli(logits=True)
        for _ in range(80):
            middle = (low + high) / 2
            is_below = of_logits.mean(middle) < target
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        return low if self.logits else expit(low)


@dataclass(frozen=True)
class Gaussian:
    """N(mean, sigma^2 I). `decode` outputs the mean.

    Attributes:
        sigma: a number above 0; None for the sigma that fits the model's errors best, which is the
            reference for a squared error without any sigma; `"decoded"` where `decode` outputs the
            pair (mean, log variance) of each entry.
    """

    sigma: float | str | None = None
    name = "gaussian"
    support = (-np.inf, np.inf)
    is_discrete = False

    def __post_init__(self) -> None:
        sigma: Any = self.sigma
        is_number = isinstance(self.sigma, Real) and 0 < self.sigma < np.inf
        if not (is_number or sigma in (None, "decoded")):
            raise ConfigError(
                f"sigma={sigma!r}: expected a finite number above 0, None or 'decoded'"
            )
        if is_number:  # of any type of number, which elsewhere is told by `float`
            object.__setattr__(self, "sigma", float(sigma))

    def with_sigma(self, sigma: float) -> "Gaussian":
        """The same with that sigma."""
        return replace(self, sigma=sigma)

    def log_prob(self, x: np.ndarray, parameters: Any) -> np.ndarray:
        """log p(x|z), float64 (N,), nats."""
        mean, log_var = self._mean_and_log_var(parameters)
        squares = (x - mean) ** 2 * np.exp(-log_var)
        return -0.5 * _sum(squares + np.broadcast_to(log_var + LOG_2_PI, squares.shape))

    def mean(self, parameters: Any) -> np.ndarray:
        return self._mean_and_log_var(parameters)[0]

    def moments(self, parameters: Any) -> tuple[np.ndarray, np.ndarray]:
        """(mean, variance) of each entry given z."""
        mean, log_var = self._mean_and_log_var(parameters)
        return mean, np.broadcast_to(np.exp(log_var), mean.shape)

    def variance(self, x: np.ndarray) -> np.ndarray:
        """Of each entry: sigma^2."""
        if isinstance(self.sigma, (int, float)):
            return np.full(np.shape(x)[1:], self.sigma**2, "float64")
        return np.var(x, axis=0, dtype="float64")

    def without_z(self, x: np.ndarray) -> Any:
        mean = np.mean(x, axis=0, dtype="float64")
        if self.sigma == "decoded":
            variance = np.var(x, axis=0, dtype="float64")
            # an entry that never changes, too, has a variance: of a millionth of the others'
            smallest = max(1e-6 * float(variance.mean()), float(np.finfo("float32").tiny))
            return mean, np.log(np.maximum(variance, smallest))
        return mean

    def _mean_and_log_var(self, parameters: Any) -> tuple[np.ndarray, np.ndarray]:
        if self.sigma == "decoded":
            mean, log_var = parameters
            return np.asarray(mean), np.asarray(log_var)
        sigma: Any = self.sigma  # a number: None has been replaced by what fits the errors
        return np.asarray(parameters), np.float32(2 * np.log(sigma))


NAMES = {
    "bernoulli_logits": Bernoulli(logits=True),
    "bernoulli_probabilities": Bernoulli(logits=False),
    "continuous_bernoulli_logits": ContinuousBernoulli(logits=True),
    "continuous_bernoulli_probabilities": ContinuousBernoulli(logits=False),
    "gaussian": Gaussian(),
}


# What an object of the user's own must have.
NEEDED = ("name", "support", "log_prob", "mean", "variance", "without_z")


def as_likelihood(value: Any) -> Any:
    """What a diagnosis asks for p(x|z).

    Args:
        value: a name in `NAMES`, a `keras_vae.distributions.Likelihood`, or an object with the
            attributes and methods of the classes here.

    Raises:
        ConfigError: if the name is unknown, or leaves open what `decode` outputs, or the object
            lacks one of these.
    """
    if isinstance(value, Likelihood):
        return OfLikelihood(value)
    if not isinstance(value, str):
        missing = [name for name in NEEDED if not hasattr(value, name)]
        if missing or isinstance(value, type):
            is_class = isinstance(value, type)
            what = "a class" if is_class else f"a {type(value).__name__} without "
            raise ConfigError(
                f"likelihood: {what}{'' if is_class else ', '.join(missing)}; expected one of "
                f"{', '.join(NAMES)}, or an object such as keras_vae.diagnosis.Gaussian()"
            )
        return value
    if f"{value}_logits" in NAMES:
        raise ConfigError(
            f"likelihood={value!r} does not say what decode outputs: give "
            f"'{value}_probabilities' if the decoder ends in a sigmoid, else '{value}_logits'"
        )
    if value not in NAMES:
        raise ConfigError(f"likelihood={value!r}: expected one of {', '.join(NAMES)}")
    return NAMES[value]


def _sum(values: np.ndarray) -> np.ndarray:
    """Over all axes but the first, in float64."""
    return values.reshape(len(values), -1).sum(axis=1, dtype="float64")
