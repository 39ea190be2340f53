"""One image file -> an array, as its format means it; what cannot be read correctly is refused."""

import re
import struct

import numpy as np
import tensorflow as tf
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from keras_vae.aliases import PathLike
from keras_vae.errors import DataError, first_line

__all__ = ["IMAGE_SUFFIXES", "decode_image", "kind_of"]

IMAGE_SUFFIXES = (
    ".bmp", ".gif", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff",
    ".webp",
)  # fmt: skip
# Pillow's names: what a mode becomes, each without loss.
MODES = {
    "1": "L", "L": "L", "LA": "LA", "P": "RGB", "PA": "RGBA", "RGB": "RGB", "RGBX": "RGB",
    "RGBA": "RGBA", "CMYK": "RGB", "YCbCr": "RGB",
}  # fmt: skip
SEVERAL = ("GIF", "PNG", "TIFF", "WEBP")  # formats of which one file may hold a film or pages
BILINEAR = Image.Resampling.BILINEAR
# What a gray level weighs of red, green and blue: ITU-R BT.601, as Pillow.
LUMA = np.array([0.299, 0.587, 0.114])


def decode_image(
    path: PathLike, size: int | None = None, gray: bool = False, alpha: str | None = None
) -> np.ndarray:
    """The values of one image.

    Args:
        path: of the file, in one of the formats of `IMAGE_SUFFIXES`.
        size: cut to the middle square and resized to size x size, bilinear and antialiased.
        gray: whether colours become gray levels (ITU-R BT.601).
        alpha: how to treat transparency: `"black"` or `"white"` behind it, `"keep"` as a last
            channel; None: refused unless every pixel is opaque.

    Returns:
        (height, width, channels): levels as uint8, or as uint16 where the file has 16 bits of
        them; whole and real numbers of 32 bits, which are not levels, as float32.

    Raises:
        DataError: in one line with the path, if that cannot be done correctly.
    """
    try:
        image = Image.open(path)
    except (FileNotFoundError, PermissionError) as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except UnidentifiedImageError as error:
        raise DataError(f"{path}: not an image; remove it or replace it") from error
    except Exception as error:  # a damaged header ends in errors of many kinds
        raise DataError(f"{path}: not an image ({first_line(error)}); replace it") from error
    try:
        with image:
            x = _stored(path, image)
    except DataError:
        raise
    except Exception as error:  # and so do damaged contents
        raise DataError(
            f"{path}: cannot be decoded, perhaps cut short ({first_line(error)}); replace it"
        ) from error
    x = _without_alpha(path, x, alpha)
    if gray and x.shape[2] >= 3:
        x = np.concatenate([_like(x, x[..., :3] @ LUMA)[..., None], x[..., 3:]], axis=2)
    return x if size is None else _resized(x, size)


def kind_of(x: np.ndarray) -> str:
    """What all images of a folder must have in common, in words: `"28x28, gray"`."""
    height, width, channels = x.shape
    colours = ("gray", "gray with alpha", "colour", "colour with alpha")[channels - 1]
    depth = {"uint8": "", "uint16": ", 16 bits", "float32": ", real numbers"}[x.dtype.name]
    return f"{height}x{width}, {colours}{depth}"


def _stored(path: PathLike, image: ImageFile.ImageFile) -> np.ndarray:
    """The values of an open image, alpha last if it has one."""
    frames = getattr(image, "n_frames", 1)
    if image.format in SEVERAL and frames > 1:
        raise DataError(f"{path}: holds {frames} frames or pages; save each as a file of its own")
    file_format, mode, depth = image.format, image.mode, _depth(image)
    if depth == 16:
        return _levels_of_16_bits(path, image)
    upright = ImageOps.exif_transpose(image)
    if mode in ("I", "F"):
        return np.asarray(upright, "float32")[..., None]
    if mode not in MODES:
        raise DataError(f"{path}: has Pillow's mode {mode}; convert it to gray or RGB")
    target = "RGB" if file_format == "GIF" else MODES[mode]  # a .gif has a palette, never gray
    if upright.has_transparency_data and mode != "LA":
        x = np.asarray(upright.convert("RGBA"))
        return x[..., [0, 3]] if target == "L" else x
    x = np.asarray(upright.convert(target))
    x = x.reshape(*x.shape[:2], -1)
    return _with_alpha_of_bmp(path, x) if file_format == "BMP" else x


def _depth(image: ImageFile.ImageFile) -> int:
    """16, if a level takes that many bits in the file, which Pillow's mode does not always say."""
    stored = repr([tile[3] for tile in image.tile])
    is_deep_ppm = image.format == "PPM" and image.mode in ("I", "RGB") and _maxval(image) > 255
    # as "RGB;16B", but not "I;16S", which has a sign
    has_16 = re.search(";16[BLN]?(?![A-Z])", stored) or image.mode.startswith("I;16")
    return 16 if has_16 or is_deep_ppm else 8


def _maxval(image: ImageFile.ImageFile) -> int:
    arguments = image.tile[0][3]
    return arguments[1] if isinstance(arguments, tuple) else 255


def _levels_of_16_bits(path: PathLike, image: ImageFile.ImageFile) -> np.ndarray:
    if image.getexif().get(ExifTags.Base.Orientation, 1) != 1:
        raise DataError(f"{path}: has 16 bits and is turned by its EXIF data; save it upright")
    if image.format == "PNG":
        # Pillow would drop half of the bits of a colour
        return tf.io.decode_png(tf.io.read_file(str(path)), dtype=tf.uint16).numpy()
    if ";12" not in repr(image.tile) and image.mode[0] == "I":
        return np.asarray(image).astype("uint16")[..., None]
    raise DataError(
        f"{path}: has colours of 16 bits, or levels of 12, which cannot be read correctly from "
        f"{image.format}; save it as .png or with 8 bits"
    )


def _with_alpha_of_bmp(path: PathLike, x: np.ndarray) -> np.ndarray:
    """A .bmp of 32 bits a pixel has a fourth byte that is alpha, or is not used."""
    with open(path, "rb") as file:
        content = file.read()
    if x.shape[2] != 3 or struct.unpack_from("<H", content, 28) != (32,):
        return x
    with_alpha = tf.io.decode_bmp(content, channels=4).numpy()
    return with_alpha if with_alpha[..., 3].any() else x


def _without_alpha(path: PathLike, x: np.ndarray, alpha: str | None) -> np.ndarray:
    """The image with its transparency as it was asked for."""
    has_alpha = x.shape[2] in (2, 4)
    full = 1 if x.dtype == "float32" else np.iinfo(x.dtype).max
    if alpha == "keep":
        return x if has_alpha else np.pad(x, ((0, 0), (0, 0), (0, 1)), constant_values=full)
    if not has_alpha:
        return x
    colours, opacity = x[..., :-1], x[..., -1:]
    if (opacity == full).all():
        return colours
    if alpha is None:
        raise DataError(
            f"{path}: has transparent pixels; choose --alpha black or white to put that behind "
            f"them, or --alpha keep for a channel of its own"
        )
    # a * colour + (1 - a) * background
    share = opacity / full
    return _like(x, share * colours + (1 - share) * (full if alpha == "white" else 0))


def _resized(x: np.ndarray, size: int) -> np.ndarray:
    """The middle square of x as size x size."""
    height, width, channels = x.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = x[top : top + side, left : left + side].astype("float32")
    resized = np.stack(
        [
            np.asarray(Image.fromarray(square[..., c]).resize((size, size), BILINEAR))
            for c in range(channels)
        ],
        axis=2,
    )
    return _like(x, resized)


def _like(x: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values in the dtype of x, rounded if that has whole numbers only."""
    return (values if x.dtype == "float32" else np.rint(values)).astype(x.dtype)
