#!/bin/sh
# A ReLU behind a product makes 0 of NaN inside a tf.function, and NaN outside of it.
#
# Versions:  tensorflow 2.21.0, keras 3.15.1; Python 3.11, Linux on x86-64, CPU
# Guess: a function gives the same whether it is traced or not; NaN in, NaN out. So a network with a
# NaN among its weights, or an example with one, shows NaN in `predict` as it does in a direct call.
# Behaviour: Traced, product, bias and ReLU become one operation, which gives 0 where the sum is NaN.
# Dense(relu) of an example of NaN is NaN when called, and finite from `predict`: a network that has
# diverged, or data with gaps, look healthy to whoever looks at the outputs of a graph.
# Seen:
#   called: nan
#   traced: 0.0
#   Dense(relu) called: NaN in 3 of 3 outputs; by predict: NaN in 0 of 3
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q tensorflow==2.21.0 keras==3.15.1 || exit 2
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 "$venv/bin/python" - <<'END'
import keras
import numpy as np
import tensorflow as tf


def relu_of_product(x, kernel, bias):
    return tf.nn.relu(tf.nn.bias_add(tf.matmul(x, kernel), bias))


x, kernel, bias = tf.constant([[np.nan, 1.0]]), tf.ones((2, 3)), tf.ones(3)
called = relu_of_product(x, kernel, bias).numpy()
traced = tf.function(relu_of_product, autograph=False)(x, kernel, bias).numpy()
print("called:", called[0, 0])
print("traced:", traced[0, 0])

model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation="relu")])
example = np.float32([[np.nan, 1.0]])
outputs = np.asarray(model(example)), model.predict(example, verbose=0)
nan = [int(np.isnan(output).sum()) for output in outputs]
print(f"Dense(relu) called: NaN in {nan[0]} of 3 outputs; by predict: NaN in {nan[1]} of 3")
assert np.isnan(called).all() and (traced == 0).all()
assert nan == [3, 0]
END
