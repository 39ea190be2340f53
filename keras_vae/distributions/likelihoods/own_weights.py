"""Likelihoods with weights of their own for each entry of x: made when the shape of x is known."""

from typing import Any

from keras_vae.distributions.likelihoods.base import Likelihood

__all__ = ["WithOwnWeights"]


class WithOwnWeights(Likelihood):
    """Base of these: a subclass defines `add_weights`.

    The weights are there after the first call, after `fit_without_z`, and after loading.
    """

    def add_weights(self, event_shape: tuple[int, ...]) -> None:
        """Makes the weights, by `add_weight`."""
        raise NotImplementedError(f"{type(self).__name__} must define add_weights")

    def build(self, input_shape: Any) -> None:
        # of the decoder's outputs, each of which has an entry for each of x
        shape = next(iter(input_shape.values())) if isinstance(input_shape, dict) else input_shape
        self.add_weights(tuple(shape[1:]))

    def build_for(self, event_shape: tuple[int, ...]) -> None:
        """Makes the weights before there is an output of a decoder, if they are not there yet."""
        self._build_once((None, *event_shape))
