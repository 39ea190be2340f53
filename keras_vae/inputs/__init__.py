"""What a user passes to a model becomes examples of its shape, or one line that says why not."""

from keras_vae.inputs.examples import examples, fitted, is_inside
from keras_vae.inputs.keras_methods import KerasMethods, in_batches

__all__ = ["KerasMethods", "examples", "fitted", "in_batches", "is_inside"]
