"""A `keras_vae.distributions.Likelihood` over NumPy arrays, as a diagnosis asks for it."""

import re
from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.distributions import Bernoulli, Gaussian, Likelihood, entries_of, with_mask
from keras_vae.traced import call_traced

__all__ = ["OfLikelihood"]

# Of an entry in a range of width 1: what a search by variances divides by, at least.
SMALLEST_VARIANCE = 1e-7


class OfLikelihood:
    """A model's own p(x|z), whatever its family.

    It has the attributes and methods of `keras_vae.diagnosis.subjects.likelihoods`, which stand for
    models that have no `Likelihood`.

    Args:
        likelihood: `keras_vae.distributions.Likelihood`; its weights are read at each call.
    """

    def __init__(self, likelihood: Likelihood) -> None:
        self._likelihood = likelihood
        # ContinuousBernoulli -> continuous_bernoulli
        self.name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(likelihood).__name__).lower()
        self.support = likelihood.support
        self.is_discrete = likelihood.is_discrete
        self.is_binary = likelihood.is_binary
        # the decoder's one output is of any size, and the means lie between two limits
        is_alone = type(likelihood).parameter_shapes is Likelihood.parameter_shapes
        self.logits = is_alone and bool(np.isfinite(self.support).all())

    @property
    def sigma(self) -> float | None:
        """The standard deviation of all entries given z; None where they have not one."""
        likelihood = self._likelihood
        return float(likelihood.sigma) if isinstance(likelihood, Gaussian) else None

    def with_sigma(self, sigma: float) -> "OfLikelihood":
        """The same family with that sigma, above 0."""
        copy = self._copy()
        copy.set_sigma(sigma)
        return OfLikelihood(copy)

    def log_prob(
        self, x: np.ndarray, parameters: Any, mask: np.ndarray | None = None
    ) -> np.ndarray:
        """log p(x|z), float64 (N,), nats; with a mask, of the entries where it is 1."""
        x = tf.constant(x, tf.float32)
        if mask is not None:
            log_prob = self._likelihood.log_prob
            found = with_mask(log_prob, x, _tensors(parameters), mask=tf.constant(mask))
            return found.numpy().astype("float64")
        return call_traced(self._likelihood, _log_prob, x, _tensors(parameters)).numpy()

    def mean(self, parameters: Any) -> np.ndarray:
        return call_traced(self._likelihood, _moments, _tensors(parameters))[0].numpy()

    def reconstruction(self, parameters: Any) -> np.ndarray:
        """What stands for x: the mean, or what the family has in its place, such as the mode."""
        return np.asarray(self._likelihood(_tensors(parameters)))

    def moments(self, parameters: Any) -> tuple[np.ndarray, np.ndarray]:
        """(mean, variance) of each entry given z."""
        mean, variance = (
            part.numpy() for part in call_traced(self._likelihood, _moments, _tensors(parameters))
        )
        low, high = self.support
        if np.isfinite(high - low):  # at a limit the variance vanishes
            variance = np.maximum(variance, SMALLEST_VARIANCE * (high - low) ** 2)
        return mean, variance

    def variance(self, x: np.ndarray) -> np.ndarray:
        """Of each entry where z says nothing, float64 (*event_shape)."""
        if self.is_binary:
            # p (1 - p); `without_z` would move p away from 0 and 1, where the variance is 0
            mean = np.mean(x, axis=0, dtype="float64")
            return mean * (1 - mean)
        parameters = tf.nest.map_structure(lambda part: part[None], self.without_z(x))
        return self.moments(parameters)[1][0].astype("float64")

    def log_prob_of_entries(self, x: np.ndarray, parameters: Any, mask: np.ndarray) -> np.ndarray:
        """log p(x_i|z) of each entry, float64 (N, *event_shape), nats; 0 where mask is 0."""
        x = np.where(mask > 0, x, self._likelihood.filler).astype("float32")
        found = self._likelihood.log_prob_of_entries(tf.constant(x), _tensors(parameters))
        return np.where(mask > 0, found.numpy().astype("float64"), 0.0)

    def without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> Any:
        """Parameters under which p(x|z) fits x best when z is ignored; of what was observed."""
        return self.fitted_without_z(x, mask)[1]

    def fitted_without_z(
        self, x: np.ndarray, mask: np.ndarray | None = None
    ) -> tuple["OfLikelihood", Any]:
        """(the same family with such weights of its own, those parameters): a trained dispersion,
        or trained cuts, are best given z, and not where it is ignored."""
        copy = self._copy()
        with np.errstate(invalid="ignore"):  # of data out of range, which is a finding
            parameters = with_mask(copy.fit_without_z, np.asarray(x), mask=mask)
        return OfLikelihood(copy), parameters

    def _copy(self) -> Any:
        """Of the same family, with weights of its own."""
        return type(self._likelihood).from_config(self._likelihood.get_config())


def _log_prob(likelihood: Likelihood, x: tf.Tensor, parameters: Any) -> tf.Tensor:
    """float64 (N,): differences of large sums are looked at."""
    log_probs = tf.cast(_log_probs(likelihood, x, parameters), "float64")
    return tf.reduce_sum(log_probs, axis=range(1, len(log_probs.shape)))


def _log_probs(likelihood: Likelihood, x: tf.Tensor, parameters: Any) -> tf.Tensor:
    """float32 (N, *event_shape), log p of each entry; (N,) if they depend on each other."""
    own = type(likelihood)
    if own.log_prob is Bernoulli.log_prob and own._entries is Bernoulli._entries:
        return likelihood.log_prob_of_entries(x, parameters)  # tfp takes three times as long
    entries = entries_of(likelihood.distribution(parameters))
    return likelihood.log_prob(x, parameters) if entries is None else entries.log_prob(x)


def _moments(likelihood: Likelihood, parameters: Any) -> tuple[tf.Tensor, tf.Tensor]:
    p = likelihood.distribution(parameters)
    return p.mean(), p.variance()


def _tensors(parameters: Any) -> Any:
    return tf.nest.map_structure(lambda part: tf.constant(part, tf.float32), parameters)
