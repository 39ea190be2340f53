#!/bin/sh
# A training that BackupAndRestore of Keras resumes begins its random noise anew: dropout masks, and
# the draws of a Sampling layer, are those of the first epoch again.
#
# Versions:  keras 3.15.1, tensorflow 2.21.0, numpy 2.4.6; Python 3.11, Linux on x86-64
# Guess: a training that was cut between two epochs and goes on from its backup ends with the
# weights of one that was not cut, given the seeds of all layers, no shuffling and one CPU: with
# another network it does, to the last bit.
# Behaviour: no file of Keras holds the state of a SeedGenerator, although it is listed among
# model.variables. After `save` and `load_model`, and after BackupAndRestore, it is (seed, 0) again,
# so the noise of the epochs to come is that of the first ones. Nothing is said.
# Seen:
#   largest difference of a weight, cut against not cut: without dropout 0, with dropout 0.063
#   states after 4 epochs of 4 steps: not cut [7, 16], cut [7, 8]
#   a mask of the loaded model is that of a new one; the model that was saved goes on with another
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q keras==3.15.1 tensorflow==2.21.0 numpy==2.4.6 || exit 2
cd "$folder"
"$venv/bin/python" - 2> /dev/null <<'END'
import keras
import numpy as np

x = np.random.default_rng(0).standard_normal((64, 8)).astype("float32")
fitted = {"x": x, "y": x[:, :1], "epochs": 4, "batch_size": 16, "shuffle": False, "verbose": 0}


class Cut(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            raise KeyboardInterrupt


def build(rate):
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dropout(rate, seed=7), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((8,)), *layers])
    model.compile("sgd", "mse")
    return model


def state(model):
    return np.asarray(model.layers[0].seed_generator.state).tolist()


def mask(model):
    return (np.asarray(model.layers[0](np.ones((1, 8)), training=True)) > 0).astype(int).tolist()


differences = {}
for rate in (0.0, 0.5):
    whole, cut, resumed = build(rate), build(rate), build(rate)
    whole.fit(**fitted)
    backup = keras.callbacks.BackupAndRestore(f"backup-{rate}")
    try:
        cut.fit(**fitted, callbacks=[backup, Cut()])
    except KeyboardInterrupt:
        pass
    resumed.fit(**fitted, callbacks=[keras.callbacks.BackupAndRestore(f"backup-{rate}")])
    pairs = zip(whole.get_weights(), resumed.get_weights())
    differences[rate] = max(float(np.abs(a - b).max()) for a, b in pairs)
print(f"largest difference of a weight: without dropout {differences[0.0]:.3g}, with dropout "
      f"{differences[0.5]:.2g}")
print(f"states: not cut {state(whole)}, cut {state(resumed)}")
whole.save("whole.keras")
loaded = keras.saving.load_model("whole.keras")
listed = [variable.path for variable in whole.variables]
assert any("seed_generator_state" in path for path in listed), listed
masks = [mask(model) for model in (loaded, build(0.5), whole)]
print("masks: loaded, new, saved", *masks)
assert differences[0.0] == 0 and differences[0.5] > 0.001
assert state(loaded)[1] < state(whole)[1] and masks[0] == masks[1] != masks[2]
END
