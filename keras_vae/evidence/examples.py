"""What a function of a VAE takes for x, and for how its data were binarised."""

from typing import Any

import keras
import numpy as np

from keras_vae.vae import VAE

__all__ = ["binarization_for", "examples_for"]


def examples_for(vae: VAE, x: Any) -> Any:
    """Examples as a float32 NumPy array (N, *event_shape), or as a dictionary of such.

    Args:
        vae: `VAE`.
        x: (N, *event_shape), not a stream: see `VAE.as_examples`.

    Raises:
        DataError: if the shape is not the model's, or the likelihood cannot describe the values.
    """
    return keras.tree.map_structure(lambda part: np.asarray(part, "float32"), vae.as_examples(x))


def binarization_for(vae: VAE, binarization: str | None = None) -> str:
    """A binarisation that was asked for, else that of the model's own training; `"none"` where
    the model does not know it."""
    if binarization is None:
        return (vae.protocol or {}).get("binarize", "none")
    return binarization
