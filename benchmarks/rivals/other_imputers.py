"""Imputers that have an environment of their own, on the tables of `tables.py hidden FOLDER`.

Usage: PYTHON benchmarks/rivals/other_imputers.py hyperimpute|ciss-vae|suave-ml FOLDER [TABLE ...]

PYTHON has the package: `pip install hyperimpute`, `ciss-vae`, or `suave-ml torch`. Defaults, seed
0; `ciss-vae` gets numbers standardised and categories one-hot, as its documentation asks, and one
cluster, because the gaps have no pattern; the others get codes and say by themselves, or are told,
which columns are categories. Prints a row a table: name, error, seconds.
"""

import contextlib
import io
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from imputation_error import CATEGORIES, imputation_error


def hyperimpute(frame, kinds, counts):
    from hyperimpute.plugins.imputers import Imputers

    return Imputers().get("hyperimpute", random_state=0).fit_transform(frame)


def ciss_vae(frame, kinds, counts):
    from ciss_vae import run_cissvae

    blocks, names = {}, {}
    for name, kind, count in zip(frame, kinds, counts, strict=True):
        if kind in CATEGORIES and count > 2:
            names[name] = [f"{name}_{k}" for k in range(count)]
            for k, part in enumerate(names[name]):
                blocks[part] = (frame[name] == k).astype(float).where(frame[name].notna())
        elif kind in CATEGORIES:
            blocks[name] = frame[name]
        else:
            blocks[name] = (frame[name] - frame[name].mean()) / frame[name].std(ddof=0)
    wide = pd.DataFrame(blocks)
    numbers = {name for name, kind in zip(frame, kinds, strict=True) if kind not in CATEGORIES}
    filled = run_cissvae(
        wide, clusters=np.zeros(len(wide), int), seed=0, return_model=False,
        binary_feature_mask=[column not in numbers for column in wide],
        categorical_column_map=names or None,
    )  # fmt: skip
    filled = filled[0] if isinstance(filled, tuple) else filled
    out = pd.DataFrame(index=frame.index)
    for name, kind in zip(frame, kinds, strict=True):
        if name in names:
            out[name] = np.asarray(filled[names[name]]).argmax(axis=1)
        elif kind in CATEGORIES:
            out[name] = filled[name]
        else:
            out[name] = filled[name] * frame[name].std(ddof=0) + frame[name].mean()
    return out


def suave_ml(frame, kinds, counts):
    from suave.model import SUAVE
    from suave.types import Schema

    schema = {
        name: {"type": "cat", "n_classes": int(count)} if kind in CATEGORIES else {"type": "real"}
        for name, kind, count in zip(frame, kinds, counts, strict=True)
    }
    model = SUAVE(schema=Schema(schema), behaviour="unsupervised", random_state=0)
    model.fit(frame)
    return model.impute(frame)


RIVALS = {"hyperimpute": hyperimpute, "ciss-vae": ciss_vae, "suave-ml": suave_ml}


def main():
    rival, folder, *names = sys.argv[1:]
    for path in sorted(Path(folder).glob("*.npz")):
        if names and path.stem not in names:
            continue
        table = np.load(path)
        x, mask, kinds = table["x"], table["mask"], table["kinds"]
        frame = pd.DataFrame(
            np.where(mask == 1, x, np.nan), columns=[f"c{j}" for j in range(x.shape[1])]
        )
        began = time.monotonic()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                filled = np.asarray(RIVALS[rival](frame, kinds, table["counts"]), "float64")
        except Exception as error:
            print(f"| {path.stem} | {type(error).__name__}: {str(error)[:80]} |", flush=True)
            continue
        error = imputation_error(filled, table["truth"], table["hidden"], mask, kinds)
        print(f"| {path.stem} | {error:.3f} | {time.monotonic() - began:.0f} |", flush=True)


if __name__ == "__main__":
    main()
