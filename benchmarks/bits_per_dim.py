"""How many bits does a level of a small colour image take, by the model and by PNG and WebP?

Usage: python benchmarks/bits_per_dim.py [PATCHES.npz] [EPOCHS]

PATCHES.npz holds uint8 `x_train` and `x_test` (N, 32, 32, 3). Where it is not there it is written
from photographs that scikit-learn and scikit-image (pip install scikit-image) carry: patches of
the left three quarters of each are to train on, 12 pixels apart, those of the rest are the test, 32
apart. That split keeps pixels apart, not photographs.

The same convolutional VAE is trained with each likelihood, and bits per dimension are
-ELBO / (3072 ln 2) of the test patches:

- `discretized_logistic`: p(x|z) is a probability of levels. The bits are a bound on those that a
  code of this model takes.
- `gaussian`: a density, of (level + u) / 256 with u uniform in [0, 1), drawn once to train on and
  anew for the test. log P(level) >= E_u log p(level + u), so the bits of that density, 8 added for
  its unit of 1 / 256, bound those of the levels from above too. These are honest, and looser.

PNG and lossless WebP are whole files, of each patch by itself and of all in one square mosaic.
"""

import io
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 32
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket")


def patches():
    """(x_train, x_test), uint8 (N, 32, 32, 3), from photographs that packages carry."""
    import skimage.data
    from sklearn.datasets import load_sample_images

    photographs = [getattr(skimage.data, name)() for name in PHOTOGRAPHS]
    parts = {"train": [], "test": []}
    for photograph in [*photographs, *load_sample_images().images]:
        cut = photograph.shape[1] * 3 // 4
        for part, pixels, step in (
            ("train", photograph[:, :cut], 12),
            ("test", photograph[:, cut:], SIDE),
        ):
            height, width = pixels.shape[:2]
            parts[part] += [
                pixels[top : top + SIDE, left : left + SIDE]
                for top in range(0, height - SIDE + 1, step)
                for left in range(0, width - SIDE + 1, step)
            ]
    return np.stack(parts["train"]), np.stack(parts["test"])


def of_files(images, file_format, **options):
    """Bits per dimension of images, each in a file of its own."""
    total = 0
    for image in images:
        file = io.BytesIO()
        Image.fromarray(image).save(file, file_format, **options)
        total += 8 * file.tell()
    return total / np.size(images)


def mosaic(x):
    """As many of x as fill a square, side by side: one image."""
    n = int(len(x) ** 0.5)
    return x[: n * n].reshape(n, n, SIDE, SIDE, 3).swapaxes(1, 2).reshape(n * SIDE, n * SIDE, 3)


def dequantised(x, seed):
    u = np.random.default_rng(seed).random(x.shape, "float32")
    return ((x + u) / np.float32(256)).astype("float32")


def of_model(x_train, x_test, likelihood, epochs):
    """(bits per dimension of the test patches, standard error, seconds of training)."""
    from keras_vae import Config
    from keras_vae.data import from_arrays
    from keras_vae.evaluation import evaluate
    from keras_vae.training import train

    is_density = likelihood == "gaussian"
    if is_density:
        x_train, x_test = dequantised(x_train, 0), dequantised(x_test, 1)
    dataset = from_arrays(x_train, x_test=x_test)
    config = Config(
        likelihood=likelihood, network="conv", latent=64, hidden=(32, 64), epochs=epochs,
        batch_size=64, binarize="none",
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        training = train(config, dataset, folder)
        figures = evaluate(training.vae, dataset, samples=4)
    nats_to_bits = 1 / (x_test[0].size * np.log(2))
    bits = -figures.elbo * nats_to_bits + (8 if is_density else 0)
    return bits, figures.elbo_standard_error * nats_to_bits, training.seconds


def main():
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "patches.npz")
    epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    if not path.exists():
        x_train, x_test = patches()
        np.savez(path, x_train=x_train, x_test=x_test)
    with np.load(path) as file:
        x_train, x_test = file["x_train"], file["x_test"]
    print(f"{len(x_train)} patches to train on, {len(x_test)} to test, {epochs} epochs")
    for name, options in (
        ("PNG", {"optimize": True}),
        ("WebP", {"lossless": True, "quality": 100}),
    ):
        alone, together = (of_files(each, name, **options) for each in (x_test, [mosaic(x_test)]))
        print(f"{name}: {alone:.3f} bits a dimension, {together:.3f} in one mosaic", flush=True)
    print(f"levels equally likely: {8:.3f}")
    for likelihood in ("discretized_logistic", "gaussian"):
        start = time.perf_counter()
        bits, error, seconds = of_model(x_train, x_test, likelihood, epochs)
        whole = time.perf_counter() - start
        print(
            f"{likelihood}: {bits:.3f} ± {error:.3f} bits a dimension, trained in {seconds:.0f} s "
            f"({whole:.0f} s with building and evaluation)",
            flush=True,
        )


if __name__ == "__main__":
    main()
