"""A network whose output j sees the inputs before j alone, the step of an IAF."""

from typing import Any

import keras
import numpy as np
from keras import ops

__all__ = ["Autoregressive"]

# sigma = sigmoid(s + 2) = 0.88 at the start: z changes little at first
START = 2.0


@keras.saving.register_keras_serializable(package="keras_vae")
class Autoregressive(keras.layers.Layer):
    """(z, h) -> (m, s), each (batch, d): m_j and s_j depend on z_1 ... z_{j-1} and on all of h.

    A dense network with one hidden layer whose weights from z are masked (Germain et al. 2015,
    MADE, arXiv:1502.03509); h is a context. Always float32.

    Args:
        units: of the hidden layer.
        seed: integer, of the weights.
    """

    def __init__(self, units: int, seed: int = 0, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self.units, self.seed = units, seed

    def build(self, input_shape: Any) -> None:
        (_, d), (_, context) = input_shape
        # the number of latents that a hidden unit may see, 0 ... d - 1 again and again
        seen = np.arange(self.units) % d
        latents = np.arange(d)
        self.mask_in = (latents[:, None] < seen).astype("float32")
        of_output = (seen[:, None] <= latents).astype("float32")
        self.mask_out = np.concatenate([of_output, of_output], axis=1)
        initial = (keras.initializers.GlorotUniform(self.seed + i) for i in range(3))
        self.kernel_in = self.add_weight(
            name="kernel_in", shape=(d, self.units), initializer=next(initial)
        )
        self.kernel_context = self.add_weight(
            name="kernel_context", shape=(context, self.units), initializer=next(initial)
        )
        self.bias_in = self.add_weight(name="bias_in", shape=(self.units,), initializer="zeros")
        small = keras.initializers.RandomNormal(stddev=0.01, seed=self.seed + 2)
        self.kernel_out = self.add_weight(
            name="kernel_out", shape=(self.units, 2 * d), initializer=small
        )
        self.bias_out = self.add_weight(name="bias_out", shape=(2 * d,), initializer="zeros")
        self.built = True

    def call(self, inputs: Any) -> tuple[Any, Any]:
        z, context = inputs
        hidden = ops.elu(
            ops.matmul(z, self.kernel_in * self.mask_in)
            + ops.matmul(context, self.kernel_context)
            + self.bias_in
        )
        outputs = ops.matmul(hidden, self.kernel_out * self.mask_out) + self.bias_out
        m, s = ops.split(outputs, 2, axis=-1)
        return m, s + START

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "seed": self.seed}
