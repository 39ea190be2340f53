#!/bin/sh
# tfd.Independent(p, 1) is no instance of tfd.Independent where p is a distribution of one's own.
#
# Versions:  tensorflow-probability 0.25.0, tf_keras 2.21.0, tensorflow 2.21.0; Python 3.11, Linux on
# x86-64, CPU
# Guess: what the constructor of a class returns is an instance of that class.
# Behaviour: It is one only if p is a composite tensor, as most of TensorFlow Probability's own are.
# Of a subclass of tfd.Distribution it is an object of a private base class, and isinstance says no:
# code that asks for the distribution of single entries so takes every own one for a dependent one.
# Seen:
#   of tfd.Normal: True
#   of a subclass of tfd.Distribution: False, its type is _Independent
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q tensorflow==2.21.0 tf_keras==2.21.0 \
  tensorflow-probability==0.25.0 || exit 2
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 "$venv/bin/python" - <<'END'
import tensorflow as tf
from tensorflow_probability import distributions as tfd


class Own(tfd.Distribution):
    """A uniform distribution on [0, 1] for each of three entries."""

    def __init__(self):
        super().__init__(tf.float32, tfd.NOT_REPARAMETERIZED, False, True, {})

    def _batch_shape(self):
        return tf.TensorShape([3])

    def _event_shape(self):
        return tf.TensorShape([])

    def _log_prob(self, value):
        return tf.zeros_like(value)


normal, own = (tfd.Independent(p, 1) for p in (tfd.Normal([0.0, 0.0, 0.0], 1.0), Own()))
print("of tfd.Normal:", isinstance(normal, tfd.Independent))
print(f"of a subclass of tfd.Distribution: {isinstance(own, tfd.Independent)}, "
      f"its type is {type(own).__name__}")
assert own.log_prob([0.5, 0.5, 0.5]).numpy() == 0
assert isinstance(normal, tfd.Independent) and not isinstance(own, tfd.Independent)
END
