"""How long does one request take, through the exported SavedModel and otherwise?

Usage: python benchmarks/serving_latency.py MODEL

MODEL is the folder that kvae fit left; it is exported to a temporary folder. `encode`, `score` and
`reconstruct` are timed for batches of 1 and 256: through the loaded SavedModel, as a plain
`tf.function` of the same computation, and through Keras's `predict` where it computes the same. The
rivals take turns, in a new random order each round; a round times each of them several times in a
row and keeps the median. Ratios are of figures of one round; the table gives their median and
quartiles over the rounds.
"""

import random
import sys
import tempfile
import time

import numpy as np
import tensorflow as tf

import keras_vae as kv

ROUNDS, CALLS = 40, 25

run = kv.load_run(sys.argv[1])
vae, samples = run.vae, kv.export.SAMPLES
functions = kv.export.signatures(vae, samples)


def plain(name):
    """The same computation as a plain `tf.function` in this process."""
    function, specs = functions[name]
    return tf.function(function, input_signature=specs, autograph=False)


def seconds(call):
    """Median of some calls in a row; the answer is read, so that the work is done."""
    times = []
    for _ in range(CALLS):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return np.median(times)


def rivals(name, inputs, exported):
    """What is timed, by name: calls without arguments."""

    def answer(function):
        return lambda: [value.numpy() for value in function(**inputs).values()]

    calls = {"SavedModel": answer(exported.signatures[name]), "tf.function": answer(plain(name))}
    if name != "score":
        x = inputs["x"].numpy()
        model = vae.encoder if name == "encode" else vae
        calls["predict"] = lambda: model.predict(x, verbose=0, batch_size=len(x))
    return calls


with tempfile.TemporaryDirectory() as folder:
    path, _ = kv.export.export_version(vae, folder, binarization=run.config.binarize)
    exported = tf.saved_model.load(str(path))
    x = np.random.default_rng(0).random((256, *vae.event_shape)) < 0.2
    print(f"score has K = {samples}; {ROUNDS} rounds of {CALLS} calls")
    print("| signature | batch | SavedModel | tf.function | predict | SavedModel / tf.function |")
    print("|---|---|---|---|---|---|")
    for name in ("encode", "score", "reconstruct"):
        for batch in (1, 256):
            inputs = {"x": tf.constant(x[:batch], tf.float32)}
            if name == "score":
                inputs["seed"] = tf.range(batch, dtype=tf.int64)
            calls = rivals(name, inputs, exported)
            for call in calls.values():
                seconds(call)  # warm
            times = {rival: [] for rival in calls}
            for _ in range(ROUNDS):
                for rival in random.sample(list(calls), len(calls)):
                    times[rival].append(seconds(calls[rival]))
            milliseconds = {rival: 1e3 * np.median(values) for rival, values in times.items()}
            ratios = np.divide(times["SavedModel"], times["tf.function"])
            low, ratio, high = np.percentile(ratios, [25, 50, 75])
            shown = [f"{milliseconds[rival]:.2f} ms" if rival in milliseconds else ""
                     for rival in ("SavedModel", "tf.function", "predict")]  # fmt: skip
            print(
                f"| `{name}` | {batch} | {' | '.join(shown)} | {ratio:.2f} ({low:.2f}-{high:.2f}) |"
            )
