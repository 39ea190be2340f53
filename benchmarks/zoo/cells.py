"""Data and architecture: what a model of the zoo is, apart from its defect."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib import cbook
from sklearn.datasets import load_sample_images

import keras_vae as kv

__all__ = ["BINARY", "CELLS", "GAUSSIAN", "Cell"]

TEST_PART = 4  # every fourth example


@dataclass(frozen=True)
class Cell:
    """Data and architecture.

    Attributes:
        name: its key in `CELLS`.
        data: name of the data, a key of `SOURCES`.
        likelihood: of `keras_vae.LIKELIHOODS`.
        network, hidden, latent: as in `keras_vae.Config`.
        epochs: that a healthy model needs.
        learning_rate: of Adam, which falls along a cosine.
    """

    name: str
    data: str
    likelihood: str
    network: str
    hidden: tuple
    latent: int
    epochs: int
    learning_rate: float = 2e-3

    def examples(self, seed):
        """(train, test), as the model sees them; another split for each seed."""
        x = gray(self.data)
        rng = np.random.default_rng(seed)
        if self.likelihood == "bernoulli":
            x = (rng.random(x.shape) < x).astype("float32")
        x = x[rng.permutation(len(x))]
        is_test = np.arange(len(x)) % TEST_PART == 0
        return x[~is_test], x[is_test]


@lru_cache
def gray(name):
    """All examples of a source, float32 (N, *event_shape)."""
    return SOURCES[name]()


def _loaded(name):
    dataset = kv.load_data(name)
    return np.concatenate([split.x for split in dataset.splits.values()])


def _toy():
    """Five clusters on a ring in the plane, seen through 16 smooth functions with noise."""
    rng = np.random.default_rng(0)
    angles = 2 * np.pi * rng.integers(0, 5, 3000) / 5
    plane = np.stack([np.cos(angles), np.sin(angles)], 1) + 0.15 * rng.standard_normal((3000, 2))
    hidden = np.tanh(plane @ rng.standard_normal((2, 16)) + rng.standard_normal(16))
    x = hidden @ rng.standard_normal((16, 16)) + 0.3 * rng.standard_normal((3000, 16))
    return x.astype("float32")


def _clusters():
    """Ten tight, distant clusters in 16 dimensions: nothing between them for a prior to fill."""
    rng = np.random.default_rng(0)
    centres = 2 * rng.standard_normal((10, 16))
    x = centres[rng.integers(0, 10, 3000)] + 0.3 * rng.standard_normal((3000, 16))
    return x.astype("float32")


def _patches():
    """8 x 8 patches of two photographs, gray, in [0, 1]."""
    rng = np.random.default_rng(0)
    patches = []
    for image in load_sample_images().images:
        levels = image.mean(axis=2) / 255
        rows, columns = (rng.integers(0, size - 8, 2000) for size in levels.shape)
        patches += [levels[r : r + 8, c : c + 8] for r, c in zip(rows, columns, strict=True)]
    return np.stack(patches).astype("float32")


def _terrain():
    """8 x 8 patches of a map of heights (Jacksboro fault, which Matplotlib carries), each from
    its lowest point, 0, to 1 at 100 units above."""
    with cbook.get_sample_data("jacksboro_fault_dem.npz") as dem:
        heights = dem["elevation"].astype("float64")
    rng = np.random.default_rng(0)
    rows, columns = (rng.integers(0, size - 8, 4000) for size in heights.shape)
    patches = [heights[r : r + 8, c : c + 8] for r, c in zip(rows, columns, strict=True)]
    patches = np.stack([(patch - patch.min()) / 100 for patch in patches])
    return np.clip(patches, 0, 1).astype("float32")


def _head():
    """8 x 8 patches of a magnetic resonance image of a head (which Matplotlib carries), 4000
    places inside the head, the brightest voxels 1."""
    with cbook.get_sample_data("s1045.ima.gz") as file:
        voxels = np.frombuffer(file.read(), "uint16").reshape(256, 256)
    image = np.clip(voxels / np.quantile(voxels, 0.999), 0, 1).astype("float32")
    patches = np.lib.stride_tricks.sliding_window_view(image, (8, 8)).reshape(-1, 8, 8)
    inside = np.flatnonzero(patches.mean(axis=(1, 2)) > 0.1)
    return patches[np.random.default_rng(0).choice(inside, 4000, replace=False)]


SOURCES = {
    "digits": lambda: _loaded("digits"),
    "mnist5k": lambda: _loaded("mnist5k"),
    "clusters": _clusters,
    "toy": _toy,
    "patches": _patches,
    "terrain": _terrain,
    "head": _head,
}

CELLS = {
    cell.name: cell
    for cell in (
        Cell("digits_binary", "digits", "bernoulli", "mlp", (64,), 4, 60),
        Cell("mnist_binary", "mnist5k", "bernoulli", "mlp", (256, 128), 8, 25),
        Cell("mnist_gray", "mnist5k", "gaussian", "mlp", (256, 128), 8, 25),
        Cell("toy", "toy", "gaussian", "mlp", (32, 32), 3, 100, 5e-3),
        Cell("patches_binary", "patches", "bernoulli", "mlp", (64, 64), 4, 40),
        Cell("patches_gray", "patches", "gaussian", "mlp", (64, 64), 6, 60, 5e-3),
        Cell("terrain_binary", "terrain", "bernoulli", "mlp", (64, 64), 4, 40),
        Cell("terrain_gray", "terrain", "gaussian", "mlp", (64, 64), 6, 60, 5e-3),
        # for the held-out part of the benchmark only
        Cell("head_binary", "head", "bernoulli", "mlp", (64, 64), 4, 40),
        Cell("head_gray", "head", "gaussian", "mlp", (64, 64), 6, 60, 5e-3),
        Cell("mnist_conv", "mnist5k", "bernoulli", "conv", (8, 16), 6, 15),
    )
}
BINARY = (
    "digits_binary",
    "mnist_binary",
    "mnist_conv",
    "patches_binary",
    "terrain_binary",
    "head_binary",
)
GAUSSIAN = ("mnist_gray", "toy", "patches_gray", "terrain_gray", "head_gray")
