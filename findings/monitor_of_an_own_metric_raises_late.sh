#!/usr/bin/env bash
# Keras 3.15.1 on TensorFlow 2.21.0: callbacks with `mode="auto"` do not find the direction of a
# model's own metric, and say so after a whole epoch.
#
# `ModelCheckpoint`, `EarlyStopping` and `ReduceLROnPlateau` no longer take "min" for unknown names.
# They look for a metric of that name that has a direction, but only among those that were given to
# `compile`. A metric that the model itself owns, as the guides on custom `train_step` write it, is
# reported all the same and cannot be watched, not even one whose class Keras knows a direction of.
#
# Seen (a metric `BinaryAccuracy(name="hits")`, higher is better):
#   in compile(metrics=...):       trained 3 epochs
#   tracked by the model itself:   ValueError after 8 of 8 steps of the first epoch
#
# Exits with 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet keras==3.15.1 tensorflow==2.21.0
export KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import keras
import numpy as np

x = np.linspace(-1, 1, 16, dtype="float32")[:, None]
y = (x > 0).astype("float32")


class OwnMetric(keras.Sequential):
    """Reports `hits` by a metric of its own, as documented for models with more than a loss."""

    def __init__(self, layers):
        super().__init__(layers)
        self.hits = keras.metrics.BinaryAccuracy(name="hits")

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        self.hits.update_state(y, y_pred)
        return self.get_metrics_result()


def outcome(model, metrics):
    model.compile("sgd", "binary_crossentropy", metrics=metrics)
    watch = keras.callbacks.EarlyStopping(monitor="hits", patience=10)
    try:
        history = model.fit(x, y, batch_size=2, epochs=3, verbose=0, callbacks=[watch]).history
    except ValueError as error:
        steps = int(model.optimizer.iterations)
        return f"{type(error).__name__} after {steps} of 8 steps of the first epoch"
    return f"trained {len(history['hits'])} epochs"


layers = [keras.Input((1,)), keras.layers.Dense(1, activation="sigmoid")]
compiled = outcome(keras.Sequential(layers), [keras.metrics.BinaryAccuracy(name="hits")])
own = outcome(OwnMetric(layers), None)
print("in compile(metrics=...):", compiled)
print("tracked by the model itself:", own)
expected = ("trained 3 epochs", "ValueError after 8 of 8 steps of the first epoch")
sys.exit((compiled, own) != expected)
PYTHON
