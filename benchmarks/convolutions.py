"""How many images a second does a convolutional network train on, here and elsewhere?

Usage: python benchmarks/convolutions.py MNIST.npz [REPEATS] [SHAPE,SHAPE,...]

Needs `pip install torch`. Each rival does the work of `kvae fit --network conv --latent 2` in
batches of 128: MNIST for 28x28x1, and noise, which takes the same time as images, for 64x64x3.
Rivals take turns in an order drawn anew, each time in a new process: one epoch to warm up, then the
best of three. The table gives medians over the repeats, ratios as medians of the ratios within a
repeat, and the peak memory of the process.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from throughput import fitted, timed

EPOCHS = 4  # one to warm up
BATCH_SIZE = 128
IMAGES = {"28x28x1": 6400, "64x64x3": 1280}
RIVALS = ("keras_vae", "keras fit", "torch channels_last")


def images(mnist, shape):
    """float32 (N, *shape) in [0, 1]."""
    count = IMAGES[shape]
    if shape == "28x28x1":
        with np.load(mnist) as arrays:
            return (arrays["x_train"][:count, ..., None] / 255).astype("float32")
    shape = tuple(map(int, shape.split("x")))
    return np.random.default_rng(0).random((count, *shape), dtype="float32")


def own(x):
    """What `fitted` gives for the convolutional network."""
    import keras_vae as kv

    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "images.npz")
        np.savez(data, x_train=x, x_test=x[:BATCH_SIZE])
        config = kv.Config(
            data=str(data), network="conv", likelihood="bernoulli", binarize="none",
            batch_size=BATCH_SIZE, epochs=EPOCHS,
        )  # fmt: skip
        return fitted(config)


def other(x, name):
    """Examples, and seconds of each epoch of a rival."""
    if name == "keras fit":
        from rivals.keras_conv import epochs
    else:
        from rivals.torch_conv import epochs
    return len(x), timed(epochs(x, BATCH_SIZE), EPOCHS)


def measure(mnist, name, shape):
    """(images a second, peak MB) of one rival in a process of its own."""
    command = [sys.executable, __file__, mnist, "--one", name, shape]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
    count, seconds, peak = json.loads(done.stdout.splitlines()[-1])
    return count // BATCH_SIZE * BATCH_SIZE / min(seconds[1:]), peak


def main(mnist, repeats, shapes):
    rng = np.random.default_rng(0)
    for shape in shapes:
        rates, peaks = ({name: [] for name in RIVALS} for _ in range(2))
        for repeat in range(repeats):
            for name in map(str, rng.permutation(RIVALS)):
                rate, peak = measure(mnist, name, shape)
                rates[name].append(rate)
                peaks[name].append(peak)
                print(f"{shape} {repeat + 1} {name:20s} {rate:8.0f} images/s {peak:6.0f} MB",
                      file=sys.stderr, flush=True)  # fmt: skip
        print(
            f"\n| {shape} | images/s | of torch | of keras fit | peak MB |\n|---|---|---|---|---|"
        )
        for name in RIVALS:
            ratios = (
                f"{np.median(np.divide(rates[name], rates[rival])):.2f}"
                for rival in ("torch channels_last", "keras fit")
            )
            print(f"| {name} | {np.median(rates[name]):,.0f} | {' | '.join(ratios)} "
                  f"| {np.median(peaks[name]):,.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    if sys.argv[2:3] == ["--one"]:
        path, name, shape = sys.argv[1], sys.argv[3], sys.argv[4]
        x = images(path, shape)
        count, seconds = own(x) if name == "keras_vae" else other(x, name)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print("\n" + json.dumps((count, seconds, peak)))
    else:
        shapes = sys.argv[3].split(",") if len(sys.argv) > 3 else list(IMAGES)
        main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5, shapes)
