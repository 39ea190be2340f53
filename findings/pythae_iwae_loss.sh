#!/bin/sh
# The loss that pythae's IWAE reports is not the bound L_K.
#
# Versions:  pythae 0.1.2, torch 2.13.0 (CPU); Python 3.11, Linux on x86-64, CPU
# Guess: The loss of an importance-weighted autoencoder is -L_K = -mean log 1/K sum_k w_k.
# Behaviour: It is minus the mean of log w weighted by w. Its gradient is that of L_K, so that it
# trains rightly; the number lies above the bound, by up to log K, and more for a worse posterior:
# never compare it with another package's.
# Seen:
#   reported loss 44.5316; -L_10 44.7731; -mean of log w by w 44.5316
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q torch==2.13.0 pythae==0.1.2 || exit 2
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 "$venv/bin/python" - <<'END'
import math

import torch
from pythae.models import IWAE, IWAEConfig

torch.manual_seed(0)
samples = 10
model = IWAE(IWAEConfig(input_dim=(1, 8, 8), latent_dim=2, number_samples=samples,
                        reconstruction_loss="bce"))
x = (torch.rand(200, 1, 8, 8) < 0.5).float()
kept = {}
model.loss_function, original = lambda *given: kept.update(given=given) or original(*given), model.loss_function
reported = model({"data": x}).loss.item()
recon_x, x, mu, log_var, z = kept["given"]
entries = x.reshape(len(x), 1, -1).expand_as(recon_x)
log_likelihood = -torch.nn.functional.binary_cross_entropy(recon_x, entries, reduction="none").sum(-1)
normal = torch.distributions.Normal
log_w = (log_likelihood + normal(0, 1).log_prob(z).sum(-1)
         - normal(mu, (log_var / 2).exp()).log_prob(z).sum(-1))
bound = (torch.logsumexp(log_w, 1) - math.log(samples)).mean().item()
weighted = (torch.softmax(log_w, 1) * log_w).sum(1).mean().item()
print(f"reported loss {reported:.4f}; -L_{samples} {-bound:.4f}; -mean of log w by w {-weighted:.4f}")
assert abs(reported + weighted) < 1e-3
assert reported + bound < -0.01
END
