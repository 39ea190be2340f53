"""A name or a path -> checked float32 examples in three splits."""

import os

import numpy as np

from keras_vae.data.examples import LARGEST_VALUE, MIN_EXAMPLES, SPLIT_SEED, Dataset, Examples
from keras_vae.data.files import read_path
from keras_vae.data.named import NAMED
from keras_vae.data.stream_splits import open_stream
from keras_vae.data.tfrecords import is_record_file
from keras_vae.errors import DataError

__all__ = ["checked_array", "from_arrays", "load_data"]


def load_data(data="mnist5k", stream=False):
    """Loads examples, checks them, scales 8-bit images to [0, 1] and splits them.

    A source with its own test split keeps it, and a tenth of the rest, at most 5,000 examples,
    becomes the validation split; any other is split 80 / 10 / 10. Both by a fixed permutation.

    Args:
        data: a name (`"mnist5k"`, `"mnist"`, `"fashion_mnist"`, `"digits"`) or a path (`.npz`,
            `.npy`, a folder of images, TFRecords).
        stream: whether the training split stays on disk, as that of TFRecords always does; see
            `open_stream`, whose splits are others.

    Returns:
        `Dataset`; x is float32: in [0, 1] if it was uint8 with values above 1, as it is otherwise.

    Raises:
        DataError: if the data cannot be read, are empty, constant, not finite, or do not fit
            together.
    """
    if not isinstance(data, (str, os.PathLike)):
        if stream:
            raise DataError("stream: arrays are in memory already; leave it out")
        return from_arrays(data)
    if data not in NAMED and (stream or is_record_file(data)):
        return open_stream(data)
    if stream:
        raise DataError(f"--stream: {data} is no path; it fits into memory, so leave --stream out")
    source = NAMED[data]() if data in NAMED else read_path(data)
    return from_arrays(*source, name=str(data))


def from_arrays(
    x, labels=None, x_test=None, labels_test=None, class_names=None, name="arrays in memory"
):
    """The same for arrays that are in memory already.

    Args:
        x: (N, *event_shape), real numbers of any dtype; uint8 gray levels are scaled to [0, 1].
        labels: (N,) whole numbers or strings, or None.
        x_test, labels_test: a test split, or None to cut one from `x`.
        class_names: the name of each label, or None.
        name: what reports call the data.

    Returns:
        `Dataset`, as from `load_data`.

    Raises:
        DataError: as `load_data`.
    """
    x, x_test = _scaled(name, np.asarray(x), None if x_test is None else np.asarray(x_test))
    x, labels, class_names = _checked(name, "x", x, labels, class_names)
    if len(x) < MIN_EXAMPLES:
        raise DataError(f"{name}: {len(x)} examples; expected at least {MIN_EXAMPLES}")
    if (x == x[0]).all():
        raise DataError(f"{name}: all {len(x)} examples are the same; there is nothing to learn")
    examples = Examples(x, labels, np.arange(len(x)))
    examples = examples[np.random.default_rng(SPLIT_SEED).permutation(len(x))]
    if x_test is None:
        held_out = len(x) // 10
        test, validation, train = _cut(examples, held_out, 2 * held_out)
    else:
        x_test, labels_test, _ = _checked(name, "x_test", x_test, labels_test, class_names)
        if x_test.shape[1:] != x.shape[1:]:
            raise DataError(
                f"{name}: training examples have shape {x.shape[1:]}, test examples "
                f"{x_test.shape[1:]}; they must be equal"
            )
        if len(x_test) < 2:
            raise DataError(f"{name}: 1 test example; expected at least 2")
        test = Examples(x_test, labels_test, len(x) + np.arange(len(x_test)))
        validation, train = _cut(examples, min(5000, len(x) // 10))
    return Dataset(name, train, validation, test, class_names)


def checked_array(name, x):
    """Examples as finite float32, gray levels of 8 bits scaled to [0, 1], as `from_arrays` does.

    Raises:
        DataError: as `load_data`.
    """
    x, _ = _scaled(name, np.asarray(x), None)
    return _checked(name, "x", x, None, None)[0]


def _cut(examples, *ends):
    """The pieces of `examples` between the given ends."""
    starts = (0, *ends)
    return [examples[slice(start, end)] for start, end in zip(starts, (*ends, None), strict=True)]


def _scaled(data, x, x_test):
    """8-bit gray levels, training and test alike, as fractions of 255; all else as it is."""
    if x_test is None:
        return (x / np.float32(255) if _is_8_bit(x) else x), None
    if (x.dtype == "uint8") != (x_test.dtype == "uint8"):
        raise DataError(
            f"{data}: training examples are {x.dtype} and test examples {x_test.dtype}; uint8 "
            f"alone is scaled to [0, 1], so store both alike"
        )
    if _is_8_bit(x) or _is_8_bit(x_test):
        return x / np.float32(255), x_test / np.float32(255)
    return x, x_test


def _is_8_bit(x):
    """Whether x holds 8-bit gray levels; uint8 without values above 1 is binary already."""
    return x.dtype == "uint8" and x.size > 0 and x.max() > 1


def _checked(data, name, x, labels, class_names):
    """x as finite float32, labels as int64 class numbers, and the classes' names."""
    if x.dtype.kind not in "buif":
        raise DataError(f"{data}: {name} has dtype {x.dtype}; expected real numbers")
    if x.ndim < 2 or x.size == 0:
        raise DataError(f"{data}: {name} is empty or has no event shape; its shape is {x.shape}")
    with np.errstate(over="ignore"):
        x = x.astype("float32")
    bad = np.count_nonzero(~np.isfinite(x))
    if bad:
        raise DataError(
            f"{data}: {name} holds {bad} NaN or infinite values (of {x.size}); remove those "
            f"examples or fill the gaps before training"
        )
    if np.abs(x).max() > LARGEST_VALUE:
        raise DataError(
            f"{data}: {name} holds values up to {np.abs(x).max():.0e}, whose squares overflow "
            f"float32; remove outliers, or standardise the data"
        )
    if labels is not None:
        labels, class_names = _checked_labels(data, len(x), labels, class_names)
    return x, labels, class_names


def _checked_labels(data, count, labels, class_names):
    """Labels as int64 class numbers, and the classes' names where labels are strings."""
    labels = np.squeeze(np.asarray(labels))
    if labels.shape != (count,):
        raise DataError(
            f"{data}: {count} examples but labels of shape {labels.shape}; expected ({count},)"
        )
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8", "replace")
    elif labels.dtype.kind == "O" and all(isinstance(label, str) for label in labels):
        labels = labels.astype("U")
    if labels.dtype.kind == "U":
        class_names = class_names or tuple(str(name) for name in np.unique(labels))
        unknown = np.setdiff1d(labels, class_names)
        if len(unknown):
            raise DataError(f"{data}: test label '{unknown[0]}' does not occur in training")
        order = {name: number for number, name in enumerate(class_names)}
        labels = [order[label] for label in labels]
    elif labels.dtype.kind not in "buif" or not _are_whole(labels):
        raise DataError(f"{data}: labels must be whole numbers or strings; leave y out otherwise")
    return np.asarray(labels, "int64"), class_names


def _are_whole(labels):
    return np.isfinite(labels).all() and np.array_equal(labels, np.round(labels))
