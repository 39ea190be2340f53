#!/bin/sh
# Keras 3.15.1 on TensorFlow: ScheduleFreeAdamW loses the weights of the model.
#
# Versions:  keras 3.15.1, tensorflow 2.21.0; Python 3.11, Linux on x86-64, CPU
# Guess: An optimizer with a learning rate of 0 moves no weight.
# Behaviour: It copies the weights into its momentum when it is built, and its first step sets
# each weight to that momentum. Where `fit` builds it, inside the tf.function of the first step,
# the copy is an operation of a trace that never runs: the momentum is 0, and so is every weight
# after the step. Where it was built before (`optimizer.build`), weights that were set or loaded
# since are lost. A learning rate of 0 shows it: no optimizer may move a weight then. (Learning
# rate 0; the weight is 3 before `fit`.)
# Seen:
#   built by fit:                      3 -> 0
#   built, then set to 3, trained:     3 -> 1 (its value before)
#   AdamW in the same place:           3 -> 3
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

x = np.ones((8, 1), "float32")


def weight_after_a_step(optimizer, is_built_before):
    """The one weight of y = w x, which is 3 when `fit` begins."""
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile(optimizer, "mse")
    if is_built_before:
        model.optimizer.build(model.trainable_variables)
    model.set_weights([np.full((1, 1), 3.0)])
    model.fit(x, np.zeros((8, 1)), batch_size=8, epochs=1, verbose=0)
    return float(model.get_weights()[0][0, 0])


seen = {
    "built by fit": weight_after_a_step(keras.optimizers.ScheduleFreeAdamW(0.0), False),
    "built, then set": weight_after_a_step(keras.optimizers.ScheduleFreeAdamW(0.0), True),
    "AdamW, built by fit": weight_after_a_step(keras.optimizers.AdamW(0.0), False),
}
expected = {"built by fit": 0.0, "built, then set": 1.0, "AdamW, built by fit": 3.0}
for name, value in seen.items():
    print(f"{name}: 3 -> {value:g}")
assert all(abs(seen[name] - expected[name]) < 1e-5 for name in expected)
END
