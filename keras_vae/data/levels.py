"""Levels of images: of how many equal steps of [0, 1] values are, by their dtype or themselves."""

import numpy as np

from keras_vae.data.protocol import BLOCK

__all__ = ["DTYPE_LEVELS", "divided", "kept_dtype", "levels_of", "off_levels"]

DTYPE_LEVELS = {"uint8": 2**8, "uint16": 2**16}
TOLERANCE = 3e-7  # of x, by as much as float32 may miss a level


def divided(levels: int) -> str:
    """What reading does to levels, in words: `"uint8 divided by 255"`."""
    dtype = next(dtype for dtype, number in DTYPE_LEVELS.items() if number == levels)
    return f"{dtype} divided by {levels - 1}"


def kept_dtype(dtype: np.dtype) -> np.dtype:
    """In what values stay on disk, or come from it: levels and bool as integers, else float32."""
    kept = "uint8" if dtype.kind == "b" else dtype.name
    return np.dtype(kept if kept in DTYPE_LEVELS else "float32")


def off_levels(x: np.ndarray, levels: int) -> np.ndarray:
    """Where x is not one of 0, 1 / (levels - 1) to 1: bool, of its shape."""
    last = np.float32(levels - 1)
    steps = x * last
    return (np.abs(steps - np.rint(steps)) > TOLERANCE * last) | (x < 0) | (x > 1)


def levels_of(x: np.ndarray) -> int | None:
    """256 or 65,536, the least that x are levels of; None if they are neither.

    Args:
        x: float32 (N, ...).
    """
    blocks = [x[first : first + BLOCK] for first in range(0, len(x), BLOCK)]
    for levels in DTYPE_LEVELS.values():
        # block by block: most others show in the first
        if not any(off_levels(block, levels).any() for block in blocks):
            return levels
    return None
