"""A process of a sweep: looks at all of its configurations, or trains one run and measures it.

`python -m keras_vae.studies.child` reads its task, one JSON object, from the first line of stdin,
and ends when stdin ends: with the process that started it, even if that is killed.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path

from keras_vae.errors import KerasVAEError, RunError
from keras_vae.files.paths import unfinished_prefix
from keras_vae.studies.plan import FIGURES, Plan

__all__ = ["main", "measure", "train"]


def main() -> int:
    """Does the task; exit code 1, and a last line that says why, if it fails."""
    # Ctrl-C reaches all processes of a terminal: the one that started this one answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    task = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _use_threads(task["threads"])
        plan = Plan(**task["plan"])
        if task["run"] is None:
            from keras_vae.studies.check import check

            answer = Path(task["answer"])
            answer.write_text(json.dumps(check(plan)), encoding="utf-8")
        else:
            path = train(plan, Path(task["folder"]), task["run"])
            measure(plan, path, task["sha256"])
    except KerasVAEError as error:
        print(f"Error: {error}", flush=True)
        return 1
    return 0


def train(plan: Plan, folder: Path, name: str) -> Path:
    """Trains a run, or goes on with it where it was cut short, unless it stands there already.

    Returns:
        `Path` of its folder.
    """
    from keras_vae.runs import fit
    from keras_vae.runs.folder import discard
    from keras_vae.training import CHECKPOINTS, has_checkpoint

    begun = [each for each in folder.iterdir() if each.name.startswith(unfinished_prefix(name))]
    if not (folder / name).exists():
        for each in begun:
            if not has_checkpoint(each / CHECKPOINTS):  # killed before there was anything to keep
                discard(each)
        fit(plan.runs[name], folder, name, warn=print, resume=True)
    for each in begun:
        discard(each)
    return folder / name


def measure(plan: Plan, path: Path, sha256: str) -> None:
    """Writes the figures of a run's test split into its folder, means and errors.

    Args:
        plan: `Plan`.
        path: folder of the run.
        sha256: of the test examples that the sweep began with.

    Raises:
        RunError: if training ended early, or the data have changed.
    """
    from keras_vae.evidence import importance_weighted_bound
    from keras_vae.measures import standard_error
    from keras_vae.runs import load_run
    from keras_vae.runs.folder import write_json
    from keras_vae.studies.figures import first_of, ks_up_to, terms_of
    from keras_vae.studies.protocol import protocol_of

    run = load_run(path)
    if run.metrics is None:
        raise RunError(f"{path}: training ended early ({run.record['training']['ended']})")
    dataset = run.load_data()
    if protocol_of(dataset, run.vae.likelihood, "test").sha256 != sha256:
        raise RunError(f"{dataset.name} has changed since the sweep began; restore it")
    terms, active = terms_of(run.vae, dataset, "test", samples=10, seed=0)
    x = first_of(dataset, "test", plan.examples)
    bound = importance_weighted_bound(run.vae, x, ks_up_to(plan.k), seed=0)
    values = {**terms, "log_evidence": bound.bounds[-1]}
    write_json(
        path / FIGURES,
        {
            "figures": {
                name: {"mean": float(each.mean()), "standard_error": standard_error(each)}
                for name, each in values.items()
            },
            "active_units": active,
            "latent": run.vae.latent_dim,
            "doubts": bound.doubts,
            "protocol": run.metrics["protocol"],
        },
    )


def _use_threads(threads: int) -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def _end_with_parent() -> None:
    """Ends this process with its parent; what it has half written takes no name."""
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
