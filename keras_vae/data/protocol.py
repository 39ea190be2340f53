"""Binarisation: which binary data a gray image stands for. Each choice is another data set."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from keras_vae.choices import LIKELIHOODS
from keras_vae.errors import DataError, check_name

__all__ = [
    "BINARIZATION_SEEDS",
    "BLOCK",
    "binarize",
    "default_binarization",
    "describe_protocol",
    "examples_to_fit",
    "is_binary",
    "is_image",
    "recorded_binarization",
]

# Fixed, whatever a run's seed: every model is tested on the same binary images. Arrays that are not
# split are drawn as if they were a test split.
BINARIZATION_SEEDS = {"train": 0, "validation": 1, "test": 2, "all": 2}

# Examples that are looked at together.
BLOCK = 1000

_TRAINING = {
    "dynamic": "training pixels redrawn as Bernoulli(gray) every epoch",
    "static": "training pixels drawn once as Bernoulli(gray)",
    "threshold": "pixels are gray > 0.5",
    "none": "values as they are, not binarised",
}


def default_binarization(x: np.ndarray, likelihood: str) -> str:
    """`"dynamic"` for gray images under a Bernoulli likelihood, otherwise `"none"`.

    A gray image is one by `is_image`, in [0, 1].

    Args:
        x: (N, *event_shape), float32.
        likelihood: name of the likelihood.
    """
    check_name("likelihood", likelihood, LIKELIHOODS)
    is_gray = x.min() >= 0 and x.max() <= 1 and not is_binary(x)
    is_gray_image = is_image(x.shape[1:]) and is_gray
    return "dynamic" if likelihood == "bernoulli" and is_gray_image else "none"


def is_image(event_shape: tuple[int, ...]) -> bool:
    """Whether an example is a gray image: (height, width) or (height, width, 1), both sides above
    3. Without an axis of channels one side is at most twice the other: (50, 5) is a series of 50
    steps."""
    sides = event_shape[:2]
    is_two = len(event_shape) >= 2 and event_shape[2:] in ((), (1,)) and min(sides) > 3
    return is_two and (len(event_shape) > 2 or max(sides) <= 2 * min(sides))


def recorded_binarization(protocol: Mapping[str, Any] | None) -> str:
    """The binarisation of a model's training, by its `VAE.protocol`; `"none"` where it does not
    say."""
    return (protocol or {}).get("binarize", "none")


def is_binary(x: np.ndarray) -> bool:
    """Whether every value is 0 or 1."""
    # Block by block: most gray images show in the first that they are none.
    blocks = (x[first : first + BLOCK] for first in range(0, len(x), BLOCK))
    return all(((block == 0) | (block == 1)).all() for block in blocks)


def binarize(x: np.ndarray, binarization: str, split: str) -> np.ndarray:
    """Draws (or cuts) the binary data that gray levels in [0, 1] stand for, once.

    Args:
        x: float32 (N, *event_shape), in [0, 1] unless `binarization` is `"none"`.
        binarization: `"dynamic"` and `"static"` draw x_i ~ Bernoulli(gray level), `"threshold"`
            gives 1 where the gray level is above 0.5, `"none"` returns `x`.
        split: `"train"`, `"validation"`, `"test"` or `"all"`: each has its own fixed seed.

    Returns:
        float32 array like `x`.

    Raises:
        DataError: if values to be binarised are not gray levels in [0, 1].
    """
    check_name("binarization", binarization, _TRAINING)
    if binarization == "none":
        return x
    check_name("split", split, BINARIZATION_SEEDS)
    low, high = np.min(x, initial=0), np.max(x, initial=1)
    if not (low >= 0 and high <= 1):
        raise DataError(
            f"{binarization} binarisation reads values as gray levels in [0, 1], these lie in "
            f'[{low:g}, {high:g}]: scale them, or choose "none"'
        )
    if binarization == "threshold":
        return (x > 0.5).astype("float32")
    uniform = np.random.default_rng(BINARIZATION_SEEDS[split]).random(x.shape, dtype="float32")
    return (uniform < x).astype("float32")


def examples_to_fit(x: np.ndarray, binarization: str, of_binary: bool) -> np.ndarray:
    """Training examples that a model without z is fitted to.

    Under dynamic binarisation a Bernoulli needs only their mean, which the gray levels have
    exactly; a density needs their variance too, which a draw has.

    Args:
        x: float32 (N, *event_shape), training examples before binarisation.
        binarization: `"dynamic"`, `"static"`, `"threshold"` or `"none"`.
        of_binary: whether the likelihood is one of binary data.
    """
    if binarization == "dynamic" and of_binary:
        return x
    return binarize(x, binarization, "train")


def describe_protocol(binarization: str, split: str = "test", reading: Iterable[str] = ()) -> str:
    """The protocol in words, to be printed with every number of `split` that it affects.

    Args:
        binarization: `"dynamic"`, `"static"`, `"threshold"` or `"none"`.
        split: `"train"`, `"validation"` or `"test"`.
        reading: what reading did to the values, as `Dataset.reading` has it.
    """
    return "; ".join([*reading, _describe_binarization(binarization, split, bool(reading))])


def _describe_binarization(binarization: str, split: str, is_changed: bool) -> str:
    training = _TRAINING[binarization]
    if binarization == "none":
        return "not binarised" if is_changed else training
    if binarization == "threshold":
        return f"threshold binarisation: {training}"
    drawn = f"{split} pixels drawn once from a fixed seed ({BINARIZATION_SEEDS[split]})"
    if split == "train":
        drawn = f"for these figures {drawn}"
    return f"{binarization} binarisation: {training}; {drawn}"
