#!/bin/sh
# Keras cannot add two arrays that have no rows.
#
# Versions:  keras 3.15.1, tensorflow 2.21.0, numpy 2.4.6; Python 3.11, Linux on x86-64, CPU
# Guess: The sum of two arrays (0, 8) is (0, 8), as their product and difference are.
# Behaviour: On TensorFlow `keras.ops.add` leaves out axes of size 1 or 0 to see whether the second
# array is a bias, takes (0, 8) for one, and TensorFlow refuses it. So a dense network with a residual
# connection, called on a batch without rows, raises, where one without it gives (0, 8).
# Seen:
#   multiply (0, 8); subtract (0, 8); add InvalidArgumentError: Biases must be 1D: [0,8]
#   dense network (0, 8); with a residual connection InvalidArgumentError: Biases must be 1D: [0,8]
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
TF_CPP_MIN_LOG_LEVEL=3 "$venv/bin/python" - <<'END'
import re

import keras
import numpy as np


def told(function, *arrays):
    try:
        return str(tuple(function(*arrays).shape))
    except Exception as error:
        found = re.search(r"Biases must be 1D: \[0,8\]", str(error))
        return f"{type(error).__name__}: {found[0] if found else error}"


nothing = np.zeros((0, 8), "float32")
tensor = keras.ops.convert_to_tensor(nothing)
of_ops = {
    name: told(getattr(keras.ops, name), tensor, tensor) for name in ("multiply", "subtract", "add")
}
print("; ".join(f"{name} {answer}" for name, answer in of_ops.items()))
x = keras.Input((8,))
h = keras.layers.Dense(8)(x)
dense = told(keras.Model(x, h), nothing)
residual = told(keras.Model(x, keras.layers.Add()([x, h])), nothing)
print(f"dense network {dense}; with a residual connection {residual}")
assert of_ops["multiply"] == of_ops["subtract"] == dense == "(0, 8)"
assert "Biases must be 1D" in of_ops["add"]
assert "Biases must be 1D" in residual
END
