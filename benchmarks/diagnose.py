"""How often does the diagnosis find what is wrong, and how often does it cry wolf?

Usage: python benchmarks/diagnose.py [tune|held-out] [injector or cell ...] [--workers N]

Of injectors and cells that are named, only these: each of these injectors in each of these cells.

Trains the failure zoo and diagnoses each of its models as a user would. `tune` are the cells and
seeds on which thresholds were set; `held-out` are other seeds, and cells (an architecture, a data
set) that no threshold has seen. Results are kept in benchmarks/zoo/results, one file a model, so
that a run goes on where it was cut short; `table` (benchmarks/zoo/table.py) reads them.
"""

import json
import os
import sys
import time
import traceback
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

RESULTS = Path(__file__).parent / "zoo" / "results"
TUNE = ("digits_binary", "toy", "patches_binary", "patches_gray", "terrain_binary",
        "terrain_gray", "mnist_binary", "mnist_gray")  # fmt: skip
HELD_OUT = ("head_binary", "head_gray", "mnist_conv")
# Of the last seed only the full severity of each defect.
SEEDS = {"tune": (0, 1), "held-out": (2, 3)}


def specimens(part, names):
    """(cell, injector, severity, seed) of every model of a part, the severest first."""
    from zoo import CELLS, INJECTORS

    unknown = {*names} - {*CELLS} - {*INJECTORS}
    if unknown:  # which would leave all to be made
        raise SystemExit(f"{unknown.pop()!r} is not an injector and not a cell")
    asked_cells, asked_injectors = {*names} & {*CELLS}, {*names} & {*INJECTORS}
    cells = TUNE if part == "tune" else HELD_OUT + TUNE
    for seed in SEEDS[part]:
        for rank in range(3):
            for cell in cells:
                for name, injector in INJECTORS.items():
                    is_asked = cell in (asked_cells or cells) and name in (
                        asked_injectors or INJECTORS
                    )
                    fits = injector.cells is None or cell in injector.cells
                    is_one = rank == 0 or seed == SEEDS[part][0]
                    if is_asked and fits and is_one and rank < len(injector.severities):
                        severity = injector.severities[-1 - rank]
                        yield part, cell, name, severity, seed


def path_of(specimen):
    part, *rest = specimen
    return RESULTS / part / f"{'.'.join(map(str, rest))}.json".replace(" ", "_")


def diagnose(specimen):
    """Makes one model, diagnoses it, and writes down what was found."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    from zoo import CELLS, INJECTORS

    from keras_vae.diagnosis import examine

    _, cell, name, severity, seed = specimen
    path = path_of(specimen)
    start = time.monotonic()
    try:
        subject = INJECTORS[name].make(CELLS[cell], seed, severity)
        trained = time.monotonic()
        diagnosis = examine(subject, seed=seed)
    except Exception:
        return f"{path.stem}\n{traceback.format_exc()}"
    injector = INJECTORS[name]
    accepted = {*injector.accepted, *also_true(subject)}
    record = {
        "cell": cell,
        "injector": name,
        "severity": severity,
        "rank": len(injector.severities) - 1 - injector.severities.index(severity),
        "seed": seed,
        "expected": sorted(injector.expected),
        "accepted": sorted(accepted),
        "training_seconds": round(trained - start, 1),
        "diagnosis_seconds": round(time.monotonic() - trained, 1),
        **diagnosis.to_dict(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1, default=float))
    seconds = f"{trained - start:.1f} + {record['diagnosis_seconds']} s"
    return f"{path.stem} [{seconds}]: {found_in(diagnosis)}"


def found_in(diagnosis):
    """The findings in a line: name, ? if undetermined, < what it follows from."""
    return ", ".join(
        f"{f.name}{'?' if f.severity == 'undetermined' else ''}"
        + (f" < {f.follows_from}" if f.follows_from else "")
        for f in diagnosis.findings
    )


def also_true(subject):
    """Findings that hold of a model whatever was done to it, by another measure than the rule's.

    A prior hole: ten Gaussians fitted to half of the codes, in place of the prior, would raise the
    ELBO of the other half by more than a nat. Worse than no z: a difference of two figures.
    """
    import numpy as np
    from sklearn.mixture import GaussianMixture

    from keras_vae.data.given import take

    some = take(subject.train, slice(2000))
    z_mean, z_log_var = (np.asarray(v, "float64") for v in subject.encode(some))
    noise = np.random.default_rng(7).standard_normal(z_mean.shape)
    z = z_mean + np.exp(z_log_var / 2) * noise
    if not np.isfinite(z).all():
        return set()
    mixture = GaussianMixture(10, reg_covar=1e-3, random_state=0).fit(z[::2])
    log_prior = -0.5 * np.sum(z[1::2] ** 2 + np.log(2 * np.pi), axis=1)
    if subject.prior is not None:
        log_prior = np.asarray(subject.prior[1](z[1::2]), "float64")
    # E_q(z)[log g(z) - log p(z)] <= KL(q(z) || p(z)), by which g in place of p raises the ELBO
    gain = mixture.score(z[1::2]) - log_prior.mean()
    return ({"prior_hole"} if gain > 1 else set()) | _worse_than_none(subject)


def _worse_than_none(subject):
    from dataclasses import replace

    from keras_vae.diagnosis.measurements import Measurements
    from keras_vae.diagnosis.subjects.likelihoods import as_likelihood

    known = replace(subject, likelihood=as_likelihood(subject.likelihood))
    return {"worse_than_without_z"} if Measurements(known).gain.mean() < -1 else set()


def main():
    workers = 1
    arguments = sys.argv[1:]
    if "--workers" in arguments:
        at = arguments.index("--workers")
        workers = int(arguments[at + 1])
        del arguments[at : at + 2]
    part = arguments[0] if arguments else "held-out"
    chosen = [each for each in specimens(part, arguments[1:]) if not path_of(each).exists()]
    start = time.monotonic()
    with Pool(workers, maxtasksperchild=60) as pool:
        for done, line in enumerate(pool.imap(diagnose, chosen, chunksize=4), 1):
            left = (time.monotonic() - start) / done * (len(chosen) - done)
            print(f"{done}/{len(chosen)}, {left / 60:.0f} min left  {line}", flush=True)


if __name__ == "__main__":
    main()
