#!/bin/sh
# A negative binomial that is made from its mean has another mean, in float32.
#
# Versions:  tensorflow-probability 0.25.0, tf_keras 2.21.0, tensorflow 2.21.0; Python 3.11, Linux on x86-64, CPU
# Guess: experimental_from_mean_dispersion(mean, dispersion).mean() is the mean that was given, to
# 6 digits.
# Behaviour: At a mean of 1e5 and a dispersion of 100 it is 167,772; at 3e6 and 20 it is infinite,
# and log p(x) of the mean itself is -inf. The logits lose what 1 - p needs. Counts of single
# cells and of words reach such means.
# Seen:
#   asked for mean     1,000: float32 has mean       1,000, log p(      900) =   -7.808;  float64       1,000,   -7.808
#   asked for mean   100,000: float32 has mean     167,772, log p(   90,000) =  -16.065;  float64     100,000,  -16.063
#   asked for mean 1,000,000: float32 has mean     838,860, log p(  900,000) =  -16.293;  float64   1,000,000,  -16.294
#   asked for mean 3,000,000: float32 has mean         inf, log p(3,000,000) =     -inf;  float64   3,000,000,  -18.083
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

NegativeBinomial = tfp.distributions.NegativeBinomial
seen = {}
for mean, dispersion, x in ((1e3, 1.0, 900.0), (1e5, 100.0, 9e4), (1e6, 10.0, 9e5), (3e6, 20.0, 3e6)):
    rows = []
    for dtype in (tf.float32, tf.float64):
        p = NegativeBinomial.experimental_from_mean_dispersion(
            tf.constant(mean, dtype), tf.constant(dispersion, dtype)
        )
        rows.append((float(p.mean()), float(p.log_prob(tf.constant(x, dtype)))))
    seen[mean] = rows
    (mean32, log32), (mean64, log64) = rows
    print(f"asked for mean {mean:9,.0f}: float32 has mean {mean32:11,.0f}, log p({x:9,.0f}) = {log32:8.3f};"
          f"  float64 {mean64:11,.0f}, {log64:8.3f}")
assert abs(seen[1e5][1][0] / 1e5 - 1) < 1e-6  # float64 is right
assert seen[1e5][0][0] > 1.5e5
assert seen[1e6][0][0] < 0.9e6
assert seen[3e6][0][0] == float("inf") and seen[3e6][0][1] == -float("inf")
END
