#!/bin/sh
# A signature of a SavedModel works when it is called directly, and not under tf.function or a
# tape, once the object that tf.saved_model.load gave is collected.
#
# Versions:  tensorflow 2.21.0; Python 3.11, Linux on x86-64, CPU
# Guess: `f = tf.saved_model.load(p).signatures[s]` holds what it needs: it answers, and f(x) is
# right.
# Behaviour: Called directly it is right; in a tf.function, and in a GradientTape, it ends in an
# AssertionError. Keep the loaded object. A VAE that is served in one line and then fine-tuned or
# put into a tf.data pipeline meets it.
# Seen:
#   called directly    loaded object kept: [2.0, 6.0]   not kept: [2.0, 6.0]
#   under tf.function  loaded object kept: [2.0, 6.0]   not kept: AssertionError: Called a function referencing variables which have been deleted. This likely mea
#   under a tape       loaded object kept: [2.0, 2.0]   not kept: AssertionError: Called a function referencing variables which have been deleted. This likely mea
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q tensorflow==2.21.0 || exit 2
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 "$venv/bin/python" - <<'END'
import gc

import tensorflow as tf


class Model(tf.Module):
    def __init__(self):
        self.weight = tf.Variable(2.0)

    @tf.function(input_signature=[tf.TensorSpec([None], name="x")])
    def double(self, x):
        return {"y": self.weight * x}


def outcome(call):
    try:
        return call().numpy().tolist()
    except AssertionError as error:
        return f"AssertionError: {' '.join(str(error).split())[:80]}"


model = Model()
tf.saved_model.save(model, "saved", {"double": model.double})
x = tf.constant([1.0, 3.0])


def calls(double):
    def with_tape():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = double(x=x)["y"]
        return tape.gradient(y, x)

    return {
        "called directly": lambda: double(x=x)["y"],
        "under tf.function": lambda: tf.function(lambda x: double(x=x)["y"])(x),
        "under a tape": with_tape,
    }


double = tf.saved_model.load("saved").signatures["double"]
gc.collect()
alone = {how: outcome(call) for how, call in calls(double).items()}
loaded = tf.saved_model.load("saved")
kept = {how: outcome(call) for how, call in calls(loaded.signatures["double"]).items()}
for how in alone:
    print(f"{how:18} loaded object kept: {kept[how]}   not kept: {alone[how]}")
assert kept == {"called directly": [2, 6], "under tf.function": [2, 6], "under a tape": [2, 2]}
assert alone["called directly"] == [2, 6]
assert str(alone["under tf.function"]).startswith("AssertionError")
assert str(alone["under a tape"]).startswith("AssertionError")
END
