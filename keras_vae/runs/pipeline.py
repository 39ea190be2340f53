"""The whole of `kvae fit`: data, training, evaluation and pictures into one folder."""

import time
import warnings
from pathlib import Path

import tensorflow as tf

from keras_vae.data import (
    NAMED,
    audit_dataset,
    binarize,
    default_binarization,
    describe_protocol,
    load_data,
)
from keras_vae.errors import ConfigError, RunError
from keras_vae.evidence import TrackEvidence, evaluate
from keras_vae.packages import package_versions
from keras_vae.pictures import draw
from keras_vae.runs.folder import begin, discard, publish, write_json
from keras_vae.runs.run import Run, describe_data
from keras_vae.training import train

__all__ = ["fit"]

TRACKED_EXAMPLES = 100
LOOKS = 10  # about, at log p(x) during training


def fit(config, out="saved_models", name="vae", overwrite=False, callbacks=(), warn=warnings.warn):
    """Trains a VAE and leaves its folder `out/name`, whole or not at all.

    The folder holds `model.keras` (the best checkpoint), `config.json` (all that is needed to
    repeat the run), `history.csv`, `metrics.json` (the test split), `plots/` and, with
    `track_evidence`, `evidence.json`. Ctrl-C and divergence after the first checkpoint still
    publish it, with what was reached.

    Args:
        config: `Config`.
        out, name: where; see `begin`.
        overwrite: whether a run that stands there may be replaced.
        callbacks: more Keras callbacks for `fit`.
        warn: called with each line that says where data and likelihood do not fit well.

    Returns:
        `Run`; `run.record["training"]["ended"]` says whether it finished.

    Raises:
        ConfigError, DataError, RunError, TrainingDiverged: a user's mistake, in one line.
        KeyboardInterrupt: if interrupted before the first checkpoint or after training; its
            message says what is kept where.
    """
    working = begin(out, name, overwrite)
    try:
        dataset = load_data(config.data)
        config = _resolve(config, dataset)
        for warning in audit_dataset(dataset, config.likelihood, config.binarize):
            warn(warning)
        run = _train_into(working, Path(out) / name, config, dataset, callbacks)
        publish(working, run.path, overwrite)
    except tf.errors.ResourceExhaustedError as error:
        raise ConfigError(
            "the model does not fit into memory; choose fewer --latent, --hidden or --batch-size"
        ) from error
    except OSError as error:
        raise RunError(
            f"writing failed ({error.strerror or error}); free some space or choose another place "
            f"with --out{_what_is_kept(working)}"
        ) from error
    except RunError as error:
        raise RunError(f"{error}{_what_is_kept(working)}") from error
    except KeyboardInterrupt as stop:
        kept = _what_is_kept(working) or "; no checkpoint was complete, so nothing is kept"
        raise KeyboardInterrupt(f"interrupted{kept}") from stop
    finally:
        if not _has_model(working):
            discard(working)
    if run.metrics is not None:
        _draw(run, dataset)
    return run


def _train_into(working, final, config, dataset, callbacks):
    """Everything that a run's folder holds but its pictures, written into `working`."""
    record = {
        "config": config.to_dict(),
        "data": describe_data(dataset),
        "protocol": describe_protocol(config.binarize),
        "versions": package_versions(),
    }
    write_json(working / "config.json", record)  # so that a full disk is noticed now
    start = time.monotonic()
    tracker = _tracker(config, dataset)
    training = train(config, dataset, working, [*callbacks, *tracker])
    for track in tracker:
        write_json(working / "evidence.json", _describe_track(track, config))
    record["training"] = {
        "ended": training.ended,
        "epochs": len(training.history["loss"]),
        "best_epoch": training.best_epoch,
        "seconds": round(time.monotonic() - start, 1),
        "weights": training.vae.count_params(),
    }
    metrics = None
    if training.ended == "finished":
        metrics = evaluate(training.vae, dataset, config.binarize).to_dict()
        write_json(working / "metrics.json", metrics)
    write_json(working / "config.json", record)
    return Run(final, training.vae, config, record, metrics)


def _tracker(config, dataset):
    """The callback that looks at log p(x) during training, if it is asked for."""
    if not config.track_evidence:
        return []
    x = binarize(dataset.validation.x[:TRACKED_EXAMPLES], config.binarize, "validation")
    return [TrackEvidence(x, every=max(1, round(config.epochs / LOOKS)))]


def _describe_track(track, config):
    """What `evidence.json` holds: the columns, and what they depend on."""
    protocol = (
        f"first {len(track.x)} validation examples; "
        f"{describe_protocol(config.binarize, 'validation')}; log p(x) {track.method}"
    )
    return {"protocol": protocol, "method": track.method, "columns": track.columns}


def _draw(run, dataset):
    """The pictures, once the model is safe in its place."""
    safe = f"the model is complete in {run.path}; kvae plot draws its pictures"
    try:
        draw(
            run.vae,
            dataset,
            run.path / "plots",
            run.config.binarize,
            run.history,
            run.record["training"]["best_epoch"],
            run.evidence,
        )
    except RunError as error:
        raise RunError(f"{error}; {safe}") from error
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(f"interrupted while drawing; {safe}") from stop


def _has_model(working):
    return (working / "model.keras").exists()


def _what_is_kept(working):
    """The end of an error message: where a checkpoint is that no folder of its name holds."""
    if not _has_model(working):
        return ""
    return f"; the best checkpoint so far is kept in {working / 'model.keras'}"


def _resolve(config, dataset):
    """Fills in what the data decide, and makes a path hold from any directory."""
    binarization = config.binarize or default_binarization(dataset.train.x, config.likelihood)
    data = config.data if config.data in NAMED else str(Path(config.data).resolve())
    return config.replace(binarize=binarization, data=data)
