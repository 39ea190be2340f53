"""An affine coupling of latents, the step of RealNVP."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

__all__ = ["Coupling"]

LOG_SCALE_BOUND = 3.0  # of one step: exp(3) times as wide, or as narrow


@keras.saving.register_keras_serializable(package="keras_vae")
class Coupling(keras.layers.Layer):
    """u -> z: every second latent is scaled and shifted, by a network of the others.

    z_a = u_a;  z_b = u_b exp(s(u_a)) + t(u_a);  log |dz / du| = sum s(u_a)
    (Dinh, Sohl-Dickstein & Bengio 2017, arXiv:1605.08803). One latent alone is scaled and shifted
    by numbers. It starts at the identity. Always float32.

    Args:
        units: of each of the two hidden layers.
        first: 0 or 1: whether the even or the odd latents change.
        seed: integer, of the weights.
    """

    def __init__(self, units: int, first: int, seed: int = 0, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self.units, self.first, self.seed = units, first, seed

    def build(self, input_shape: Any) -> None:
        d = input_shape[-1]
        changes = np.arange(d) % 2 == (self.first if d > 1 else 0)
        self.changed, self.kept = np.flatnonzero(changes), np.flatnonzero(~changes)
        self.back = np.argsort(np.concatenate([self.kept, self.changed]))
        hidden = [
            keras.layers.Dense(
                self.units,
                activation="relu",
                dtype="float32",
                kernel_initializer=keras.initializers.HeNormal(self.seed + i),
            )
            for i in range(2)
        ]
        last = keras.layers.Dense(
            2 * len(self.changed), kernel_initializer="zeros", dtype="float32"
        )
        self.network = [*hidden, last]
        size = len(self.kept)
        for layer in self.network:
            layer.build((None, size))
            size = layer.units
        self.built = True

    def call(self, u: Any) -> tuple[Any, Any]:
        """(z, log |dz / du|), of u (batch, d)."""
        kept, changed, log_scale, shift = self._parts(u)
        changed = changed * ops.exp(log_scale) + shift
        return self._whole(kept, changed), ops.sum(log_scale, axis=-1)

    def inverse(self, z: Any) -> tuple[Any, Any]:
        """(u, log |du / dz|), of z (batch, d)."""
        kept, changed, log_scale, shift = self._parts(z)
        changed = (changed - shift) * ops.exp(-log_scale)
        return self._whole(kept, changed), -ops.sum(log_scale, axis=-1)

    def _parts(self, values: Any) -> tuple[Any, Any, Any, Any]:
        kept = h = tf.gather(values, self.kept, axis=-1)
        for layer in self.network:
            h = layer(h)
        log_scale, shift = ops.split(h, 2, axis=-1)
        # s = bound tanh(s' / bound), so that no step is singular
        log_scale = LOG_SCALE_BOUND * ops.tanh(log_scale / LOG_SCALE_BOUND)
        return kept, tf.gather(values, self.changed, axis=-1), log_scale, shift

    def _whole(self, kept: Any, changed: Any) -> Any:
        return tf.gather(ops.concatenate([kept, changed], axis=-1), self.back, axis=-1)

    def get_config(self) -> dict[str, Any]:
        own = {"units": self.units, "first": self.first, "seed": self.seed}
        return {**super().get_config(), **own}
