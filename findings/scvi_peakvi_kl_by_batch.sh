#!/bin/sh
# scvi-tools' PEAKVI divides the weight of the KL by the batch size: it hardly acts.
#
# Versions:  scvi-tools 1.4.2, anndata 0.12.19, torch 2.13.0 (CPU); Python 3.11, Linux on x86-64,
# CPU
# Guess: The loss of a batch is the mean over its cells of the reconstruction error plus kl_weight
# times the KL, as in SCVI; after the warm-up kl_weight is 1. `get_elbo` is what is trained.
# Behaviour: The errors are summed over the batch before the KL of each cell is added, and the
# result is summed over the cells: in a batch of N cells the error counts N times, the KL once. The
# weight of the KL is 1/N, 1/128 by default: the model learns single cells by heart, and the batch
# size decides how much. `get_elbo` weighs both by 1 and gets worse by training. For a weight of 1
# pass `plan_kwargs={"max_kl_weight": N}`. Here each of 40 regions is open with 1/2, independently:
# there is nothing that z could tell, the best KL is 0 and the best ELBO -40 log 2 = -27.73.
# Seen:
#   N 1: loss 29.3 = 1 x sum of errors 28.6 + sum of KLs 0.7
#   N 10: loss 2820.6 = 10 x sum of errors 281.6 + sum of KLs 4.3
#   N 100: loss 285217.0 = 100 x sum of errors 2851.7 + sum of KLs 46.3
#   SCVI, N 100: loss 49.3 = mean of errors 49.2 + mean of KLs 0.1
#   trained, N 10: KL 4.49 nats, ELBO -30.14; N 100: KL 12.76 nats, ELBO -36.47
#   the same, max_kl_weight N, N 10: KL 0.00 nats, ELBO -27.73; N 100: KL 0.00 nats, ELBO -27.70
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
"$venv/bin/python" -W ignore - 2>"$folder/log" <<'END' || { tail -5 "$folder/log"; exit 1; }
import logging
import math
import warnings

import anndata
import numpy as np
import scvi
import torch

warnings.simplefilter("ignore")
torch.set_num_threads(1)
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
scvi.settings.verbosity = logging.ERROR
cells, regions = 1000, 40
rng = np.random.default_rng(0)
data = anndata.AnnData((rng.random((cells, regions)) < 0.5).astype("float32"))
scvi.model.PEAKVI.setup_anndata(data)
scvi.model.SCVI.setup_anndata(data)


def peakvi():
    scvi.settings.seed = 0
    return scvi.model.PEAKVI(data, n_hidden=32, n_latent=5, model_depth=False, region_factors=False)


def terms(model, size):
    """Loss of one batch, and the errors and KLs of its cells."""
    model.module.eval()
    batch = next(iter(model._make_data_loader(adata=data, batch_size=size)))
    with torch.no_grad():
        _, _, out = model.module(batch)
    both = [sum(term.values()) for term in (out.reconstruction_loss, out.kl_local)]
    return float(out.loss), *both


def trained(size, weight):
    """KL in nats and ELBO of a cell, after 1000 steps."""
    model = peakvi()
    model.train(
        max_epochs=size, batch_size=size, lr=1e-3, train_size=1.0, early_stopping=False,
        n_epochs_kl_warmup=None, plan_kwargs={"max_kl_weight": weight}, accelerator="cpu",
        enable_progress_bar=False, logger=False,
    )
    mean, var = model.get_latent_representation(return_dist=True)
    kl = (mean**2 + var - 1 - np.log(var)).sum(axis=1).mean() / 2
    return float(kl), float(model.get_elbo())


model, losses = peakvi(), {}
for size in (1, 10, 100):
    loss, error, kl = losses[size] = terms(model, size)
    print(f"N {size}: loss {loss:.1f} = {size} x sum of errors {error.sum():.1f} + sum of KLs "
          f"{kl.sum():.1f}")
loss, error, kl = of_scvi = terms(scvi.model.SCVI(data, n_hidden=32, n_latent=5), 100)
print(f"SCVI, N 100: loss {loss:.1f} = mean of errors {error.mean():.1f} + mean of KLs "
      f"{kl.mean():.1f}")
small, large = trained(10, 1.0), trained(100, 1.0)
right_small, right_large = trained(10, 10.0), trained(100, 100.0)
for name, first, second in (
    ("trained", small, large),
    ("the same, max_kl_weight N", right_small, right_large),
):
    print(f"{name}, N 10: KL {first[0]:.2f} nats, ELBO {first[1]:.2f}; N 100: KL {second[0]:.2f} "
          f"nats, ELBO {second[1]:.2f}")
for size, (loss, error, kl) in losses.items():
    assert math.isclose(loss, size * error.sum() + kl.sum(), rel_tol=1e-5)
assert math.isclose(of_scvi[0], (of_scvi[1] + of_scvi[2]).mean(), rel_tol=1e-5)
best = -regions * math.log(2)
assert 2 < small[0] < large[0] - 4
assert large[1] < small[1] - 3 and small[1] < best - 1
for kl, elbo in (right_small, right_large):
    assert kl < 0.1 and abs(elbo - best) < 0.2
END
