"""Does the diagnosis hold for models that none of our code has trained?

Usage: python benchmarks/foreign.py train tune|held-out [data, loop or kind ...] [--workers N]
       python benchmarks/foreign.py diagnose tune|held-out [data, loop or kind ...] [--workers N]
       python benchmarks/foreign.py table tune|held-out

    --at FOLDER       where models and results lie (benchmarks/zoo/results/foreign)
    --results FOLDER  where results lie, if elsewhere
    --seeds N,N       in place of the part's own

`train` has VAEs trained by a PyTorch loop, by a Keras model with a train_step of its own, and by
pythae's trainer, healthy and with known defects (benchmarks/zoo/foreign), and stores them as NumPy
arrays; it needs torch 2.13.0 and pythae 0.1.2. `diagnose` and `table` need neither, so that other
rules can be asked about the same models. Thresholds may be set on `tune`, and not on `held-out`.
"""

import argparse
import json
import os
import re
import time
import traceback
from collections import defaultdict
from functools import lru_cache, partial
from importlib import import_module
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # one process a core is faster
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TQDM_DISABLE", "1")  # pythae's bars

import numpy as np
from diagnose import also_true, found_in
from zoo import table
from zoo.foreign.data import DATA
from zoo.foreign.kinds import KINDS, label, recipe, specimens
from zoo.foreign.stored import arguments, load, save


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("train", "diagnose", "table"))
    parser.add_argument("part", choices=("tune", "held-out"))
    parser.add_argument("names", nargs="*")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--at", type=Path, default=table.RESULTS / "foreign")
    parser.add_argument("--results", type=Path)
    parser.add_argument("--seeds", type=lambda text: tuple(map(int, text.split(","))))
    options = parser.parse_args()
    models = options.at / options.part
    results = options.results or models
    if options.what == "table":
        found = list(records(models, results))
        table.tables(found)
        table.by("loop", found)
        return remedies(found)
    does, folder, ending = {
        "train": (partial(train, models), models, ".npz"),
        "diagnose": (partial(diagnose, models, results), results, ".json"),
    }[options.what]
    left = [
        specimen
        for specimen in specimens(options.part, options.seeds)
        if all({*name.split(",")} & {*map(str, specimen)} for name in options.names)
        and not path_of(folder, specimen, ending).exists()
        and (options.what == "train" or path_of(models, specimen).exists())
    ]
    start = time.monotonic()
    with Pool(options.workers) as pool:
        for done, line in enumerate(pool.imap(does, left), 1):
            minutes = (time.monotonic() - start) / done * (len(left) - done) / 60
            print(f"{done}/{len(left)}, {minutes:.0f} min left  {line}", flush=True)


def path_of(folder, specimen, ending=".npz"):
    return folder / f"{'-'.join(map(str, specimen))}{ending}"


@lru_cache(maxsize=4)
def examples(data, seed):
    return DATA[data].examples(seed)


def fitted_sigma(models, data, seed):
    """What a healthy model learns."""
    healthy = data, "torch", "adam", seed
    if not path_of(models, healthy).exists():
        train(models, healthy)
    return float(np.exp(load(path_of(models, healthy)).log_sigma))


def train(models, specimen):
    data, loop, kind, seed = specimen
    start = time.monotonic()
    try:
        sigma = fitted_sigma(models, data, seed) if kind == "right_sigma" else None
        loop = import_module(f"zoo.foreign.{loop}_loop")
        model = loop.train(recipe(*specimen, sigma), examples(data, seed)[0])
        save(path_of(models, specimen), model)
    except Exception:
        return f"{specimen}\n{traceback.format_exc()}"
    seconds = time.monotonic() - start
    return f"{' '.join(map(str, specimen))} [{seconds:.1f} s] last loss {model.losses[-1]:.4g}"


def diagnose(models, results, specimen):
    from keras_vae.diagnosis import Subject, diagnose

    data, loop, kind, seed = specimen
    model = load(path_of(models, specimen))
    given = arguments(model, *examples(data, seed), KINDS[kind].has_history)
    start = time.monotonic()
    try:
        diagnosis = diagnose(seed=seed, **given)
    except Exception:
        return f"{specimen}\n{traceback.format_exc()}"
    seconds = time.monotonic() - start
    subject = Subject(*(given[name] for name in ("encode", "decode", "likelihood", "data")))
    record = {
        "cell": data, "loop": loop, "injector": kind, "severity": 1, "rank": 0, "seed": seed,
        "also_true": sorted(also_true(subject)), "diagnosis_seconds": round(seconds, 1),
        **diagnosis.to_dict(),
    }  # fmt: skip
    path = path_of(results, specimen, ".json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, default=float) + "\n")
    head = f"{' '.join(map(str, specimen))} [{seconds:.1f} s] gain {gain_of(record):.1f}"
    return f"{head}: {found_in(diagnosis)}"


def records(models, results):
    """What was found, with the labels of the kinds."""
    found = [json.loads(path.read_text()) for path in sorted(results.glob("*.json"))]
    healthy = {
        (record["cell"], record["seed"]): gain_of(record)
        for record in found
        if record["injector"] == "adam"
    }
    for record in found:
        place = record["cell"], record["seed"]
        is_fixed = record["injector"].startswith("sigma_")
        fitted = fitted_sigma(models, *place) if is_fixed else None
        lost = 1 - gain_of(record) / healthy.get(place, np.inf)
        expected, accepted = label(record["injector"], fitted, lost)
        yield {**record, "expected": expected, "accepted": [*accepted, *record["also_true"]]}


def gain_of(record):
    """Nats of the test ELBO above log p(x) without z; NaN of a model that diverged."""
    return record["figures"].get("elbo", np.nan) - record["figures"].get("baseline", np.nan)


def remedies(found):
    """Of the findings that name a defect: does the remedy name what is to be mended?"""
    print("\n| defect | remedies that fit |\n|---|---|")
    groups = defaultdict(list)
    for record in found:
        kind = KINDS[record["injector"]]
        if kind.remedy or kind.no_remedy:
            named = [f["remedy"] for f in record["findings"] if f["name"] in record["expected"]]
            groups[record["injector"]] += [
                bool(re.search(kind.remedy, text))
                and not (kind.no_remedy and re.search(kind.no_remedy, text))
                for text in named[:1]
            ]
    for name, fit in sorted(groups.items()):
        print(f"| {name} | {table.share(sum(fit), len(fit))} |")


if __name__ == "__main__":
    main()
