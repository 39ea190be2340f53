#!/bin/sh
# scvi-tools' MULTIVI has a fourth root for a standard deviation in a penalty that get_elbo holds.
#
# Versions:  scvi-tools 1.4.2, anndata 0.12.19, torch 2.13.0 (CPU); Python 3.11, Linux on x86-64,
# CPU
# Guess: For a cell with both modalities the loss holds the symmetric KL between their two q(z|x),
# N(m1, v1) and N(m2, v2), which `modality_penalty="Jeffreys"` is named after. `get_elbo` is an
# ELBO: minus the errors, minus the KL of q(z|x) to the prior.
# Behaviour: The square root of the variances is taken before the function that takes it again: the
# penalty is that of N(m1, sqrt(v1)) and N(m2, sqrt(v2)). For small variances the distance of the
# means counts sqrt(v) of what it should, a tenth at v = 0.01. `get_elbo` subtracts the penalty too,
# so that paired cells look worse than cells with one modality, and no two settings of it compare.
# Here are 200 cells with both, in a new model whose variances are all 0.01.
# Seen:
#   penalty 17.17; symmetric KL with sd sqrt(v) 171.71, with sd sqrt(sqrt(v)) 17.17
#   get_elbo -160.0; minus errors minus KL of z -142.8
#   SCVI: get_elbo -39.6; minus error minus KL of z -39.6
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
import mudata
import numpy as np
import scvi
import torch

warnings.simplefilter("ignore")
torch.set_num_threads(1)
scvi.settings.verbosity = logging.ERROR
scvi.settings.seed = 0
genes, regions, cells, variance = 10, 10, 200, 0.01
rng = np.random.default_rng(0)
counts, opened = rng.poisson(5, (cells, genes)), rng.random((cells, regions)) < 0.5
opened[:, 0] = True  # no cell without any: it would count as one without this modality
rna, atac = (anndata.AnnData(values.astype("float32")) for values in (counts, opened))
both = mudata.MuData({"rna": rna, "atac": atac})
scvi.model.MULTIVI.setup_mudata(both, modalities={"rna_layer": "rna", "atac_layer": "atac"})
scvi.model.SCVI.setup_anndata(rna)


def of_all(model):
    model.module.eval()
    batch = next(iter(model._make_data_loader(adata=model.adata, batch_size=cells)))
    with torch.no_grad():
        inference, _, out = model.module(batch)
    return inference, out


def small_variances(*encoders):
    with torch.no_grad():
        for encoder in encoders:
            encoder.var_encoder.weight.zero_()
            encoder.var_encoder.bias.fill_(math.log(variance))


def errors_and_kl(out, name):
    return float((sum(out.reconstruction_loss.values()) + out.kl_local[name]).mean())


multi = scvi.model.MULTIVI(both, n_hidden=16, n_latent=2)
small_variances(multi.module.z_encoder_expression, multi.module.z_encoder_accessibility)
inference, out = of_all(multi)
penalty = float(out.kl_local["kl_divergence_paired"].mean())
m1, v1, m2, v2 = (
    inference[name].numpy().astype("float64")
    for name in ("qzm_expr", "qzv_expr", "qzm_acc", "qzv_acc")
)


def symmetric_kl(v1, v2):
    """KL(1, 2) + KL(2, 1) of Gaussians of these variances, by its formula."""
    square = (m1 - m2) ** 2
    return float((((v1 + square) / v2 + (v2 + square) / v1) / 2 - 1).sum(axis=1).mean())


right, wrong = symmetric_kl(v1, v2), symmetric_kl(v1**0.5, v2**0.5)
print(f"penalty {penalty:.2f}; symmetric KL with sd sqrt(v) {right:.2f}, with sd sqrt(sqrt(v)) "
      f"{wrong:.2f}")
elbo, true_elbo = float(multi.get_elbo()), -errors_and_kl(out, "kl_divergence_z")
print(f"get_elbo {elbo:.1f}; minus errors minus KL of z {true_elbo:.1f}")
single = scvi.model.SCVI(rna, n_hidden=16, n_latent=2)
small_variances(single.module.z_encoder)
of_scvi = of_all(single)[1]
scvi_elbo = float(single.get_elbo())
right_elbo = -errors_and_kl(of_scvi, "kl_divergence_z")
print(f"SCVI: get_elbo {scvi_elbo:.1f}; minus error minus KL of z {right_elbo:.1f}")
assert np.allclose(v1, variance, rtol=0.05) and np.allclose(v2, variance, rtol=0.05)
assert math.isclose(penalty, wrong, rel_tol=1e-3) and 8 * penalty < right
assert abs(true_elbo - elbo - penalty) < 0.3
assert abs(scvi_elbo - right_elbo) < 0.3
END
