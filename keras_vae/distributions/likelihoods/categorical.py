"""Categorical: categories without an order, a logit for each class from the decoder."""

import keras
import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.likelihoods.codes import IMPOSSIBLE, Codes

__all__ = ["Categorical"]


@keras.saving.register_keras_serializable(package="keras_vae")
class Categorical(Codes):
    """p(x_i = k|z) = softmax(logits of entry i)_k: columns of categories, or tokens of a text.

    x holds codes: see `Codes`. With one K for all entries the decoder outputs logits of shape
    (*event_shape, K); with a K for each column, all logits in a row, (sum of K,).
    """

    def parameter_shapes(self, event_shape: tuple[int, ...]) -> tuple[int, ...]:
        is_class = self.is_class(event_shape)
        return is_class.shape if isinstance(self.classes, int) else (int(is_class.sum()),)

    def _entries(self, parameters: tf.Tensor) -> tfd.Distribution:
        if not isinstance(self.classes, int):
            # (..., sum of K) -> (..., columns, largest K)
            is_class = self.is_class((len(self.classes),))
            place = np.cumsum(is_class.ravel()).reshape(is_class.shape) - 1
            parameters = tf.where(is_class, tf.gather(parameters, place, axis=-1), IMPOSSIBLE)
        return tfd.Categorical(
            logits=parameters, dtype=tf.float32, force_probs_to_zero_outside_support=True
        )

    def fit_without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        frequencies = self.frequencies(x, mask)
        shape = self.parameter_shapes(x.shape[1:])
        return np.log(frequencies[frequencies > 0]).reshape(shape).astype("float32")
