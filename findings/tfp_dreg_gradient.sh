#!/bin/sh
# The doubly reparameterised estimator of TensorFlow Probability divides the gradient of the
# model's parameters by about K.
#
# Versions:  tensorflow-probability 0.25.0, tf_keras 2.21.0, tensorflow 2.21.0; Python 3.11, Linux on x86-64, CPU
# Guess: gradient_estimator=DOUBLY_REPARAMETERIZED gives the gradient of the K-sample bound, with
# less noise.
# Behaviour: It is right for the posterior's parameters only. A decoder's parameter, here one that
# adds theta to log p(x, z), has the gradient -sum_k w_k^2 in place of -1: 1/K of it where the
# posterior is right. Training both by this loss is silent and slow.
# Seen:
#   REPARAMETERIZATION       d loss / d theta = -1.0000   (-1 is right)
#   VIMCO                    d loss / d theta = -1.0000   (-1 is right)
#   DOUBLY_REPARAMETERIZED   d loss / d theta = -0.1000   (-1 is right)
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
import tensorflow as tf
import tensorflow_probability as tfp

tfd = tfp.distributions
K = 10
theta = tf.Variable(0.5)  # a parameter of the model: log p(x, z) = theta + log N(z; 0, 1)
posterior = tfd.Normal(tf.Variable(0.0), 1.0)
gradients = {}
for name in ("REPARAMETERIZATION", "VIMCO", "DOUBLY_REPARAMETERIZED"):
    with tf.GradientTape() as tape:
        loss = tfp.vi.monte_carlo_variational_loss(
            lambda z: theta + tfd.Normal(0.0, 1.0).log_prob(z),
            posterior,
            sample_size=1000,
            importance_sample_size=K,
            stopped_surrogate_posterior=tfd.Normal(0.0, 1.0),
            gradient_estimator=getattr(tfp.vi.GradientEstimators, name),
            seed=1,
        )
    gradients[name] = float(tape.gradient(loss, theta))
    print(f"{name:24} d loss / d theta = {gradients[name]:.4f}   (-1 is right)")
assert abs(gradients["REPARAMETERIZATION"] + 1) < 1e-3
assert abs(gradients["VIMCO"] + 1) < 1e-3
END
