"""Latents to decode: from a file, or given as numbers."""

from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.data import load_numpy
from keras_vae.errors import DataError

__all__ = ["read_latents"]


def read_latents(source: Any, latent_dim: int) -> np.ndarray:
    """Latents as float32 (N, latent_dim).

    Args:
        source: path of a `.npz` with `z` or `z_mean`, or of a `.npy`; or nested lists.
        latent_dim: number of latents of the model.

    Raises:
        DataError: if the file cannot be read, or shape or values do not fit the model.
    """
    z = _read(Path(source)) if isinstance(source, (str, Path)) else source
    try:
        z = np.asarray(z, "float32")
    except ValueError as error:
        raise DataError(f"latents must all have {latent_dim} numbers, as the model has") from error
    if z.ndim != 2 or z.shape[1] != latent_dim or not len(z):
        raise DataError(f"expected latents of shape (N, {latent_dim}), got {z.shape}")
    if not np.isfinite(z).all():
        raise DataError("the latents hold NaN or infinite values; remove them")
    return z


def _read(path: Path) -> np.ndarray:
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    arrays = load_numpy(path)
    if isinstance(arrays, np.ndarray):
        return arrays
    for name in ("z", "z_mean"):
        if name in arrays:
            return arrays[name]
    raise DataError(
        f"{path}: expected an array z or z_mean; found {', '.join(arrays) or 'nothing'}"
    )
