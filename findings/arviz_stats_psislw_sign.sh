#!/bin/sh
# array_stats.psislw of arviz-stats takes minus the log weights.
#
# Versions:  arviz-stats 0.8.0, numpy 2.4.6; Python 3.11, Linux on x86-64, CPU
# Guess: psislw(log_weights) gives the k-hat of the weights, as arviz.psislw does.
# Behaviour: It negates its argument (which is meant to be a log likelihood). Weights whose tail
# has k = 0.8, which cannot be trusted, get a k-hat of about -1, as the best weights do. The k-hat
# of an importance-weighted bound turns from an alarm into praise.
# Seen:
#   psislw(log_weights): k-hat -1.006   (0.8 is right for the weights)
#   psislw(-log_weights): k-hat 0.797   (0.8 is right for the weights)
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q arviz-stats[xarray]==0.8.0 numpy==2.4.6 || exit 2
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 "$venv/bin/python" - <<'END'
import numpy as np
from arviz_stats.base import array_stats

rng = np.random.default_rng(0)
k = 0.8
log_weights = np.log(rng.pareto(1 / k, size=10_000) + 1)  # a tail of index k
seen = {}
for name, values in (("log_weights", log_weights), ("-log_weights", -log_weights)):
    _, k_hat = array_stats.psislw(values)
    seen[name] = float(k_hat)
    print(f"psislw({name}): k-hat {float(k_hat):.3f}   (0.8 is right for the weights)")
assert seen["log_weights"] < -0.5
assert 0.6 < seen["-log_weights"] < 1.0
END
