"""Config and data -> a trained VAE."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import tensorflow as tf

from keras_vae.aliases import PathLike
from keras_vae.config import Config
from keras_vae.data import Dataset, StreamBatches, TrainingBatches, decided
from keras_vae.errors import ConfigError, TrainingDiverged
from keras_vae.files.packages import is_installed
from keras_vae.monitoring import EventLog, LatentRates, TensorBoardPictures, TrainingState
from keras_vae.precision import in_float32, training_epsilon
from keras_vae.training.best_checkpoint import MODES, BestCheckpoint, watched_by
from keras_vae.training.build import build_vae
from keras_vae.training.checkpoint import CHECKPOINTS, Checkpoint
from keras_vae.training.distribute import check_agreement, lost_workers, worker_of
from keras_vae.training.interrupt import interruptible
from keras_vae.training.nonfinite import TerminateOnNonFinite
from keras_vae.training.warmup import CapacityWarmup, KLWarmup, warmup_epochs
from keras_vae.vae import VAE

__all__ = ["Training", "train"]

# Callbacks that set the learning rate, which follows a schedule here.
SCHEDULERS = (keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau)
SHOWN_EXAMPLES = 2000


@dataclass(frozen=True)
class Training:
    """What a training leaves.

    Attributes:
        vae: the VAE of the best checkpoint; it computes in float32, however it was trained.
        history: reported means of each complete epoch, by name.
        best_epoch: epoch of the checkpoint, from 1.
        seconds: that training took.
        skipped_steps: of float16, because a gradient overflowed; None in other precisions.
        ended: `"finished"`, `"interrupted"` (Ctrl-C), or what made it diverge.
    """

    vae: VAE
    history: dict[str, list[float]]
    best_epoch: int
    seconds: float
    skipped_steps: int | None
    ended: str


def train(
    config: Config,
    dataset: Dataset,
    directory: PathLike,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    resume: bool = False,
    strategy: tf.distribute.Strategy | None = None,
    checkpoints: PathLike | None = None,
    resumable: bool = True,
) -> Training:
    """Trains a VAE and returns its best checkpoint, see `BestCheckpoint`.

    Ctrl-C and divergence end training early and keep the best checkpoint so far. Killed in any
    other way, training goes on with `resume` and ends with the same weights, bit for bit, as if
    it had not been.

    Args:
        config: `Config`; what it leaves open the data decide.
        dataset: `Dataset`.
        directory: existing folder that receives `model.keras` (the best checkpoint),
            `history.csv` (a row for each epoch), `events.jsonl` (the same for machines, with
            times), `checkpoints/` and, if asked for, `tensorboard/`.
        callbacks: more Keras callbacks; the attributes that one names in `state` are resumed.
        resume: whether to go on from the last of the checkpoints, if there is one.
        strategy: `tf.distribute.Strategy`, among whose replicas each batch is divided.
        checkpoints: folder to resume from, if not `directory/checkpoints`.
        resumable: whether checkpoints are written, without which a killed training is lost: of a
            small model they take a third of the time.

    Returns:
        `Training`.

    Raises:
        TrainingDiverged: if a term became NaN or infinite before any checkpoint.
        KeyboardInterrupt: if interrupted before any checkpoint.
        RunError: if checkpoints are there to be resumed and none is readable.
        ConfigError: if a batch cannot be divided equally among the replicas, workers were given
            different options, or a callback sets the learning rate, which follows a schedule.
        WorkerLost: if another process of the strategy is gone.
    """
    _refuse_schedulers(callbacks)
    config = decided(config, dataset)
    dataset = dataset.as_binarized(config.binarization)
    directory = Path(directory)
    warmup = warmup_epochs(config.warmup, config.epochs)
    table = keras.callbacks.CSVLogger(directory / "history.csv", append=resume)
    strategy = strategy or tf.distribute.get_strategy()
    with strategy.scope():
        vae = build_vae(config, dataset)
    watched = watched_by(vae.objective)
    best = BestCheckpoint(directory / "model.keras", warmup, watched)
    early_stopping = _early_stopping(config, warmup, watched)
    # one of the two: the rate held at a capacity needs all of beta from the start
    is_held = config.capacity is not None
    rising = CapacityWarmup(warmup) if is_held else KLWarmup(config.beta, warmup)
    batches = _batches(config, dataset, strategy)
    if batches.batch_size % strategy.num_replicas_in_sync:
        raise ConfigError(
            f"batches of {batches.batch_size} examples cannot be divided equally among "
            f"{strategy.num_replicas_in_sync} devices; choose another --batch-size"
        )
    checkpoint = Checkpoint(
        directory / CHECKPOINTS,
        batches,
        config.checkpoint_every,
        files=[best.path, directory / "history.csv"],
        remembers=[
            (best, ("best", "best_epoch")),
            *((stop, ("best", "wait", "best_epoch", "stopped_epoch")) for stop in early_stopping),
            *((callback, callback.state) for callback in callbacks if hasattr(callback, "state")),
        ],
        saves=resumable,
    )
    tensorboard = _tensorboard(config, dataset, directory)
    initial_epoch = checkpoint.restore(checkpoints) if resume else 0
    ended = "finished"
    try:
        with lost_workers(strategy), interruptible() as interrupt:
            check_agreement(strategy, config, initial_epoch)
            vae.fit(
                batches,
                initial_epoch=initial_epoch,
                epochs=config.epochs,
                validation_data=dataset.given("validation"),
                validation_batch_size=config.batch_size,
                verbose=0,
                callbacks=[
                    rising,
                    interrupt,
                    TerminateOnNonFinite(),
                    *tensorboard,
                    best,
                    table,
                    *early_stopping,
                    *callbacks,
                    EventLog(directory / "events.jsonl", batches.steps * batches.batch_size),
                    checkpoint,
                ],
            )
    except (KeyboardInterrupt, TrainingDiverged) as stop:
        if best.best_epoch is None:
            raise
        ended = "interrupted" if isinstance(stop, KeyboardInterrupt) else str(stop)
    except TypeError as error:  # Keras's, where a callback of another kind sets it
        if "LearningRateSchedule" not in str(error):
            raise
        raise ConfigError(_sets_learning_rate("a callback")) from error
    finally:
        if table.csv_file is not None:  # left open by Keras when training is cut short
            table.csv_file.close()
    if best.best_epoch is None:
        raise TrainingDiverged(
            f"no epoch had a finite {watched}, so there is no model to keep; try a smaller "
            "--learning-rate, then look for outliers in the data"
        )
    return Training(
        vae=_best_in_float32(vae, best),
        history=checkpoint.history,
        best_epoch=best.best_epoch + 1,
        seconds=checkpoint.seconds,
        skipped_steps=_skipped_steps(vae, batches),
        ended=ended,
    )


def _refuse_schedulers(callbacks: Sequence[keras.callbacks.Callback]) -> None:
    for callback in callbacks:
        if isinstance(callback, SCHEDULERS):
            raise ConfigError(_sets_learning_rate(type(callback).__name__))


def _sets_learning_rate(who: str) -> str:
    return (
        f"{who} sets the learning rate, which follows the schedule of the config here; leave it "
        f"out, or train a VAE of your own with vae.compile and vae.fit"
    )


def _batches(
    config: Config, dataset: Dataset, strategy: tf.distribute.Strategy
) -> TrainingBatches | StreamBatches:
    options = config.batch_size, dataset.binarization, config.seed
    if dataset.stream is None:
        return TrainingBatches(dataset.train.given, *options)
    return StreamBatches(dataset.stream, *options, worker_of(strategy))


def _best_in_float32(vae: VAE, best: BestCheckpoint) -> VAE:
    """The model of the best checkpoint; of half precision, it takes its place in float32."""
    is_half = training_epsilon(vae) is not None
    is_alone = vae.distribute_strategy.num_replicas_in_sync == 1
    if not is_half and is_alone and best.bring_back():  # faster than to load it
        vae.forget_batches()
        return vae
    loaded = keras.saving.load_model(best.path)
    if not is_half:
        return loaded
    vae = in_float32(loaded)
    beside = best.path.with_name("unfinished-" + best.path.name)
    vae.save(beside)
    os.replace(beside, best.path)
    return vae


def _skipped_steps(vae: VAE, batches: TrainingBatches | StreamBatches) -> int | None:
    if not isinstance(vae.optimizer, keras.optimizers.LossScaleOptimizer):
        return None
    steps = int(batches.epoch) * batches.steps + int(batches.step)
    return steps - int(vae.optimizer.iterations)


def _early_stopping(
    config: Config, warmup: int, watched: str
) -> list[keras.callbacks.EarlyStopping]:
    if config.patience is None:
        return []
    return [
        keras.callbacks.EarlyStopping(
            monitor=watched, mode=MODES[watched], patience=config.patience, start_from_epoch=warmup
        )
    ]


def _tensorboard(
    config: Config, dataset: Dataset, directory: Path
) -> list[keras.callbacks.Callback]:
    """What TensorBoard shows, in the order in which callbacks add to what it shows."""
    if not config.tensorboard:
        return []
    if not is_installed("tensorboard.summary"):
        raise ConfigError("--tensorboard needs a package: pip install 'keras_vae[tensorboard]'")
    folder = directory / "tensorboard"
    shown = dataset.seen("validation", SHOWN_EXAMPLES)
    return [
        LatentRates(shown.given),
        TrainingState(dataset.given("train", config.batch_size)),
        keras.callbacks.TensorBoard(folder),
        TensorBoardPictures(folder, shown.given, shown.labels, class_names=dataset.class_names),
    ]
