"""Config and data -> a trained VAE."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import keras

from keras_vae.data import binarize, examples_to_fit, steps_per_epoch, training_batches
from keras_vae.distributions import LIKELIHOODS
from keras_vae.errors import ConfigError, TrainingDiverged
from keras_vae.networks import DECODERS, ENCODERS
from keras_vae.training.best_checkpoint import BestCheckpoint
from keras_vae.training.nonfinite import TerminateOnNonFinite
from keras_vae.training.warmup import KLWarmup, warmup_epochs
from keras_vae.vae import VAE

__all__ = ["build_vae", "train"]


def build_vae(config, dataset):
    """An untrained, compiled VAE as `config` describes it.

    The decoder's output starts at what fits the training data without z.

    Args:
        config: `Config`.
        dataset: `Dataset`; its training split gives shapes and the starting point.

    Returns:
        `VAE`. With one `config.seed` the weights are the same bit for bit.
    """
    keras.utils.set_random_seed(config.seed)
    likelihood = LIKELIHOODS[config.likelihood]()
    x = examples_to_fit(dataset.train.x, config.binarize, likelihood.is_discrete)
    shape = (dataset.event_shape, config.latent)
    widths = {} if config.hidden is None else {"hidden": config.hidden}
    encoder = ENCODERS[config.network](*shape, **widths)
    decoder = DECODERS[config.network](*shape, output_bias=likelihood.fit_without_z(x), **widths)
    vae = VAE(
        encoder, decoder, likelihood, free_nats=config.free_nats, beta=config.beta, seed=config.seed
    )
    steps = config.epochs * steps_per_epoch(len(x), config.batch_size)
    learning_rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, steps, alpha=0.01)
    vae.compile(keras.optimizers.Adam(learning_rate))
    return vae


@dataclass(frozen=True)
class Training:
    """What a training leaves.

    Attributes:
        vae: the VAE of the best checkpoint.
        history: reported means of each complete epoch, by name.
        best_epoch: epoch of the checkpoint, from 1.
        ended: `"finished"`, `"interrupted"` (Ctrl-C), or what made it diverge.
    """

    vae: VAE
    history: dict
    best_epoch: int
    ended: str


def train(config, dataset, directory, callbacks=()):
    """Trains a VAE and returns its best checkpoint, that of the highest validation ELBO.

    Ctrl-C and divergence end training early and keep the best checkpoint so far.

    Args:
        config: `Config` with its binarisation resolved.
        dataset: `Dataset`.
        directory: existing folder that receives `model.keras` (the best checkpoint),
            `history.csv` (a row for each epoch) and, if asked for, `tensorboard/`.
        callbacks: more Keras callbacks.

    Returns:
        `Training`.

    Raises:
        TrainingDiverged: if a term became NaN or infinite before any checkpoint.
        KeyboardInterrupt: if interrupted before any checkpoint.
    """
    directory = Path(directory)
    warmup = warmup_epochs(config.warmup, config.epochs)
    best = BestCheckpoint(directory / "model.keras", start_from_epoch=warmup)
    table = keras.callbacks.CSVLogger(directory / "history.csv")
    vae = build_vae(config, dataset)
    ended = "finished"
    try:
        vae.fit(
            training_batches(
                dataset.train.x, config.batch_size, config.binarize, config.seed, config.epochs
            ),
            epochs=config.epochs,
            steps_per_epoch=steps_per_epoch(len(dataset.train), config.batch_size),
            validation_data=binarize(dataset.validation.x, config.binarize, "validation"),
            validation_batch_size=config.batch_size,
            shuffle=False,  # the stream is in its order already
            verbose=0,
            callbacks=[
                KLWarmup(config.beta, warmup),
                TerminateOnNonFinite(),
                best,
                table,
                *_early_stopping(config, warmup),
                *_tensorboard(config, directory),
                *callbacks,
            ],
        )
    except (KeyboardInterrupt, TrainingDiverged) as stop:
        if best.best_epoch is None:
            raise
        ended = "interrupted" if isinstance(stop, KeyboardInterrupt) else str(stop)
    finally:
        if table.csv_file is not None:  # left open by Keras when training is cut short
            table.csv_file.close()
    if best.best_epoch is None:
        raise TrainingDiverged(
            "no epoch had a finite val_elbo, so there is no model to keep; try a smaller "
            "--learning-rate, then look for outliers in the data"
        )
    return Training(
        vae=keras.saving.load_model(best.path),
        history=vae.history.history,
        best_epoch=best.best_epoch + 1,
        ended=ended,
    )


def _early_stopping(config, warmup):
    if config.patience is None:
        return []
    return [
        keras.callbacks.EarlyStopping(
            monitor="val_elbo", mode="max", patience=config.patience, start_from_epoch=warmup
        )
    ]


def _tensorboard(config, directory):
    if not config.tensorboard:
        return []
    if importlib.util.find_spec("tensorboard") is None:
        raise ConfigError("--tensorboard needs a package: pip install 'keras_vae[tensorboard]'")
    return [keras.callbacks.TensorBoard(directory / "tensorboard")]
