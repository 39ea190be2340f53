"""Images of a folder that is too large for memory."""

import math
import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from keras_vae.data.files import IMAGE_SUFFIXES, common_channels, decode_image
from keras_vae.errors import DataError

__all__ = ["ImageFiles"]


class ImageFiles:
    """The images of a folder, of which only the names are held, in one compact array.

    Opening lists the folder and looks at one image. That the others have its size and colours is
    seen when they are decoded: to ask all headers would open every file once more.

    Args:
        folder: images of one size, directly or in class folders; hidden ones are skipped.

    Attributes:
        count, event_shape, row_bytes, block, window, dtype, stored: as those of `NpyRows`. An
            image is a file of its own, so a block is one and the shuffle is complete.
        class_names: the folders just below `folder`, in order, or None.

    Raises:
        DataError: if there are no images, or some directly and some in class folders.
    """

    dtype = np.dtype("uint8")
    stored = tf.TensorSpec((), tf.string)
    block = window = 1

    def __init__(self, folder):
        self._folder = Path(folder)
        # twice over the folder, so that no list of all names is ever built
        longest = count = 0
        classes = set()
        for name in _image_names(self._folder):
            count, longest = count + 1, max(longest, len(name))
            classes.add(_class_of(name))
        if not count:
            raise DataError(
                f"{folder}: no images in it; expected files ending in {', '.join(IMAGE_SUFFIXES)}"
            )
        if b"" in classes and len(classes) > 1:
            raise DataError(
                f"{folder}: holds images both directly and in class folders; move them to one level"
            )
        try:
            self._names = np.fromiter(_image_names(self._folder), f"S{longest}", count)
        except ValueError as error:  # fewer than before
            raise DataError(
                f"{folder}: images vanish from it; start again when it rests"
            ) from error
        self._names.sort()
        self._classes = None if b"" in classes else sorted(classes)
        self.class_names = self._classes and tuple(map(os.fsdecode, self._classes))
        self.count = count
        self._first = self._path(0)
        self._channels = common_channels([self._first])
        self.event_shape = decode_image(self._first, self._channels).shape
        self.row_bytes = math.prod(self.event_shape)

    def labels(self, rows):
        """The class numbers of the given images, int64 (len(rows),)."""
        classes = [_class_of(name) for name in self._names[rows].tolist()]
        return np.searchsorted(self._classes, classes).astype("int64")

    def read(self, rows):
        """The paths of the given images."""
        return np.char.add(os.fsencode(self._folder) + b"/", self._names[rows])

    def decode(self, raw):
        """`tf.data.Dataset` of batches (rows, paths) -> (rows, uint8 images)."""
        batch_size = raw.element_spec[0].shape[0]
        images = raw.unbatch().map(
            lambda row, path: (row, self._image(path)),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
        return images.batch(batch_size, drop_remainder=True)

    def describe(self, row):
        """Where an example is to be found."""
        return str(self._path(row))

    def diagnose(self, rows):
        """Raises the DataError of the first of the given images that cannot be used."""
        for path in map(self._path, rows):
            if not path.exists():
                raise DataError(f"{path}: is no longer there; put it back and start again")
            common_channels([self._first, path])
            decode_image(path, self._channels)

    def _path(self, row):
        return self._folder / os.fsdecode(self._names[row])

    def _image(self, path):
        """One image as uint8 (height, width, channels); fails if it is unlike the first."""
        content = tf.io.read_file(path)
        image = tf.io.decode_image(content, expand_animations=False)
        height, width, channels = self.event_shape
        stored = tf.shape(image)
        # as in `common_channels`: alpha does not count, and no .bmp is gray
        is_gray = (stored[2] < 3) & (tf.strings.substr(content, 0, 2) != b"BM")
        has_8_bits = ~is_gray | (tf.strings.substr(content, 1, 3) != b"PNG")
        if channels == 1:
            # the header of a .png: a gray one of 16 bits would lose half of them unnoticed
            has_8_bits |= tf.strings.substr(content, 24, 1) != b"\x10"
        tf.debugging.assert_equal(stored[:2], (height, width))
        tf.debugging.assert_equal(is_gray, channels == 1)
        tf.debugging.assert_equal(has_8_bits, True)
        return tf.broadcast_to(image[..., :channels], self.event_shape)


def _image_names(folder, below=b""):
    """The names of all images, relative to the folder, in any order."""
    with os.scandir(os.path.join(os.fsencode(folder), below)) as entries:
        for entry in entries:
            name = os.path.join(below, entry.name)
            if entry.name.startswith(b"."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _image_names(folder, name)
            elif os.path.splitext(entry.name)[1].lower() in SUFFIXES and entry.is_file():
                yield name


def _class_of(name):
    first, slash, _ = name.partition(b"/")
    return first if slash else b""


SUFFIXES = tuple(map(os.fsencode, IMAGE_SUFFIXES))
