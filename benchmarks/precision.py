"""Does training in half precision end where training in float32 ends, and does it ever break?

Usage: python benchmarks/precision.py MNIST.npz [PART]

1: 20 epochs of MNIST with one seed in each precision; test ELBO of each, evaluated in float32.
2: 10 seeds at learning rates 1e-3 and 3e-3 in each precision, 20 epochs of 5,000 digits each: runs
   that became NaN or infinite, steps that float16 skipped, spread of the validation ELBO.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

import keras_vae as kv
from keras_vae.training import train

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


def one_seed(path):
    print("| precision | test ELBO | seconds | steps skipped |\n|---|---|---|---|")
    for precision in PRECISIONS:
        config = kv.Config(data=path, epochs=20, precision=precision)
        with tempfile.TemporaryDirectory() as folder:
            run = kv.fit(config, folder, warn=lambda line: None)
        training = run.record["training"]
        elbo, error = (run.metrics[name] for name in ("elbo", "elbo_standard_error"))
        print(f"| {precision} | {elbo:.2f} ± {error:.2f} | {training['seconds']:.0f} | "
              f"{training['skipped_steps']} |", flush=True)  # fmt: skip


def many_seeds():
    dataset = kv.load_data("mnist5k")
    print("| precision | learning rate | runs | not finite | steps skipped | best val ELBO |")
    print("|---|---|---|---|---|---|")
    for precision in PRECISIONS:
        for learning_rate in (1e-3, 3e-3):
            best, broken, skipped = [], 0, 0
            for seed in range(10):
                config = kv.Config(
                    epochs=20, precision=precision, learning_rate=learning_rate, seed=seed,
                    binarize="dynamic",
                )  # fmt: skip
                with tempfile.TemporaryDirectory() as folder:
                    training = train(config, dataset, Path(folder))
                losses = [training.history[name] for name in ("loss", "val_loss")]
                broken += training.ended != "finished" or not np.isfinite(losses).all()
                skipped += training.skipped_steps or 0
                best.append(max(training.history["val_elbo"]))
            print(f"| {precision} | {learning_rate:g} | {len(best)} | {broken} | {skipped} | "
                  f"{min(best):.2f} to {max(best):.2f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    part = sys.argv[2] if len(sys.argv) > 2 else "12"
    if "1" in part:
        one_seed(sys.argv[1])
    if "2" in part:
        many_seeds()
