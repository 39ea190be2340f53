"""How many images a second does training pass through, here and elsewhere?

Usage: python benchmarks/throughput.py MNIST.npz [REPEATS] [RIVAL,RIVAL,...]

Needs `pip install torch jax optax pythae`; a rival that is not installed is left out. Every rival
does the same work, see `rivals/`; this package runs as `kvae fit` does. Rivals take turns, each
time in a new process: one epoch to warm up, then the best of two, batches of 128 and of 1,024. The
table gives the median over the repeats, and ratios to JAX and to stock Keras as medians of the
ratios within a repeat.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

EPOCHS = 3  # one to warm up
BATCH_SIZES = (128, 1024)
# name -> the package it needs
RIVALS = {
    "keras_vae": "keras_vae",
    "keras_vae dynamic": "keras_vae",
    "keras fit": "keras",
    "torch": "torch",
    "torch.compile": "torch",
    "jax scan": "jax",
    "pythae": "pythae",
}


def fitted(config):
    """(training examples, seconds of each training epoch) of `kvae fit`, validation and checkpoints
    apart."""
    import keras

    import keras_vae as kv

    class Clock(keras.callbacks.Callback):
        seconds = []  # noqa: RUF012

        def on_epoch_begin(self, epoch, logs=None):
            self.begin = time.perf_counter()

        def on_test_begin(self, logs=None):
            self.seconds.append(time.perf_counter() - self.begin)

    with tempfile.TemporaryDirectory() as folder:
        run = kv.fit(config, folder, callbacks=[Clock()], warn=lambda line: None)
    return run.record["data"]["examples"]["train"], Clock.seconds


def timed(training, epochs):
    """Seconds of each of the first epochs of a rival."""
    seconds = []
    for _ in range(epochs):
        begin = time.perf_counter()
        next(training)
        seconds.append(time.perf_counter() - begin)
    return seconds


def own(path, batch_size, binarization):
    """What `fitted` gives for the network that all rivals train."""
    import keras_vae as kv

    return fitted(
        kv.Config(
            data=path,
            batch_size=batch_size,
            binarize=binarization,
            epochs=EPOCHS,
            learning_rate=1e-3,
        )
    )


def other(path, batch_size, name):
    """Seconds of each epoch of a rival."""
    if name == "keras fit":
        from rivals.keras_fit import epochs
    elif name == "jax scan":
        from rivals.jax_scan import epochs
    elif name == "pythae":
        from rivals.pythae_trainer import epochs
    else:
        from rivals.torch_loop import epochs
    with np.load(path) as arrays:
        x = (arrays["x_train"].reshape(-1, 784) / 255).astype("float32")
    options = {"compiled": True} if name == "torch.compile" else {}
    seconds = timed(epochs(x, batch_size, **options), EPOCHS)
    return len(x) // batch_size * batch_size, seconds


def measure(path, name, batch_size):
    """Images a second of one rival in a process of its own."""
    command = [sys.executable, __file__, path, "--one", name, str(batch_size)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
    images, seconds = json.loads(done.stdout.splitlines()[-1])
    return images / min(seconds[1:])


def main(path, repeats, names):
    for batch_size in BATCH_SIZES:
        rates = {name: [] for name in names}
        rng = np.random.default_rng(0)
        for repeat in range(repeats):
            for name in rng.permutation(names):
                rates[name].append(measure(path, str(name), batch_size))
                print(f"{batch_size:5d} {repeat + 1} {name:20s} {rates[name][-1]:8.0f} images/s",
                      file=sys.stderr, flush=True)  # fmt: skip
        print(
            f"\n| batch {batch_size} | images/s | of jax scan | of keras fit |\n|---|---|---|---|"
        )
        for name in names:
            ratios = [
                f"{np.median(np.divide(rates[name], rates[rival])):.2f}" if rival in rates else ""
                for rival in ("jax scan", "keras fit")
            ]
            print(f"| {name} | {np.median(rates[name]):,.0f} | {' | '.join(ratios)} |", flush=True)


if __name__ == "__main__":
    if sys.argv[2:3] == ["--one"]:
        path, name, batch_size = sys.argv[1], sys.argv[3], int(sys.argv[4])
        if name.startswith("keras_vae"):
            result = own(path, batch_size, "dynamic" if name.endswith("dynamic") else "none")
        else:
            result = other(path, batch_size, name)
        print("\n" + json.dumps(result))
    else:
        names = sys.argv[3].split(",") if len(sys.argv) > 3 else list(RIVALS)
        names = [name for name in names if importlib.util.find_spec(RIVALS[name])]
        main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3, names)
