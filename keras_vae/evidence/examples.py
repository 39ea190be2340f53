"""What a function of a VAE takes for x, and for how its data were binarised."""

import numpy as np

from keras_vae.errors import DataError

__all__ = ["binarization_for", "examples_for"]


def examples_for(vae, x):
    """Examples as a float32 NumPy array (N, *event_shape).

    Args:
        vae: `VAE`.
        x: (N, *event_shape): array of any real dtype, DataFrame, tensor or nested lists.

    Raises:
        DataError: if the shape is not the model's.
    """
    x = np.asarray(x, "float32")
    if vae.event_shape is not None and x.shape[1:] != vae.event_shape:
        expected = ", ".join(map(str, ("N", *vae.event_shape)))
        raise DataError(f"x has shape {x.shape}, the model takes ({expected}); reshape it")
    return x


def binarization_for(vae, binarization=None):
    """A binarisation that was asked for, else that of the model's own training; `"none"` where
    the model does not know it."""
    if binarization is None:
        return (vae.protocol or {}).get("binarize", "none")
    return binarization
