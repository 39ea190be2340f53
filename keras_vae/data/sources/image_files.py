"""A folder of images, read whole or, if it is too large for memory, image by image."""

import math
import os
import struct
from pathlib import Path

import numpy as np
import tensorflow as tf

from keras_vae.aliases import PathLike
from keras_vae.data.sources.image_folder import ImageNames
from keras_vae.data.sources.images import decode_image, kind_of
from keras_vae.data.sources.source import Source
from keras_vae.errors import DataError

__all__ = ["ImageFiles"]

# A .png of 8 bits begins with this, its width and height, and its kind of colour.
PNG_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
PNG_COLOURS = {1: 0, 3: 2}
# Chunks that give a .png transparency, an orientation or more than one frame.
PNG_MORE = rb"(?s)\C*(tRNS|eXIf|acTL)\C*"


class ImageFiles:
    """The images of a folder, of which only the names are held, in one compact array.

    Opening lists the folder and looks at one image. The size and colours of the others are checked
    when they are decoded: reading all headers would open every file twice.

    Args:
        folder: images of one size, directly or in class folders, and these directly or in the
            folders of splits, `train`, `val` or `validation`, `test`; hidden ones are skipped.
        size, gray, alpha: as for `decode_image`.

    Attributes:
        count, event_shape, row_bytes, block, window, dtype, stored, own_splits: as those of
            `NpyRows`. An image is a file of its own, so a block is one and the shuffle complete.
        class_names: the names of the class folders, in order, or None.
        reading, warnings: as those of `Dataset`.

    Raises:
        DataError: if there are no images, or folders that do not go together.
    """

    stored = tf.TensorSpec((), tf.string)
    block = window = 1
    is_known = True

    def __init__(
        self,
        folder: PathLike,
        size: int | None = None,
        gray: bool = False,
        alpha: str | None = None,
    ) -> None:
        if size is not None and alpha == "keep":
            raise DataError(f"{folder}: --size cannot keep an alpha channel; choose another alpha")
        self._folder = Path(folder)
        self._names = ImageNames(folder)
        self._options = size, gray, alpha
        self.count = len(self._names)
        self.own_splits = self._names.own_splits
        self.class_names = self._names.class_names
        self.labels = self._names.labels
        first = decode_image(self._path(0), *self._options)
        self._kind = kind_of(first)
        self.event_shape = first.shape
        self.dtype = first.dtype
        self.row_bytes = math.prod(self.event_shape) * self.dtype.itemsize
        self.reading = _reading(first.dtype, *self._options)
        self.warnings = self._names.warnings
        self._plain_start = None
        if self._options == (None, False, None) and self.dtype == "uint8":
            height, width, channels = self.event_shape
            size_and_colours = struct.pack(">IIBB", width, height, 8, PNG_COLOURS[channels])
            self._plain_start = PNG_START + size_and_colours

    def whole(self) -> Source:
        """All of it in memory: `Source`."""
        rows = {"train": np.arange(self.count)}
        if self.own_splits:
            rows = {split: np.arange(*ends) for split, ends in self.own_splits.items()}
        x = {split: np.stack([self._decoded(row) for row in rows[split]]) for split in rows}
        labels = {split: self.labels(rows[split]) for split in rows}
        warnings = self.warnings
        if self.dtype == "uint16" and max(map(np.max, x.values())) < 2**12:
            warnings = (*warnings, _told_12_bits(self._folder))
        return Source(
            x["train"],
            labels["train"],
            x.get("test"),
            labels.get("test"),
            self.class_names,
            x.get("validation"),
            labels.get("validation"),
            self.reading,
            warnings,
            is_known=True,
        )

    def read(self, rows: np.ndarray) -> np.ndarray:
        """The paths of the given images."""
        return np.char.add(os.fsencode(self._folder) + b"/", self._names[rows])

    def decode(self, raw: tf.data.Dataset) -> tf.data.Dataset:
        """`tf.data.Dataset` of batches (rows, paths) -> (rows, images of `dtype`)."""
        batch_size = raw.element_spec[0].shape[0]
        images = raw.unbatch().map(
            tf.autograph.experimental.do_not_convert(
                lambda row, path: (row, self._image(row, path))
            ),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
        return images.batch(batch_size, drop_remainder=True)

    def describe(self, row: int) -> str:
        """Where an example is to be found."""
        return str(self._path(row))

    def diagnose(self, rows: np.ndarray) -> None:
        """Raises the DataError of the first of the given images that cannot be used."""
        for row, path in zip(rows, self.read(rows), strict=True):
            self._decoded(row)
            try:
                self._image(row, tf.constant(path))
            except tf.errors.OpError as error:
                raise DataError(
                    f"{self.describe(row)}: cannot be decoded, perhaps cut short; replace it"
                ) from error

    def _path(self, row: int | np.integer) -> Path:
        return self._folder / os.fsdecode(self._names[row])

    def _decoded(self, row: int | np.integer) -> np.ndarray:
        """One image, if it is like the first."""
        path = self._path(row)
        if not path.exists():
            raise DataError(f"{path}: is no longer there; put it back and start again")
        x = decode_image(path, *self._options)
        if kind_of(x) != self._kind:
            raise DataError(
                f"images differ in size or colours: {self._path(0)} is {self._kind}, {path} is "
                f"{kind_of(x)}; convert them first, or choose --size and --gray"
            )
        return x

    def _image(self, row: int | tf.Tensor, path: tf.Tensor) -> tf.Tensor:
        """One image as a tensor; fails if it is unlike the first.

        TensorFlow decodes a plain .png on any number of cores, to the same values as Pillow, which
        takes all else.
        """

        def by_pillow() -> tf.Tensor:
            return tf.numpy_function(self._decoded, [row], self.dtype)

        if self._plain_start is None:
            image = by_pillow()
        else:
            content = tf.io.read_file(path)
            start = tf.strings.substr(content, 0, len(self._plain_start))
            has_more = tf.strings.regex_full_match(content, PNG_MORE)
            image = tf.cond(
                (start == self._plain_start) & ~has_more,
                lambda: tf.io.decode_png(content),
                by_pillow,
            )
        return tf.ensure_shape(image, self.event_shape)


def _told_12_bits(folder: Path) -> str:
    """What is said where levels of 16 bits look like those of a camera or scanner."""
    return (
        f"by default, the 16-bit levels in {folder} are divided by 65535, and none is above 4095: "
        f"if they are levels of 12 bits, multiply them by 16 in the files"
    )


def _reading(dtype: np.dtype, size: int | None, gray: bool, alpha: str | None) -> tuple[str, ...]:
    """What reading does to the images, in words."""
    told = []
    if alpha == "keep":
        told.append("alpha kept as a channel")
    elif alpha:
        told.append(f"transparent pixels on {alpha}")
    if gray:
        told.append("colours turned to gray")
    if size:
        rounded = "" if dtype == "float32" else ", rounded to levels"
        told.append(f"middle squares resized to {size}x{size}{rounded}")
    return tuple(told)
