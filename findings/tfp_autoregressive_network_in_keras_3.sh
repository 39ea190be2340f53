#!/bin/sh
# An AutoregressiveNetwork inside a Keras 3 layer is never trained.
#
# Versions:  keras 3.15.1, tensorflow-probability 0.25.0, tf_keras 2.21.0, tensorflow 2.21.0; Python 3.11, Linux on x86-64, CPU
# Guess: A network that is an attribute of a layer is tracked, and fit changes its weights.
# Behaviour: It is a tf_keras layer, which Keras 3 does not track: 4 weights, 0 of them the
# model's. fit ends without an error (a warning only if nothing else in the model trains); saved
# and loaded, the flow is another one.
# Seen:
#   loss from 1.274 to 1.243: fit ran and the Dense layer learnt
#   weights in the network: 4, that the layer tracks: 0
#   largest change of each in 5 epochs: [0.0, 0.0, 0.0, 0.0]
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q tensorflow==2.21.0 tf_keras==2.21.0 tensorflow-probability==0.25.0 keras==3.15.1 || exit 2
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 "$venv/bin/python" - <<'END'
import keras
import numpy as np
import tensorflow_probability as tfp


class Flow(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.network = tfp.bijectors.AutoregressiveNetwork(params=2, hidden_units=[8])

    def call(self, x):
        return self.network(x)[..., 0]


flow = Flow()
model = keras.Sequential([keras.Input((3,)), flow, keras.layers.Dense(3)])
model.compile("adam", "mse")
x = np.random.default_rng(0).normal(size=(256, 3)).astype("float32")
before = [weight.numpy() for weight in flow.network.trainable_variables]
losses = model.fit(x, np.roll(x, 1, axis=1), epochs=5, verbose=0).history["loss"]
after = flow.network.trainable_variables
changes = [float(abs(a - b.numpy()).max()) for a, b in zip(before, after)]
print(f"loss from {losses[0]:.3f} to {losses[-1]:.3f}: fit ran and the Dense layer learnt")
print(f"weights in the network: {len(before)}, that the layer tracks: {len(flow.variables)}")
print(f"largest change of each in 5 epochs: {changes}")
assert losses[-1] < losses[0]
assert len(before) == 4 and len(flow.variables) == 0 and set(changes) == {0.0}
END
