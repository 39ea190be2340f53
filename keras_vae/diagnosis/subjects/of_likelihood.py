"""Any `Likelihood` of TensorFlow over NumPy arrays, as a diagnosis asks for it."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.distributions import Likelihood

__all__ = ["OfLikelihood"]


class OfLikelihood:
    """What `keras_vae.diagnosis.subjects.likelihoods` has for the known families, of any other.

    Args:
        likelihood: `keras_vae.distributions.Likelihood`.
    """

    def __init__(self, likelihood: Likelihood) -> None:
        self._likelihood = likelihood
        self.name = type(likelihood).__name__.lower()
        self.support = likelihood.support

    def log_prob(self, x: np.ndarray, parameters: Any) -> np.ndarray:
        """log p(x|z), float64 (N,), nats."""
        x = tf.constant(np.asarray(x, "float32"))
        return self._likelihood.log_prob(x, parameters).numpy().astype("float64")

    def mean(self, parameters: Any) -> np.ndarray:
        return self._likelihood(parameters).numpy()

    def moments(self, parameters: Any) -> tuple[np.ndarray, np.ndarray]:
        """(mean, variance) of each entry given z."""
        p = self._likelihood.distribution(parameters)
        return p.mean().numpy(), p.variance().numpy()

    def variance(self, x: np.ndarray) -> np.ndarray:
        """Of each entry where z says nothing."""
        parameters = tf.nest.map_structure(lambda part: part[None], self.without_z(x))
        return self.moments(parameters)[1][0].astype("float64")

    def without_z(self, x: np.ndarray) -> Any:
        """Parameters under which p(x|z) fits x best when z is ignored."""
        copy = type(self._likelihood).from_config(self._likelihood.get_config())
        return copy.fit_without_z(np.asarray(x))
