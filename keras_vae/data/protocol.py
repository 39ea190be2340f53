"""Binarisation: which binary data a gray image stands for. Each choice is another data set."""

import numpy as np

__all__ = [
    "BINARIZATION_SEEDS",
    "binarize",
    "default_binarization",
    "describe_protocol",
    "is_binary",
]

# Fixed, whatever a run's seed: every model is tested on the same binary images.
BINARIZATION_SEEDS = {"train": 0, "validation": 1, "test": 2}

_TRAINING = {
    "dynamic": "training pixels redrawn as Bernoulli(gray) every epoch",
    "static": "training pixels drawn once as Bernoulli(gray) from a fixed seed",
    "threshold": "pixels are gray > 0.5",
    "none": "values as they are, not binarised",
}


def default_binarization(x, likelihood):
    """`"dynamic"` for images of gray levels under a Bernoulli likelihood, otherwise `"none"`.

    Args:
        x: (N, *event_shape), float32.
        likelihood: name of the likelihood.
    """
    is_gray_image = x.ndim >= 3 and x.min() >= 0 and x.max() <= 1 and not is_binary(x)
    return "dynamic" if likelihood == "bernoulli" and is_gray_image else "none"


def is_binary(x):
    """Whether every value is 0 or 1."""
    return bool(((x == 0) | (x == 1)).all())


def binarize(x, binarization, split):
    """Draws (or cuts) the binary data that gray levels in [0, 1] stand for, once.

    Args:
        x: float32 (N, *event_shape), in [0, 1] unless `binarization` is `"none"`.
        binarization: `"dynamic"` and `"static"` draw x_i ~ Bernoulli(gray level), `"threshold"`
            gives 1 where the gray level is above 0.5, `"none"` returns `x`.
        split: `"train"`, `"validation"` or `"test"`: each has its own fixed seed.

    Returns:
        float32 array like `x`.
    """
    if binarization == "none":
        return x
    if binarization == "threshold":
        return (x > 0.5).astype("float32")
    uniform = np.random.default_rng(BINARIZATION_SEEDS[split]).random(x.shape, dtype="float32")
    return (uniform < x).astype("float32")


def describe_protocol(binarization):
    """The protocol in words, to stand beside every number that it bears on."""
    training = _TRAINING[binarization]
    if binarization in ("dynamic", "static"):
        return (
            f"{binarization} binarisation: {training}; "
            f"test pixels drawn once from a fixed seed ({BINARIZATION_SEEDS['test']})"
        )
    if binarization == "threshold":
        return f"threshold binarisation: {training}"
    return training
