#!/bin/sh
# MixtureSameFamily(reparameterize=True) says that it is fully reparameterised, and where the
# components lie apart its gradient by their weights is mostly half of the true one.
#
# Versions:  tensorflow-probability 0.25.0, tf_keras 2.21.0, tensorflow 2.21.0; Python 3.11, Linux on x86-64, CPU
# Guess: The gradient of a mean of 100,000 samples whose reparameterization_type is
# FULLY_REPARAMETERIZED is right to a percent or two.
# Behaviour: E[z] / distance = 2p - 1 has the derivative 0.5 by the logit at p = 1/2. With the
# components 1 sd from the middle each of 21 estimates is within 0.01 of it; at 10 sd the median
# is about half of it and some are far larger: a few samples that fall between the components
# carry the gradient. No warning. A mixture as posterior or prior learns its weights wrongly, the
# better its components are told apart.
# Seen:
#   components at +-1 sd: median gradient 0.500, from 0.499 to 0.501   (0.5 is right)
#   components at +-10 sd: median gradient 0.244, from 0.196 to 0.930   (0.5 is right)
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q tensorflow==2.21.0 tf_keras==2.21.0 tensorflow-probability==0.25.0 || exit 2
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 "$venv/bin/python" - <<'END'
import statistics

import tensorflow as tf
import tensorflow_probability as tfp

tfd = tfp.distributions
logit = tf.Variable(0.0)
gradients = {}
for distance in (1.0, 10.0):
    for seed in range(21):
        with tf.GradientTape() as tape:
            p = tfd.MixtureSameFamily(
                tfd.Categorical(logits=tf.stack([0.0, logit])),
                tfd.Normal([-distance, distance], 1.0),
                reparameterize=True,
            )
            mean = tf.reduce_mean(p.sample(100_000, seed=(0, seed))) / distance
        gradients.setdefault(distance, []).append(float(tape.gradient(mean, logit)))
    found = gradients[distance]
    print(
        f"components at +-{distance:.0f} sd: median gradient {statistics.median(found):.3f},"
        f" from {min(found):.3f} to {max(found):.3f}   (0.5 is right)"
    )
assert p.reparameterization_type == tfd.FULLY_REPARAMETERIZED
assert all(abs(gradient - 0.5) < 0.01 for gradient in gradients[1.0])
assert statistics.median(gradients[10.0]) < 0.4
END
