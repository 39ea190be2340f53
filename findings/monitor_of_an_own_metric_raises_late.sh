#!/bin/sh
# Keras 3.15.1: callbacks cannot watch a metric that a model tracks itself, and say so late.
#
# Versions:  keras 3.15.1, tensorflow 2.21.0; Python 3.11, Linux on x86-64, CPU
# Guess: A metric whose class Keras knows a direction of can be watched wherever it is tracked.
# Behaviour: `ModelCheckpoint`, `EarlyStopping` and `ReduceLROnPlateau` no longer take "min" for
# unknown names. They look for a metric of that name that has a direction, but only among those
# that were given to `compile`. A metric that the model itself owns, as the guides on custom
# `train_step` write it, is reported all the same and cannot be watched, not even one whose class
# Keras knows a direction of. (A metric `BinaryAccuracy(name="hits")`, higher is better.)
# Seen:
#   in compile(metrics=...):       trained 3 epochs
#   tracked by the model itself:   ValueError after 8 of 8 steps of the first epoch
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q keras==3.15.1 tensorflow==2.21.0 || exit 2
cd "$folder"
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1 \
    "$venv/bin/python" - <<'END'
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
assert (compiled, own) == expected
END
