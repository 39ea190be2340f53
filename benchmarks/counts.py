"""Held-out log p(x | l, batch) and training time on counts: keras_vae beside scvi-tools' SCVI.

Usage: python benchmarks/counts.py SCVI_PYTHON [synthetic_iid|simulated] [EPOCHS|own] [LIKELIHOOD]

SCVI_PYTHON is the Python of an environment of its own: pip install scvi-tools anndata. It makes
the data: `synthetic_iid` of scvi-tools (400 cells of noise, 100 genes, 2 batches), or 5,000 cells
by 500 genes drawn from a known decoder of 5 latents (2 batches, negative binomial of theta 4, about
500 counts a cell), whose own log p(x | z, l, batch) at the true z is printed beside them.

Both have 10 latents, one hidden layer of 128 units, batches of 128, the same training cells, the
same epochs (`own`: as many as each package takes by default), the same likelihood with one
dispersion a gene, and see library size and batch. All else is each package's default: SCVI keeps
its last weights, keras_vae those of the best validation ELBO. log p is importance-weighted with 100
draws of z ~ q(z|x) a cell, of the same test cells: that of SCVI by `get_marginal_ll`. Training time
is that of the training alone, one after the other.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

LATENT, HIDDEN, SAMPLES = 10, 128, 100
SIZES = {"cells": 5000, "genes": 500, "latent": 5, "theta": 4.0}


def simulated(seed=0):
    """(counts, batch, log p(x | true z) of each cell)."""
    from scipy import stats

    rng = np.random.default_rng(seed)
    n, g, d, theta = SIZES.values()
    z, batch = rng.normal(size=(n, d)), rng.integers(2, size=n)
    h = np.maximum(z @ rng.normal(size=(d, 32)), 0) / np.sqrt(d) @ rng.normal(size=(32, g)) / 4
    h += rng.normal(size=g) * 1.2 + (rng.normal(size=(2, g)) * 0.3)[batch]
    share = np.exp(h - h.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    mu = np.exp(rng.normal(np.log(500), 0.4, size=(n, 1))) * share
    x = rng.poisson(mu * rng.gamma(theta, 1 / theta, size=mu.shape))
    mu_of_observed = x.sum(axis=1, keepdims=True) * share
    truth = stats.nbinom.logpmf(x, theta, theta / (theta + mu_of_observed)).sum(axis=1)
    return x, batch, truth


def make(which, path):
    """Writes the data, in SCVI's environment."""
    import anndata
    import pandas as pd
    import scipy.sparse as sp

    if which == "synthetic_iid":
        from scvi.data import synthetic_iid

        made = synthetic_iid()
        x, batch = made.X, np.asarray(made.obs["batch"])
        truth = np.full(len(batch), np.nan)
    else:
        x, batch, truth = simulated()
    obs = pd.DataFrame({"batch": pd.Categorical(batch.astype(str)), "truth": truth})
    obs.index = obs.index.astype(str)
    counts = sp.csr_matrix(np.asarray(x, "float32"))
    anndata.AnnData(counts, obs).write_h5ad(path)


def of_scvi(path, splits, epochs, likelihood, out):
    import anndata
    import scvi
    import torch

    torch.set_num_threads(2)
    scvi.settings.seed = 0
    adata, rows = anndata.read_h5ad(path), np.load(splits)
    scvi.model.SCVI.setup_anndata(adata, batch_key="batch")
    model = scvi.model.SCVI(
        adata, n_hidden=HIDDEN, n_latent=LATENT, n_layers=1, gene_likelihood=likelihood
    )
    parts = [rows["train"], rows["validation"], rows["test"]]
    begin = time.perf_counter(), time.process_time()
    model.train(
        max_epochs=epochs,  # None: 400 of up to 20,000 cells
        accelerator="cpu",
        enable_progress_bar=False,
        datasplitter_kwargs={"external_indexing": parts},
    )
    seconds, cpu = time.perf_counter() - begin[0], time.process_time() - begin[1]
    log_p = model.get_marginal_ll(
        indices=rows["test"], n_mc_samples=SAMPLES, return_mean=False, batch_size=128
    )
    np.savez(out, log_p=np.asarray(log_p), seconds=seconds, cpu=cpu)


def of_keras_vae(path, splits, epochs, likelihood, out):
    import keras_vae as kv

    names = {"nb": "negative_binomial", "zinb": "zero_inflated_negative_binomial"}
    options = {
        "data": str(path),
        "condition": ("batch",),
        "latent": LATENT,
        "hidden": (HIDDEN,),
        "epochs": epochs,
        "likelihood": names[likelihood],
    }
    with tempfile.TemporaryDirectory() as folder:
        config = kv.Config(**options, **json.loads(os.environ.get("KVAE_OPTIONS", "{}")))
        begin = time.process_time()
        run = kv.fit(config, folder, callbacks=[], warn=lambda line: None)
        cpu = time.process_time() - begin  # with evaluation and pictures
        data = run.load_data()
        bound = kv.evidence.importance_weighted_bound(run.vae, data.given("test"), SAMPLES)
    rows = {name: part.rows for name, part in data.splits.items()}
    np.savez(splits, **rows)
    seconds = run.record["training"]["seconds"]
    np.savez(out, log_p=bound.bounds[-1], seconds=seconds, cpu=cpu)


def main(scvi_python, which="simulated", epochs="60", likelihood="nb"):
    with tempfile.TemporaryDirectory() as folder:
        path, splits = Path(folder) / "counts.h5ad", Path(folder) / "splits.npz"

        def run(python, part, *arguments):
            command = [python, __file__, part, *map(str, arguments)]
            environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            if done.returncode:
                sys.exit(done.stderr[-3000:])

        run(scvi_python, "--make", which, path)
        found = {}
        for name, python in (("keras_vae", sys.executable), ("scvi", scvi_python)):
            out = Path(folder) / f"{name}.npz"
            run(python, f"--{name}", path, splits, epochs, likelihood, out)
            found[name] = dict(np.load(out))
        rows = np.load(splits)["test"]
        print(f"{which}, {likelihood}, {epochs} epochs, {len(rows)} test cells, nats a cell")
        for name, values in found.items():
            log_p = values["log_p"]
            error = log_p.std(ddof=1) / np.sqrt(len(log_p))
            print(
                f"{name:10} log p(x|l, batch) {log_p.mean():10.2f} ± {error:.2f}   training "
                f"{float(values['seconds']):6.1f} s, {float(values['cpu']):6.1f} CPU s in all"
            )
        if which == "simulated":
            print(f"true z     log p(x|z, l, batch) {simulated()[2][rows].mean():.2f}")
        ours, theirs = found["keras_vae"], found["scvi"]
        difference = ours["log_p"] - theirs["log_p"]
        error = difference.std(ddof=1) / np.sqrt(len(difference))
        ratio = float(ours["seconds"]) / float(theirs["seconds"])
        print(
            f"difference {difference.mean():.2f} ± {error:.2f} (paired; target: at least -1 "
            f"error), time {ratio:.2f} (target: at most 0.5)"
        )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    part, *rest = sys.argv[1:]
    if part == "--make":
        make(*rest)
    elif part in ("--scvi", "--keras_vae"):
        path, splits, epochs, likelihood, out = rest
        {"--scvi": of_scvi, "--keras_vae": of_keras_vae}[part](
            path, splits, None if epochs == "own" else int(epochs), likelihood, out
        )
    else:
        main(part, *rest)
