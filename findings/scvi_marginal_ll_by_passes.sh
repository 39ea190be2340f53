#!/bin/sh
# scvi-tools' marginal log-likelihood rises by up to log 2 with how its samples are divided.
#
# Versions:  scvi-tools 1.4.2, anndata 0.12.19, torch 2.13.0 (CPU); Python 3.11, Linux on x86-64,
# CPU
# Guess: `n_mc_samples_per_pass` of `get_marginal_ll` saves memory or time, and changes the estimate
# by its noise alone.
# Behaviour: All passes are full ones, also the last: 100 samples in passes of 60 are 120. Their
# weights are added up, and the sum is divided by the 100 that were asked for. So log p(x) of each
# cell is too high by log(passes * samples of a pass / samples), at most by log 2 = 0.69 nats,
# whatever the data: it looks like a better model, and no longer is a lower bound. (The data are
# drawn anew in each run, and the first two figures with them.)
# Seen:
#   100 samples in passes of 50: -304.8
#   100 samples in passes of 99: -304.0
#   the 198 that these were, divided by 198: 0.6831 lower; log(198/100) = 0.6831
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q torch==2.13.0 scvi-tools==1.4.2 anndata==0.12.19 || exit 2
cd "$folder"
"$venv/bin/python" -W ignore - <<'END'
import logging
import math

import scvi
import torch
from scvi.data import synthetic_iid

logging.disable(logging.WARNING)
torch.set_num_threads(1)
scvi.settings.seed = 0
cells = synthetic_iid()
scvi.model.SCVI.setup_anndata(cells, batch_key="batch")
model = scvi.model.SCVI(cells, n_latent=5)
model.train(max_epochs=30, accelerator="cpu", enable_progress_bar=False)


def log_p(samples, samples_of_a_pass):
    """Nats a cell, by the same noise each time."""
    torch.manual_seed(0)
    return float(
        model.get_marginal_ll(n_mc_samples=samples, n_mc_samples_per_pass=samples_of_a_pass)
    )


whole, uneven, all_of_them = log_p(100, 50), log_p(100, 99), log_p(198, 99)
expected = math.log(198 / 100)
print(f"100 samples in passes of 50: {whole:.1f}")
print(f"100 samples in passes of 99: {uneven:.1f}")
print(f"the 198 that these were, divided by 198: {uneven - all_of_them:.4f} lower; "
      f"log(198/100) = {expected:.4f}")
assert uneven > whole + 0.3
assert abs(uneven - all_of_them - expected) < 1e-3
END
