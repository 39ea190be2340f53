"""The two heads of an encoder as one matrix product."""

from typing import Any

import keras
from keras import ops

from keras_vae.networks.named_inputs import call_network

__all__ = ["JoinedHeads"]


class JoinedHeads:
    """What an encoder computes; where it ends in two dense heads, with one product for both.

    A product of few columns takes as long as one of twice as many. Weights, names and files stay
    the encoder's own, and results the same but for rounding.

    Args:
        encoder: any; only that of a functional model which ends as `posterior_heads` does is
            computed in another way.
    """

    def __init__(self, encoder: keras.Layer) -> None:
        self.encoder, self._heads = encoder, _heads(encoder)
        self._trunk = keras.Model(encoder.input, self._heads[0].input) if self._heads else None
        self._product = OneProduct(self._heads)

    def __call__(self, values: dict[str, Any], training: bool) -> Any:
        """The encoder's outputs; arguments as of `call_network`."""
        # a subclass may compute something else; a layer may be quantised later
        if type(self.encoder) is not type(self._trunk) or not all(map(_is_head, self._heads)):
            return call_network(self.encoder, values, training)
        return self._product(call_network(self._trunk, values, training))


class OneProduct(keras.layers.Layer):
    """h -> what each head makes of it. A layer, because Keras casts the weights of float32 layers
    to the precision of whatever calls them otherwise."""

    def __init__(self, heads: list[Any]) -> None:
        super().__init__(dtype="float32")
        self.heads = heads
        self.built = True

    def call(self, h: Any) -> list[Any]:
        # (z_mean, z_log_var) = h (W_mean, W_log_var) + (b_mean, b_log_var)
        kernel = ops.concatenate([head.kernel for head in self.heads], axis=1)
        bias = ops.concatenate([head.bias for head in self.heads], axis=0)
        return ops.split(ops.matmul(h, kernel) + bias, 2, axis=1)


def _heads(encoder: Any) -> list[Any]:
    """The two heads of one tensor and one width that an encoder ends in; empty of any other."""
    outputs = getattr(encoder, "outputs", None) or []
    layers = filter(_is_head, getattr(encoder, "layers", []))
    made_by = {id(getattr(each, "output", None)): each for each in layers}
    heads = [made_by[id(output)] for output in outputs if id(output) in made_by]
    is_pair = len(outputs) == len(heads) == 2 and heads[0].units == heads[1].units
    return heads if is_pair and heads[0].input is heads[1].input else []


def _is_head(layer: Any) -> bool:
    return (
        type(layer) is keras.layers.Dense
        and layer.activation is keras.activations.linear
        and layer.activity_regularizer is None
        and layer.use_bias
        and layer.compute_dtype == "float32"
        and getattr(layer, "quantization_mode", None) is None
    )
