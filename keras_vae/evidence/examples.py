"""What a function of a VAE takes for x, and for data."""

from typing import Any

import keras
import numpy as np

from keras_vae.data import Dataset, as_dataset, recorded_binarization
from keras_vae.vae import VAE

__all__ = ["dataset_for", "examples_for"]


def examples_for(vae: VAE, x: Any) -> Any:
    """Examples as a float32 NumPy array (N, *event_shape), or as a dictionary of such.

    Args:
        vae: `VAE`.
        x: (N, *event_shape), not a stream: see `VAE.as_examples`.

    Raises:
        DataError: if the shape is not the model's, or the likelihood cannot describe the values.
    """
    return keras.tree.map_structure(lambda part: np.asarray(part, "float32"), vae.as_examples(x))


def dataset_for(vae: VAE, data: Any, binarization: str | None = None) -> Dataset:
    """The data that a report of a VAE is of, with the binarisation that it is for.

    Args:
        vae: `VAE`.
        data: `Dataset`, or what `keras_vae.data.as_dataset` takes in its place.
        binarization: `"dynamic"`, `"static"`, `"threshold"` or `"none"`; None: that of the
            `Dataset`, and where it has none, that of the VAE's training (`vae.protocol`).
    """
    dataset = as_dataset(data)
    if binarization is None:
        binarization = dataset.binarization
        if binarization == "none":
            binarization = recorded_binarization(vae.protocol)
    return dataset.as_binarized(binarization)
