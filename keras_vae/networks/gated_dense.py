"""A dense layer whose outputs are let through by gates of the same inputs."""

from typing import Any

import keras
from keras import ops

__all__ = ["GatedDense"]


@keras.saving.register_keras_serializable(package="keras_vae")
class GatedDense(keras.layers.Layer):
    """h = (x A + a) * sigmoid(x B + b), in one product (Dauphin et al. 2017, arXiv:1612.08083).

    Args:
        units: of h.
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape: Any) -> None:
        # each half as a dense layer of its own would start
        self.kernels = [
            self.add_weight(name=name, shape=(input_shape[-1], self.units)) for name in ("A", "B")
        ]
        self.bias = self.add_weight(name="bias", shape=(2 * self.units,), initializer="zeros")
        self.built = True

    def call(self, x: Any) -> Any:
        both = ops.matmul(x, ops.concatenate(self.kernels, axis=1)) + self.bias
        values, gates = ops.split(both, 2, axis=-1)
        return values * ops.sigmoid(gates)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
