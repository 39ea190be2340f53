"""Data for the foreign part of the zoo: images and tables whose gain goes from 2 to 1000 nats."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import matplotlib.image
import numpy as np
from matplotlib import cbook
from sklearn.datasets import load_sample_images

__all__ = ["DATA", "Data"]

MNIST = Path(os.environ.get("MNIST", Path(__file__).parents[4] / "shared" / "data" / "mnist.npz"))


@dataclass(frozen=True)
class Data:
    """A data set and what a loop needs to know to train a healthy model on it.

    Attributes:
        draw: rng -> examples, float32 (N, *event_shape), in random order.
        likelihood: "bernoulli" or "gaussian".
        hidden, latent: of the multilayer perceptrons.
        epochs: with batches of 128.
        learning_rate: of Adam, constant.
        sgd: learning rate of SGD with momentum 0.9, gradients clipped to a norm of 100;
            None where it does not get there.
        is_unit: gray levels in [0, 1].
    """

    draw: Callable
    likelihood: str
    hidden: tuple
    latent: int
    epochs: int
    learning_rate: float = 1e-3
    sgd: float | None = None
    is_unit: bool = False

    def examples(self, seed):
        """(train, test), one sixth of the examples for test."""
        x = self.draw(np.random.default_rng((seed, 15)))
        count = len(x) // 6
        return x[count:], x[:count]


@lru_cache
def _mnist():
    with np.load(MNIST) as arrays:
        return np.concatenate([arrays["x_train"], arrays["x_test"]]).astype("float32") / 255


@lru_cache
def _photograph(name):
    """Gray, float32 in [0, 1]."""
    if name == "hopper":
        with cbook.get_sample_data("grace_hopper.jpg", asfileobj=True) as file:
            image = matplotlib.image.imread(file, format="jpg")
    else:
        image = load_sample_images().images[("china", "flower").index(name)]
    return (image.mean(axis=2) / 255).astype("float32")


@lru_cache
def _head():
    with cbook.get_sample_data("s1045.ima.gz") as file:
        voxels = np.frombuffer(file.read(), "uint16").reshape(256, 256)
    return np.clip(voxels / np.quantile(voxels, 0.999), 0, 1).astype("float32")


@lru_cache
def _heights(name):
    """Metres: 242 to 556 of a fault, -1437 to 2205 of a coast."""
    with cbook.get_sample_data(name) as arrays:
        return arrays["topo" if "topo" in arrays else "elevation"].astype("float32")


def _patches(image, size, count, least=None):
    """Square patches, no two from one place; of a mean of at least `least`."""

    def draw(rng):
        patches = np.lib.stride_tricks.sliding_window_view(image(), (size, size))
        patches = patches.reshape(-1, size, size)
        places = np.arange(len(patches))
        if least is not None:
            places = places[patches.mean(axis=(1, 2)) > least]
        return patches[rng.choice(places, count, replace=False)].copy()

    return draw


def _some(images, count):
    return lambda rng: images()[rng.choice(len(images()), count, replace=False)]


def _drawn(draw):
    """Binary: each pixel drawn once with its gray level."""

    def binary(rng):
        x = draw(rng)
        return (rng.random(x.shape) < x).astype("float32")

    return binary


def _above(draw, threshold):
    """Binary: above a threshold, a number or a function of an example."""

    def binary(rng):
        x = draw(rng)
        cut = threshold(x) if callable(threshold) else threshold
        return (x > cut).astype("float32")

    return binary


def _scaled(draw, scale, shift=0.0):
    return lambda rng: (scale * draw(rng) + shift).astype("float32")


def _small(images, step):
    """Means over step x step pixels."""
    x = images()
    size = x.shape[1] // step
    return x.reshape(-1, size, step, size, step).mean(axis=(2, 4))


def _factors(columns, factors, seed, noise=0.3, count=6000, is_binary=False):
    """A table of smooth functions of a few factors, of about mean 0 and deviation 1."""
    fixed = np.random.default_rng(seed)
    inner = fixed.standard_normal((factors, 2 * factors))
    outer = fixed.standard_normal((2 * factors, columns)) / np.sqrt(factors)

    def draw(rng):
        z = rng.standard_normal((count, factors))
        x = np.tanh(z @ inner) @ outer
        if is_binary:
            return (rng.random(x.shape) < 1 / (1 + np.exp(-8 * x))).astype("float32")
        return (x + noise * rng.standard_normal(x.shape)).astype("float32")

    return draw


def _median(x):
    return np.median(x, axis=(1, 2), keepdims=True)


DATA = {
    # on which thresholds may be set
    "mnist28_binary": Data(
        _above(_some(_mnist, 24000), 0.5), "bernoulli", (256, 128), 10, 14
    ),
    "mnist28_gray": Data(
        _some(_mnist, 24000), "gaussian", (256, 128), 10, 14, is_unit=True
    ),
    "china8_gray": Data(
        _patches(lambda: _photograph("china"), 8, 6000), "gaussian", (64, 64), 6, 50,
        is_unit=True, sgd=0.0001,
    ),
    "flower14_binary": Data(
        _above(_patches(lambda: _photograph("flower"), 14, 9600), _median),
        "bernoulli", (128, 64), 8, 30, sgd=0.002,
    ),
    "fault8_metres": Data(
        _patches(lambda: _heights("jacksboro_fault_dem.npz"), 8, 6000),
        "gaussian", (64, 64), 4, 60, sgd=0.0002,
    ),
    "questions16": Data(_factors(16, 2, 1, is_binary=True), "bernoulli", (32,), 2, 40, sgd=0.01),
    "grams20": Data(_scaled(_factors(20, 3, 2), 0.02, 0.1), "gaussian", (64,), 3, 50, sgd=0.001),
    "fault8_standard": Data(
        _scaled(_patches(lambda: _heights("jacksboro_fault_dem.npz"), 8, 6000), 1 / 80, -4.8),
        "gaussian", (64, 64), 4, 60,
    ),
    "cents16": Data(_scaled(_factors(16, 3, 9), 60, 250), "gaussian", (64,), 3, 50, sgd=0.001),
    "scores9": Data(_factors(9, 2, 8), "gaussian", (32,), 2, 60, sgd=0.002),
    # held out
    "hopper28_binary": Data(
        _above(_patches(lambda: _photograph("hopper"), 28, 24000), _median),
        "bernoulli", (256, 128), 10, 14,
    ),
    "hopper28_gray": Data(
        _patches(lambda: _photograph("hopper"), 28, 24000),
        "gaussian", (256, 128), 12, 14, is_unit=True,
    ),
    "hopper10_binary": Data(
        _above(_patches(lambda: _photograph("hopper"), 10, 6000), _median),
        "bernoulli", (96, 48), 6, 40,
    ),
    "hopper10_gray": Data(
        _patches(lambda: _photograph("hopper"), 10, 6000), "gaussian", (96, 48), 6, 40,
        is_unit=True, sgd=0.0001,
    ),
    "head10_gray": Data(
        _patches(_head, 10, 6000, least=0.1), "gaussian", (96, 48), 6, 40,
        is_unit=True, sgd=0.0001,
    ),
    "head10_standard": Data(
        _scaled(_patches(_head, 10, 6000, least=0.1), 5, -1.75), "gaussian", (96, 48), 6, 40
    ),
    "mnist14_gray": Data(
        _some(lambda: _small(_mnist, 2), 6000), "gaussian", (128, 64), 8, 40, is_unit=True
    ),
    "mnist14_binary": Data(
        _drawn(_some(lambda: _small(_mnist, 2), 6000)), "bernoulli", (128, 64), 8, 40
    ),
    "questions24": Data(_factors(24, 3, 5, is_binary=True), "bernoulli", (64,), 3, 40, sgd=0.01),
    "coast8_metres": Data(
        _patches(lambda: _heights("topobathy.npz"), 8, 6000), "gaussian", (64, 64), 5, 60,
        sgd=0.0002,
    ),
    "hundreds30": Data(_scaled(_factors(30, 4, 6), 120, 400), "gaussian", (64,), 4, 60, sgd=0.001),
    "thousands12": Data(_scaled(_factors(12, 3, 11), 900, 5000), "gaussian", (64,), 3, 50),
    "grades10": Data(_scaled(_factors(10, 2, 7), 5, 0), "gaussian", (32,), 2, 60, sgd=0.002),
}  # fmt: skip
