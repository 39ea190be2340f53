"""How likely is MNIST under each preset: log p(x) of all 10,000 test images, a row a run.

Usage: python benchmarks/likelihood.py PRESET [--data mnist.npz] [--folder FOLDER] [--seed N]
                                       [--epochs N] [--seconds N] [--samples-of-bound K]
                                       [--annealed IMAGES]
                                       [--OPTION VALUE ...]

Trains the preset of `keras_vae.PRESETS` on the training split of MNIST, binarised anew in each
epoch, and evaluates the epoch with the best ELBO (of `iwae` the lowest loss) of the validation
split: L_5000 (or L_K) of the test images, binarised once from a fixed seed, and annealed importance
sampling of 40 of them (or as many as are said) where Pareto's k-hat distrusts it. Appends a row to
`benchmarks/results/likelihood.jsonl`, and writes the curve of the training beside it.

Killed, or stopped after --seconds, it goes on from its last epoch when it is called again with the
same FOLDER, where it keeps L_K too; a row is written at the end. --epochs and other options of
`Config` change the preset, and stand in the row.
"""

import argparse
import json
import os
import platform
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import keras_vae as kv
from keras_vae.data import decided
from keras_vae.evidence import annealed_evidence, importance_weighted_bound
from keras_vae.measures import active_units, standard_error
from keras_vae.presets import preset
from keras_vae.progress import showing
from keras_vae.training import train

RESULTS = Path(__file__).parent / "results"
KS = (1, 50, 500)


class StopAfter(keras.callbacks.Callback):
    """Ends the process after an epoch, once so many seconds have gone: its checkpoint is there."""

    def __init__(self, seconds):
        super().__init__()
        self.end = time.monotonic() + seconds

    def on_epoch_begin(self, epoch, logs=None):
        if time.monotonic() > self.end:
            print(f"stopped before epoch {epoch + 1}; the same command goes on", flush=True)
            raise SystemExit(0)


class Tell(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        told = {name: round(value, 2) for name, value in logs.items() if "elbo" in name}
        print(epoch + 1, told, flush=True)


class TellShare:
    """Prints each tenth of an evaluation, and how long it has taken."""

    def __init__(self, what):
        self.what, self.begin, self.told = what, time.monotonic(), -1

    def __call__(self, share):
        if int(10 * share) != self.told:
            self.told = int(10 * share)
            seconds = time.monotonic() - self.begin
            print(f"{self.what}: {share:.0%} after {seconds:.0f} s", flush=True)


def bound_of(vae, x, k, path):
    """L_k and the bounds with fewer samples, kept in a file: what was computed is not lost."""
    if path.exists():
        return json.loads(path.read_text())
    begin = time.monotonic()
    with showing(TellShare(f"L_{k}")):
        bound = importance_weighted_bound(vae, x, [*(few for few in KS if few < k), k])
    found = {
        "figures": {
            f"L_{k}": [round(float(values.mean()), 3), round(float(standard_error(values)), 3)]
            for k, values in zip(bound.ks, bound.bounds, strict=True)
        },
        "of_examples": bound.bounds[-1].tolist(),
        "doubts": bound.doubts,
        "seconds": time.monotonic() - begin,
    }
    path.write_text(json.dumps(found))
    return found


def options_of(rest):
    """--name value pairs as options of `Config`."""
    names = [name.removeprefix("--").replace("-", "_") for name in rest[::2]]
    return {name: json_or_text(value) for name, value in zip(names, rest[1::2], strict=True)}


def json_or_text(value):
    try:
        return json.loads(value)
    except ValueError:
        return value


parser = argparse.ArgumentParser()
parser.add_argument("preset")
parser.add_argument("--data", default="mnist")
parser.add_argument("--folder")
parser.add_argument("--samples-of-bound", type=int, default=5000)
# 40 take half as long as L_5000 of 10,000
parser.add_argument("--annealed", type=int, default=40)
parser.add_argument("--seconds", type=float, default=float("inf"))
arguments, rest = parser.parse_known_args()
changed = options_of(rest)
data = kv.load_data(arguments.data)
config = decided(kv.Config(data="mnist", **{**preset(arguments.preset), **changed}), data)
folder = Path(arguments.folder or f"likelihood-{arguments.preset}-{config.seed}")
folder.mkdir(parents=True, exist_ok=True)
result = train(config, data, folder, resume=True, callbacks=[Tell(), StopAfter(arguments.seconds)])
vae = result.vae

x = data.as_binarized("dynamic").given("test")
k, is_elbo = arguments.samples_of_bound, config.objective == "elbo"
found = bound_of(vae, x, k, folder / f"L_{k}-epoch-{result.best_epoch}-of-{config.epochs}.json")
figures, start = found["figures"], time.monotonic()
if found["doubts"] and arguments.annealed:
    with showing(TellShare("annealed importance sampling")):
        annealed = annealed_evidence(vae, x[: arguments.annealed])
    values, few = annealed.log_evidence, arguments.annealed
    figures[f"AIS of {few}"] = [float(values.mean()), float(standard_error(values))]
    figures[f"L_{k} of {few}"] = float(np.mean(found["of_examples"][:few]))
row = {
    "preset": arguments.preset,
    "changed": changed,
    "nats": figures,
    "doubts": found["doubts"],
    "elbo": round(kv.evaluate(vae, data).elbo, 3),
    "active_units": f"{int(active_units(vae.encode(np.asarray(x))[0]).sum())} of {vae.latent_dim}",
    "epochs": f"{len(result.history['elbo'])} of {config.epochs}, best {result.best_epoch}",
    "training_seconds": round(result.seconds),
    "evaluation_seconds": round(found["seconds"] + time.monotonic() - start),
    "seed": config.seed,
    "protocol": "MNIST, dynamic binarisation; 10,000 test images, binarised once from a fixed "
    f"seed; weights of the {'best validation ELBO' if is_elbo else 'lowest validation loss'}; "
    "float32",
    "machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} CPU cores, shared",
    "version": kv.__version__,
}
RESULTS.mkdir(exist_ok=True)
with open(RESULTS / "likelihood.jsonl", "a") as file:
    file.write(json.dumps(row) + "\n")
name = "-".join([arguments.preset, str(config.seed), *map(str, changed.values())])
curve = {key: np.round(values, 2).tolist() for key, values in result.history.items()}
kept = {key: curve[key] for key in ("elbo", "val_elbo", "val_rate")}
(RESULTS / f"{name}.curve.json").write_text(json.dumps(kept) + "\n")
print(json.dumps(row, indent=1))
