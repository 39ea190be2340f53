#!/bin/sh
# The KL of a point mass from a Gaussian is finite, and can be negative.
#
# Versions:  tensorflow-probability 0.25.0, tf_keras 2.21.0, tensorflow 2.21.0; Python 3.11, Linux on x86-64, CPU
# Guess: KL(point || Normal) is infinite, or not implemented.
# Behaviour: kl_divergence(Deterministic(a), p) is -log p(a): a number of another unit, below 0
# where the density is above 1. A VAE whose encoder gives Deterministic trains, and its loss looks
# like an ELBO.
# Seen:
#   KL(Deterministic(2.0) || Normal(0, 1.0)) = 2.919   (infinity is right)
#   KL(Deterministic(0.0) || Normal(0, 0.1)) = -1.384   (infinity is right)
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
import tensorflow_probability as tfp

tfd = tfp.distributions
for at, sigma, seen in ((2.0, 1.0, 2.919), (0.0, 0.1, -1.384)):
    kl = float(tfd.kl_divergence(tfd.Deterministic(at), tfd.Normal(0.0, sigma)))
    print(f"KL(Deterministic({at}) || Normal(0, {sigma})) = {kl:.3f}   (infinity is right)")
    assert abs(kl - seen) < 1e-3
END
