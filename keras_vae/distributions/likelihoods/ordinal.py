"""Ordinal: categories in an order, a location from the decoder, learned cuts."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.likelihoods.codes import IMPOSSIBLE, Codes
from keras_vae.distributions.likelihoods.own_weights import WithOwnWeights
from keras_vae.distributions.logistic import log_mass

__all__ = ["Ordinal"]

# Of two cuts, so that no class between them loses all its probability.
SMALLEST_GAP = 1e-6


@keras.saving.register_keras_serializable(package="keras_vae")
class Ordinal(Codes, WithOwnWeights):
    """p(x_i <= k|z) = sigmoid(cut_ik - location_i): cumulative logits (McCullagh 1980).

    x holds codes: see `Codes`. The decoder outputs the location of each entry, one number. The
    cuts are learned, K - 1 for each entry: the first is free, and each other lies above the one
    before, by at least 1e-6.
    """

    def stands_for_gap(self, event_shape: tuple[int, ...]) -> np.ndarray:
        return np.full(event_shape, "median")

    def add_weights(self, event_shape: tuple[int, ...]) -> None:
        self.first_cut = self.add_weight(
            name="first_cut", shape=event_shape, initializer="zeros", autocast=False
        )
        self.gaps = self.add_weight(
            name="gaps", shape=(*event_shape, self.most - 2), initializer="zeros", autocast=False
        )

    def _widths(self) -> tf.Tensor:
        """From each cut to the next: (*event_shape, largest K - 2)."""
        return SMALLEST_GAP + ops.softplus(ops.convert_to_tensor(self.gaps))

    @property
    def cuts(self) -> tf.Tensor:
        """float32 (*event_shape, largest K - 1); of an entry with fewer classes only the first
        K - 1 are looked at."""
        first = ops.convert_to_tensor(self.first_cut)[..., None]
        return tf.concat([first, first + tf.cumsum(self._widths(), axis=-1)], axis=-1)

    def _entries(self, parameters: tf.Tensor) -> tfd.Distribution:
        cuts, widths = self.cuts, self._widths()
        end, ends = tf.zeros_like(cuts[..., :1]), tf.ones_like(cuts[..., :1])
        location = parameters[..., None]
        is_class = self.is_class(tuple(self.first_cut.shape))
        # class k lies between the cuts k - 1 and k; the first and the last have no outer end
        log_p = log_mass(
            low=tf.concat([end, cuts], -1) - location,
            high=tf.concat([cuts, end], -1) - location,
            width=tf.concat([ends, widths, ends], -1),
            has_low=np.arange(self.most) > 0,
            has_high=np.roll(is_class, -1, axis=-1) & (np.arange(self.most) < self.most - 1),
        )
        return tfd.Categorical(
            logits=tf.where(is_class, log_p, IMPOSSIBLE),
            dtype=tf.float32,
            force_probs_to_zero_outside_support=True,
        )

    def fit_without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        self.build_for(x.shape[1:])
        frequencies = self.frequencies(x, mask)
        # cut_k = logit(P(x <= k)): at a location of 0 each class has its frequency
        below = np.cumsum(frequencies, axis=-1)[..., :-1]
        above = np.cumsum(frequencies[..., ::-1], axis=-1)[..., ::-1][..., 1:]
        with np.errstate(divide="ignore"):
            cuts = np.minimum(np.log(below) - np.log(above), 100.0)  # 100: no class is above
        widths = np.maximum(np.diff(cuts, axis=-1) - SMALLEST_GAP, SMALLEST_GAP)
        self.first_cut.assign(cuts[..., 0])
        self.gaps.assign(widths + np.log(-np.expm1(-widths)))  # the inverse of softplus
        return np.zeros(x.shape[1:], "float32")
