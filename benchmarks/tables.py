"""Real tables: held-out nats and the errors of filled gaps, beside simple rivals.

Usage: python benchmarks/tables.py nats|imputation [TABLE ...]
       python benchmarks/tables.py hidden FOLDER [TABLE ...]

The tables are those of `real_tables.py`, by default all. Models are trained with the defaults of
`kvae fit`, seed 0; what `kvae fit` holds out is chosen by a fixed permutation.

nats: log p(x) of the test rows in nats a row, values as stored, L_K with K = 500 draws, beside the
columns fitted one by one (`independent_log_evidence`). And once more for the real and positive
columns of a table alone, where there are 3 or more: beside a Gaussian mixture of full covariances,
the best of 1 to 8 components by the validation rows, fitted to the logarithm of positive columns,
with its Jacobian.

imputation: 20 % of the observed cells of all rows are hidden at random (seed 0) before any model
sees the table; each model gets the whole table with its gaps and fills them. Of the hidden cells of
a number or of a place in an order the root mean squared error, divided by the standard deviation of
what is observed of the column; of a category the share of wrong ones; means over the columns with 3
hidden cells or more.

hidden: writes the same tables with their hidden cells for imputers that need an environment of
their own, see `rivals/other_imputers.py`.
"""

import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from real_tables import CHOICES, REPORTED, frame
from rivals.imputation_error import imputation_error
from rivals.imputers import IMPUTERS

import keras_vae as kv
from keras_vae.data import decided
from keras_vae.evaluation import independent_log_evidence
from keras_vae.training import train

SPLITS = ("train", "validation", "test")
HIDDEN, SAMPLES = 0.2, 500
NUMBERS = ("real", "positive")


def trained(dataset):
    """(model, seconds), with all defaults."""
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        model = train(
            decided(kv.Config(data=dataset), dataset), dataset, folder, resumable=False
        ).vae
    return model, time.perf_counter() - begin


def mean_and_error(values):
    return f"{values.mean():.2f} ± {values.std(ddof=1) / np.sqrt(len(values)):.2f}"


# --- nats


def nats(name, table):
    """A row of the table of nats; of all columns, then of the numbers alone."""
    dataset = kv.load_data(table)
    model, seconds = trained(dataset)
    ours = kv.score(model, dataset.test.given, dataset.validation.given, SAMPLES).log_evidence
    alone = independent_log_evidence(model.likelihood, dataset, "test")
    row = f"| {name} | {len(table)} | {len(dataset.schema.modelled)} | {ours.mean():.2f} "
    row += f"| {mean_and_error(ours - alone)} | {seconds:.0f} "
    numbers = [column.name for column in dataset.schema.modelled if column.kind in NUMBERS]
    table = table[numbers].dropna()
    if len(numbers) < 3:
        return row + "| | |"
    dataset = kv.load_data(table)
    model, _ = trained(dataset)
    ours = kv.score(model, dataset.test.given, dataset.validation.given, SAMPLES).log_evidence
    mixture, components = of_mixture(dataset)
    return row + f"| {len(numbers)} | {mean_and_error(ours - mixture)} ({components}) |"


def of_mixture(dataset):
    """(log p of the test rows under a Gaussian mixture, its number of components)."""
    from sklearn.mixture import GaussianMixture

    logged = np.array([column.kind == "positive" for column in dataset.schema.modelled])

    def transformed(x):
        x = x.astype("float64")
        return np.where(logged, np.log(np.where(logged, x, 1.0)), x)

    train_x, validation, test = (transformed(getattr(dataset, split).x) for split in SPLITS)
    center, scale = train_x.mean(axis=0), train_x.std(axis=0)
    best = max(
        (
            GaussianMixture(count, random_state=0, reg_covar=1e-4).fit((train_x - center) / scale)
            for count in range(1, 9)
        ),
        key=lambda mixture: mixture.score((validation - center) / scale),
    )
    # log p(x) = log p(u) - sum_j log scale_j - sum_logged log x_j, u = (f(x) - center) / scale
    jacobian = np.log(scale).sum() + test[:, logged].sum(axis=1)
    return best.score_samples((test - center) / scale) - jacobian, best.n_components


# --- imputation


def hide(table):
    """(data with gaps where cells were hidden, truth, hidden bool): of all rows."""
    dataset = kv.load_data(table)
    rng = np.random.default_rng(0)
    parts = {}
    for split in SPLITS:
        given = getattr(dataset, split)
        hidden = (rng.random(given.mask.shape) < HIDDEN) & (given.mask == 1)
        parts[split] = given, hidden
    truth = np.concatenate([given.x for given, _ in parts.values()])
    hidden = np.concatenate([hidden for _, hidden in parts.values()])
    with_gaps = replace(
        dataset,
        **{
            split: replace(
                given,
                x=np.where(hidden, 0, given.x).astype("float32"),
                mask=np.where(hidden, 0, given.mask).astype("float32"),
            )
            for split, (given, hidden) in parts.items()
        },
    )
    return with_gaps, truth, hidden


def rows_of(dataset):
    """(x, mask) of all rows."""
    return tuple(
        np.concatenate([getattr(getattr(dataset, split), part) for split in SPLITS])
        for part in ("x", "mask")
    )


def imputation(name, table):
    """A row of the table of errors."""
    dataset, truth, hidden = hide(table)
    x, mask = rows_of(dataset)
    kinds = [column.kind for column in dataset.schema.modelled]
    model, seconds = trained(dataset)
    filled = {"keras_vae": kv.impute(model, {"x": x, "mask": mask}).x}
    filled |= {rival: fill(x, mask, dataset.schema) for rival, fill in IMPUTERS.items()}
    errors = {
        who: imputation_error(values, truth, hidden, mask, kinds) for who, values in filled.items()
    }
    ratios = [errors["keras_vae"] / errors[rival] for rival in IMPUTERS]
    cells = [f"{value:.3f}" for value in errors.values()] + [f"{ratio:.2f}" for ratio in ratios]
    return f"| {name} | {len(table)} | {x.shape[1]} | {' | '.join(cells)} | {seconds:.0f} |", ratios


def write_hidden(folder, names):
    """A file a table, with its hidden cells, for `rivals/other_imputers.py`."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name in names:
        dataset, truth, hidden = hide(frame(name))
        x, mask = rows_of(dataset)
        kinds = [column.kind for column in dataset.schema.modelled]
        counts = [len(column.categories) for column in dataset.schema.modelled]
        np.savez(
            Path(folder) / f"{name}.npz",
            x=x, mask=mask, truth=truth, hidden=hidden, kinds=kinds, counts=counts,
        )  # fmt: skip


def main():
    what, *names = sys.argv[1:]
    if what == "hidden":
        return write_hidden(names[0], names[1:] or (*CHOICES, *REPORTED))
    if what == "nats":
        print("| table | rows | columns | log p(x) | of columns alone, less | seconds | numbers |"
              " of mixture, less (components) |\n|" + "---|" * 8)  # fmt: skip
        for name in names or (*CHOICES, *REPORTED):
            print(nats(name, frame(name)), flush=True)
        return
    rivals = " | ".join((*IMPUTERS, *(f"ratio to {rival}" for rival in IMPUTERS)))
    print(f"| table | rows | columns | keras_vae | {rivals} | seconds |")
    print("|" + "---|" * (5 + 2 * len(IMPUTERS)))
    ratios = {}
    for name in names or (*CHOICES, *REPORTED):
        row, ratios[name] = imputation(name, frame(name))
        print(row, flush=True)
    for group in (CHOICES, REPORTED):
        of_group = np.array([ratios[name] for name in group if name in ratios])
        for rival, column in zip(IMPUTERS, of_group.T, strict=False):
            print(f"{rival}: at most 1.0 on {(column <= 1).sum()} of {len(column)}, geometric mean "
                  f"{np.exp(np.log(column).mean()):.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
