"""The whole of `kvae fit`: data, training, evaluation and pictures into one folder."""

import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_vae.aliases import PathLike, Tell
from keras_vae.config import Config
from keras_vae.data import (
    Dataset,
    audit_dataset,
    count,
    defaults_taken,
)
from keras_vae.errors import ConfigError, RunError, TrainingDiverged
from keras_vae.evaluation import TrackEvidence, evaluate
from keras_vae.files.disk import sync_tree
from keras_vae.monitoring import CodeTrack
from keras_vae.pictures import draw
from keras_vae.runs.diagnosis import (
    diagnose_dataset,
    diagnosis_record,
    warn_of_findings,
    warn_of_plan,
)
from keras_vae.runs.folder import (
    begin,
    discard,
    locked,
    missing_folders,
    publish,
    unfinished,
    write_json,
)
from keras_vae.runs.run import CODES, Run
from keras_vae.runs.start import known_config, new_run, resumed_run
from keras_vae.training import CHECKPOINTS, has_checkpoint, is_chief, make_strategy, train

__all__ = ["fit"]

TRACKED_EXAMPLES = 100
LOOKS = 10  # about, at log p(x) during training
# The codes of test examples during training: about so many looks, at so many examples at most, and
# numbers in all, of two bytes.
CODE_LOOKS, CODE_EXAMPLES, MOST_CODES = 40, 500, 500_000


def fit(
    config: Config | None,
    out: PathLike = "saved_models",
    name: str = "vae",
    overwrite: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    warn: Tell = warnings.warn,
    resume: bool = False,
    show: Callable[[Dataset], None] = lambda dataset: None,
) -> Run | None:
    """Trains a VAE and leaves its folder `out/name`, whole or not at all.

    The folder holds `model.keras` (the best checkpoint), `config.json` (all that is needed to
    repeat the run), `history.csv`, `events.jsonl`, `metrics.json` (the test split), `plots/`,
    `diagnosis.json` (what a few seconds show to be wrong with the model), `codes.npz` (z_mean of
    some test examples by epoch) and, with `track_evidence`, `evidence.json`. Ctrl-C and divergence
    after the first checkpoint still publish it, with what was reached. A run that was killed can go
    on, and ends as if it had not been.

    Args:
        config: `Config`; its `data` may be an array, which is not stored in the folder and must be
            given again later. With `resume` it must be that of the run; None takes it as it is.
        out, name: where; see `begin`.
        overwrite: whether a run that stands there may be replaced.
        callbacks: more Keras callbacks for `fit`.
        warn: called with each line that says where data and likelihood do not fit well, with what
            `dry_run` finds, before training, and, in the end, with what is wrong with the model.
        resume: whether to go on with a run of this name that was cut short; if there is none, a
            new one begins.
        show: called with the data as they were read, before anything else is said of them.

    Returns:
        `Run`; `run.record["training"]["ended"]` says whether it finished. None in a worker of
        `distribute="multi-worker"` that is not the chief, which trains along and writes nothing.

    Raises:
        ConfigError, DataError, RunError, TrainingDiverged, WorkerLost: in one line.
        KeyboardInterrupt: if interrupted before the first checkpoint or after training; its
            message says what is kept where.
    """
    config = known_config(config, out, name, resume)
    strategy = make_strategy(config.distribute)
    if not is_chief(strategy):
        _assist(config, out, name, resume, strategy)
        return None
    begun = unfinished(out, name)
    if begun is not None and not resume:
        warn(f"a run named {name} was cut short; kvae fit --resume goes on with it")
    if begun is None and resume:
        warn(f"no run named {name} was cut short in {out}; a new one begins")
    made = missing_folders(out)
    working = begun if resume and begun is not None else begin(out, name, overwrite)
    is_resumed = working == begun
    try:
        with locked(working):
            dataset, record = resumed_run(working, config) if is_resumed else new_run(config)
            show(dataset)
            given, config = config, Config.from_dict(record["config"])
            audited = audit_dataset(dataset, config.likelihood)
            for line in [*audited, *defaults_taken(dataset, given)]:
                warn(line)
            told = warn_of_plan(config, dataset, warn)
            run = _train_into(
                working, Path(out) / name, record, dataset, callbacks, is_resumed, strategy
            )
            publish(working, run.path, overwrite)
    except tf.errors.ResourceExhaustedError as error:
        raise ConfigError(
            "the model does not fit into memory; choose fewer --latent, --hidden or --batch-size"
        ) from error
    except TrainingDiverged:
        if not _has_model(working):
            discard(working)  # it would diverge again
        raise
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
        if not (_has_model(working) or has_checkpoint(working / CHECKPOINTS)):
            discard(working, made)
    if run.metrics is not None:
        _draw(run, dataset)
        _diagnose(run, dataset, warn, told)
    return run


def _assist(
    config: Config, out: PathLike, name: str, resume: bool, strategy: tf.distribute.Strategy
) -> None:
    """The part of a worker that is not the chief: it trains along and leaves nothing."""
    begun = unfinished(out, name, is_shared=True) if resume else None
    dataset, record = new_run(config) if begun is None else resumed_run(begun, config)
    config = Config.from_dict(record["config"])
    checkpoints = None if begun is None else begun / CHECKPOINTS
    with tempfile.TemporaryDirectory() as folder:
        tracker = _tracker(config, dataset)  # what the chief does, all do
        train(config, dataset, folder, tracker, begun is not None, strategy, checkpoints)


def _train_into(
    working: Path,
    final: Path,
    record: dict[str, Any],
    dataset: Dataset,
    callbacks: Sequence[keras.callbacks.Callback],
    resume: bool,
    strategy: tf.distribute.Strategy,
) -> Run:
    """Everything that a run's folder holds but its pictures, written into `working`."""
    config = Config.from_dict(record["config"])
    write_json(working / "config.json", record)  # so that a full disk is noticed now
    tracker = _tracker(config, dataset)
    codes = _code_track(working / CODES, config, dataset)
    training = train(config, dataset, working, [*callbacks, *tracker, codes], resume, strategy)
    for track in tracker:
        write_json(working / "evidence.json", _describe_track(track, dataset))
    record["training"] = {
        "ended": training.ended,
        "epochs": len(training.history["loss"]),
        "best_epoch": training.best_epoch,
        "seconds": round(training.seconds, 1),
        "weights": training.vae.count_params(),
        "skipped_steps": training.skipped_steps,
    }
    metrics = None
    if training.ended == "finished":
        metrics = evaluate(training.vae, dataset).to_dict()
        write_json(working / "metrics.json", metrics)
    write_json(working / "config.json", record)
    sync_tree(working)  # the checkpoints can go once the run is on the disk
    discard(working / CHECKPOINTS)
    return Run(final, config, record, metrics, vae=training.vae)


def _tracker(config: Config, dataset: Dataset) -> list[TrackEvidence]:
    """The callback that measures log p(x) during training, if it is asked for."""
    if not config.track_evidence:
        return []
    x = dataset.given("validation", TRACKED_EXAMPLES)
    return [TrackEvidence(x, every=max(1, round(config.epochs / LOOKS)))]


def _code_track(path: Path, config: Config, dataset: Dataset) -> CodeTrack:
    """The callback that keeps the codes of the first test examples by epoch."""
    every = max(1, round(config.epochs / CODE_LOOKS))
    most = max(1, MOST_CODES // (CODE_LOOKS * config.latent))
    x = dataset.given(dataset.shown_split, min(CODE_EXAMPLES, most))
    return CodeTrack(path, x, every)


def _describe_track(track: TrackEvidence, dataset: Dataset) -> dict[str, Any]:
    """What `evidence.json` holds: the columns, and what they depend on."""
    protocol = (
        f"first {count(track.x)} validation examples; {dataset.protocol('validation')}; "
        f"log p(x) {track.method}"
    )
    return {"protocol": protocol, "method": track.method, "columns": track.columns}


def _draw(run: Run, dataset: Dataset) -> None:
    """The pictures, once the model is safe in its place."""
    safe = f"the model is complete in {run.path}; kvae plot draws its pictures"
    try:
        draw(
            run.vae,
            dataset,
            run.path / "plots",
            history=run.history,
            best_epoch=run.record["training"]["best_epoch"],
            evidence=run.evidence,
        )
    except RunError as error:
        raise RunError(f"{error}; {safe}") from error
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(f"interrupted while drawing; {safe}") from stop


def _diagnose(run: Run, dataset: Dataset, warn: Tell, told: set[str]) -> None:
    """What is wrong with the model, as far as it shows at once; the model is safe in its place."""
    safe = f"the model is complete in {run.path}; kvae diagnose says what is wrong with it"
    try:
        diagnosis = diagnose_dataset(run, dataset, cheap=True)
        write_json(run.path / "diagnosis.json", diagnosis_record(diagnosis))
    except OSError as error:
        raise RunError(f"writing failed ({error.strerror or error}); {safe}") from error
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(f"interrupted while diagnosing; {safe}") from stop
    warn_of_findings(diagnosis, run, warn, told)


def _has_model(working: Path) -> bool:
    return (working / "model.keras").exists()


def _what_is_kept(working: Path) -> str:
    """The end of an error message: where a checkpoint is that no folder of its name holds."""
    kept = ""
    if _has_model(working):
        kept = f"; the best checkpoint so far is kept in {working / 'model.keras'}"
    if has_checkpoint(working / CHECKPOINTS):
        kept += "; kvae fit --resume goes on from the last epoch"
    return kept
