#!/bin/sh
# A big-endian array that a Keras layer subtracts is right when the layer is called, and byte-
# swapped inside predict.
#
# Versions:  keras 3.15.1, tensorflow 2.21.0, numpy 2.4.6; Python 3.11, Linux on x86-64, CPU
# Guess: An array of dtype >f4 holds the same numbers as one of <f4, so both give the same.
# Behaviour: `x - mean` is right everywhere. keras.ops.subtract(x, mean) is right when the layer
# is called, and wrong in predict and fit, where the bytes are read in the other order: the mean
# of 1, 2, 3 becomes about 1e-41 and nothing is subtracted. FITS and IDX files hold such arrays.
# Seen:
#   x - mean                     called: [9.0, 8.0, 7.0]   in predict: [9.0, 8.0, 7.0]   ([9, 8, 7] is right)
#   keras.ops.subtract(x, mean)  called: [9.0, 8.0, 7.0]   in predict: [10.0, 10.0, 10.0]   ([9, 8, 7] is right)
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q tensorflow==2.21.0 keras==3.15.1 numpy==2.4.6 || exit 2
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 "$venv/bin/python" - <<'END'
import keras
import numpy as np


class Centre(keras.layers.Layer):
    def __init__(self, mean, subtract):
        super().__init__()
        self.mean, self.subtract = mean, subtract

    def call(self, x):
        return self.subtract(x, self.mean)


mean = np.array([1.0, 2.0, 3.0], dtype=">f4")
x = np.full((2, 3), 10.0, "float32")
seen = {}
for name, subtract in (
    ("x - mean", lambda x, mean: x - mean),
    ("keras.ops.subtract(x, mean)", keras.ops.subtract),
):
    model = keras.Sequential([Centre(mean, subtract)])
    called, predicted = np.asarray(model(x))[0].tolist(), model.predict(x, verbose=0)[0].tolist()
    seen[name] = called, predicted
    print(f"{name:28} called: {called}   in predict: {predicted}   ([9, 8, 7] is right)")
assert seen["x - mean"] == ([9, 8, 7], [9, 8, 7])
assert seen["keras.ops.subtract(x, mean)"] == ([9, 8, 7], [10, 10, 10])
END
