"""Arrays and pictures as text that a page can hold."""

import base64
import io
import math
from typing import Any

import numpy as np
from PIL import Image

from keras_vae.plots.grid import mosaic

__all__ = ["packed", "sprite"]


def packed(values: Any, dtype: str) -> dict[str, Any]:
    """An array as `static/arrays.js` reads it: little-endian bytes in base64, with shape and dtype.

    Args:
        values: an array.
        dtype: `"float16"`, `"float32"`, `"int32"` or `"uint8"`.
    """
    array = np.asarray(values)
    if dtype == "float16":  # too large a value would become infinite
        array = np.clip(array, -65504, 65504)
    little = np.dtype(dtype).newbyteorder("<")
    data = np.ascontiguousarray(array, little).tobytes()
    return {
        "shape": list(array.shape),
        "dtype": dtype,
        "data": base64.b64encode(data).decode("ascii"),
    }


def sprite(images: np.ndarray, low: float, high: float) -> dict[str, Any]:
    """Images side by side in one PNG, about as many rows as columns.

    Args:
        images: (N, H, W) or (N, H, W, C) with 1, 3 or 4 channels.
        low, high: the values that are black and white.
    """
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    columns = math.ceil(math.sqrt(len(images)))
    scaled = np.clip((mosaic(images, columns, fill=low) - low) / (high - low), 0, 1)
    pixels = np.round(255 * scaled).astype("uint8")
    picture = Image.fromarray(pixels)
    if pixels.ndim == 2 and not np.any((pixels > 0) & (pixels < 255)):
        picture = picture.convert("1")  # a bit for each pixel
    file = io.BytesIO()
    picture.save(file, "PNG")
    return {
        "url": f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}",
        "columns": columns,
        "count": len(images),
    }
