"""The whole of `kvae fit`: data, training, evaluation and pictures into one folder."""

import time
import warnings
from dataclasses import replace
from pathlib import Path

from keras_vae.data import NAMED, audit, default_binarization, describe_protocol, load_data
from keras_vae.errors import RunError
from keras_vae.evidence import evaluate
from keras_vae.pictures import draw
from keras_vae.runs.folder import begin, discard, publish, write_json
from keras_vae.runs.run import Run, describe_data, describe_versions
from keras_vae.training import train

__all__ = ["fit"]


def fit(config, out="saved_models", name="vae", overwrite=False, callbacks=(), warn=warnings.warn):
    """Trains a VAE and leaves its folder `out/name`, whole or not at all.

    The folder holds `model.keras` (the best checkpoint), `config.json` (all that is needed to
    repeat the run), `history.csv`, `metrics.json` (the test split) and `plots/`. Ctrl-C and
    divergence after the first checkpoint still publish it, with what was reached.

    Args:
        config: `Config`.
        out, name: where; see `begin`.
        overwrite: whether a run that stands there may be replaced.
        callbacks: more Keras callbacks for `fit`.
        warn: called with each line that says where data and likelihood do not fit well.

    Returns:
        `Run`; `run.record["training"]["ended"]` says whether it finished.

    Raises:
        DataError, RunError, TrainingDiverged: each a user's mistake, in one line.
        KeyboardInterrupt: if interrupted before the first checkpoint.
    """
    working = begin(out, name, overwrite)
    try:
        dataset = load_data(config.data)
        config = _resolve(config, dataset)
        for warning in audit(dataset.train.x, config.likelihood, config.binarize):
            warn(warning)
        run = _train_into(working, Path(out) / name, config, dataset, callbacks)
        publish(working, run.path, overwrite)
        return run
    except OSError as error:
        raise RunError(
            f"{working}: writing failed ({error.strerror or error}); free some space or choose "
            f"another place with --out"
            + (", and the best checkpoint so far is kept there" if _has_model(working) else "")
        ) from error
    finally:
        if working.exists() and not _has_model(working):
            discard(working)


def _train_into(working, final, config, dataset, callbacks):
    """Everything that a run's folder holds, written into `working`."""
    record = {
        "config": config.to_dict(),
        "data": describe_data(dataset),
        "protocol": describe_protocol(config.binarize),
        "versions": describe_versions(),
    }
    write_json(working / "config.json", record)  # so that a full disk is noticed now
    start = time.monotonic()
    training = train(config, dataset, working, callbacks)
    record["training"] = {
        "ended": training.ended,
        "epochs": len(training.history["loss"]),
        "best_epoch": training.best_epoch,
        "seconds": round(time.monotonic() - start, 1),
        "weights": training.vae.count_params(),
    }
    run = Run(final, training.vae, config, record)
    if training.ended == "finished":
        try:
            metrics = evaluate(run.vae, dataset, config.binarize).to_dict()
            write_json(working / "metrics.json", metrics)
            run = replace(run, metrics=metrics)
            draw(
                run.vae,
                dataset,
                working / "plots",
                config.binarize,
                training.history,
                training.best_epoch,
            )
        except KeyboardInterrupt:
            record["training"]["ended"] = "interrupted"
    write_json(working / "config.json", record)
    return run


def _has_model(working):
    return (working / "model.keras").exists()


def _resolve(config, dataset):
    """Fills in what the data decide, and makes a path hold from any directory."""
    binarization = config.binarize or default_binarization(dataset.train.x, config.likelihood)
    data = config.data if config.data in NAMED else str(Path(config.data).resolve())
    return config.replace(binarize=binarization, data=data)
