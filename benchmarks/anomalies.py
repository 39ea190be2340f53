"""Which rows of a table are outliers: ROC AUC of `kv.score` beside pyod's VAE, ECOD and IForest.

Usage: python benchmarks/anomalies.py SEEDS [SET ...], after pip install pyod torch tqdm, and
what `real_tables.py` asks for.

Each detector is trained on 60 % of the rows, outliers among them, without their labels, and ranks
the others; all have their defaults. pyod is given categories as one-hot, in a table of floats; rows
with gaps are left out for all, and tables of fewer than 100 other rows. Means over SEEDS draws of
rows and outliers.

mixed:    of the tables of `real_tables.py`: 5 % of the rows take a third of their values, at least
          2, each from another row, so that each value is usual and the row is not
far:      of the same: 5 % of the rows have one number moved by 4 standard deviations of its column
labelled: biopsy and breast_cancer, malignant ones thinned to 10 % of the rows; wine, 10 rows of the
          second cultivar among the others; labels are left out of the columns
pyod:     `generate_data` and `generate_data_clusters` with their defaults, of 2 and 10 features
"""

import os
import sys
import tempfile
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
from real_tables import CHOICES, REPORTED, frame
from sklearn.metrics import roc_auc_score

import keras_vae as kv
from keras_vae.data import decided
from keras_vae.training import train

FEWEST = 100  # rows without gaps
LABELLED = {
    "biopsy": ("class", "malignant"),
    "breast_cancer": ("target", 0),
    "wine": ("target", 1),
}
GENERATED = [(kind, features) for kind in ("data", "clusters") for features in (2, 10)]
SETS = [
    *(f"{name} {kind}" for name in (*CHOICES, *REPORTED) for kind in ("mixed", "far")),
    *(f"{name} labelled" for name in LABELLED),
    *(f"pyod {kind} {features}" for kind, features in GENERATED),
]


def with_outliers(name, seed):
    """(table, whether each row is an outlier)."""
    rng = np.random.default_rng(seed)
    if name.startswith("pyod"):
        return generated(*name.split()[1:], seed)
    of, kind = name.split()
    table = frame(of).dropna().reset_index(drop=True)
    if kind == "labelled":
        column, value = LABELLED[of]
        is_outlier = (table[column] == value).to_numpy()
        usual, unusual = np.flatnonzero(~is_outlier), np.flatnonzero(is_outlier)
        kept = rng.choice(unusual, min(len(unusual), len(usual) // 9), replace=False)
        rows = rng.permutation([*usual, *kept])
        return table.drop(columns=column).iloc[rows].reset_index(drop=True), is_outlier[rows]
    if len(table) < FEWEST:
        return table, np.zeros(len(table), bool)  # no set
    schema = kv.load_data(table).schema
    names = [column.name for column in schema.modelled]
    table = table[names]
    is_outlier = np.zeros(len(table), bool)
    is_outlier[rng.choice(len(table), max(2, len(table) // 20), replace=False)] = True
    changed = table.copy()
    numbers = [column.name for column in schema.modelled if column.kind in ("real", "positive")]
    if kind == "far" and not numbers:
        return table, np.zeros(len(table), bool)  # no number to move: no set
    for row in np.flatnonzero(is_outlier):
        if kind == "mixed":
            for column in rng.choice(names, max(2, len(names) // 3), replace=False):
                changed.loc[row, column] = table[column].iloc[rng.integers(len(table))]
        else:
            column = rng.choice(numbers)
            changed[column] = changed[column].astype(float)
            step = 4 * table[column].std() * rng.choice([-1, 1])
            moved = table[column].iloc[row] + step
            changed.loc[row, column] = moved if moved > 0 else table[column].iloc[row] + abs(step)
    return changed, is_outlier


def generated(kind, features, seed):
    from pyod.utils import data

    make = {"data": data.generate_data, "clusters": data.generate_data_clusters}[kind]
    x, _, y, _ = make(n_features=int(features), random_state=seed)
    columns = [f"x{j}" for j in range(x.shape[1])]
    return pd.DataFrame(x, columns=columns), np.asarray(y).astype(bool)


def ours(table, train_rows, test_rows):
    # the schema is that of all rows, as everywhere
    dataset = kv.load_data(table.iloc[train_rows], columns=kv.load_data(table).schema)
    with tempfile.TemporaryDirectory() as folder:
        model = train(
            decided(kv.Config(data=dataset), dataset), dataset, folder, resumable=False
        ).vae
    x, mask = dataset.schema.encode(table.iloc[test_rows])
    scores = kv.score(model, {"x": x, "mask": mask}, dataset.validation.given)
    return -scores.log_evidence


def of_pyod(detector):
    def found(table, train_rows, test_rows):
        wide = pd.get_dummies(table).to_numpy("float64")
        wide = wide[:, wide[train_rows].std(axis=0) > 0]
        return detector().fit(wide[train_rows]).decision_function(wide[test_rows])

    return found


def main():
    from pyod.models.ecod import ECOD
    from pyod.models.iforest import IForest
    from pyod.models.vae import VAE

    detectors = {
        "keras_vae": ours,
        "pyod VAE": of_pyod(lambda: VAE(verbose=0)),
        "ECOD": of_pyod(ECOD),
        "IForest": of_pyod(lambda: IForest(random_state=0)),
    }
    seeds, *names = sys.argv[1:]
    warnings.simplefilter("ignore")
    print(f"| set | rows | {' | '.join(detectors)} |\n|" + "---|" * (2 + len(detectors)))
    means = []
    for name in names or SETS:
        found = []
        for seed in range(int(seeds)):
            table, is_outlier = with_outliers(name, seed)
            rows = np.random.default_rng(seed).permutation(len(table))
            train_rows, test_rows = np.split(rows, [int(0.6 * len(rows))])
            if not 0 < is_outlier[test_rows].sum() < len(test_rows):
                continue
            found.append([
                roc_auc_score(is_outlier[test_rows], detect(table, train_rows, test_rows))
                for detect in detectors.values()
            ])  # fmt: skip
        if not found:
            continue
        means.append(np.mean(found, axis=0))
        cells = " | ".join(f"{mean:.3f}" for mean in means[-1])
        print(f"| {name} | {len(table)} | {cells} |", flush=True)
    means = np.array(means)
    print(f"| mean of {len(means)} | | {' | '.join(f'{mean:.3f}' for mean in means.mean(0))} |")
    for j, rival in enumerate(list(detectors)[1:], 1):
        print(f"above {rival} on {(means[:, 0] > means[:, j]).sum()} of {len(means)}")


if __name__ == "__main__":
    main()
