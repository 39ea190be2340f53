"""What a user passes to a model becomes examples of its shape, or one line that says why not."""

from keras_vae.inputs.examples import (
    Takes,
    condition_of,
    examples,
    fitted,
    is_inside,
    no_condition,
    unexpected_condition,
)
from keras_vae.inputs.keras_methods import KerasMethods, in_batches
from keras_vae.inputs.parts import Parts, parts_of, repeated

__all__ = [
    "KerasMethods",
    "Parts",
    "Takes",
    "condition_of",
    "examples",
    "fitted",
    "in_batches",
    "is_inside",
    "no_condition",
    "parts_of",
    "repeated",
    "unexpected_condition",
]
