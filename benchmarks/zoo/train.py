"""How every model of the zoo is trained: the package's own code, with at most one patch."""

from functools import lru_cache

import keras
import numpy as np

import keras_vae as kv
from keras_vae.data import TrainingBatches
from keras_vae.diagnosis import of_vae
from keras_vae.networks import DECODERS, ENCODERS

__all__ = ["build", "healthy", "subject", "trained"]

BATCH_SIZE = 64


def build(
    cell,
    x,
    seed,
    latent=None,
    hidden=None,
    likelihood=None,
    encoder=None,
    decoder=None,
    network=None,
    **parts,
):
    """An untrained VAE for a cell; `parts` are its prior, posterior and objective."""
    keras.utils.set_random_seed(seed)
    likelihood = likelihood or kv.LIKELIHOODS[cell.likelihood]()
    shape = x.shape[1:], latent or cell.latent
    hidden = hidden or cell.hidden
    network = network or cell.network
    heads = {"heads": parts["posterior"].heads(shape[1])} if "posterior" in parts else {}
    encoder = encoder or ENCODERS[network](*shape, hidden=hidden, **heads)
    if decoder is None:
        bias = likelihood.fit_without_z(x)
        decoder = DECODERS[network](*shape, hidden=hidden, output_bias=bias)
    return kv.VAE(encoder, decoder, likelihood, seed=seed, **parts)


def trained(
    vae, cell, x, seed, x_validation=None, epochs=None, learning_rate=None, callbacks=(), beta=1.0
):
    """Trains a VAE as `kvae fit` does, and returns its history, values by epoch."""
    epochs = epochs or cell.epochs
    batches = TrainingBatches(x, BATCH_SIZE, "none", seed)
    vae.beta = beta
    decay = keras.optimizers.schedules.CosineDecay(
        learning_rate or cell.learning_rate, epochs * batches.steps, alpha=0.01
    )
    vae.compile(keras.optimizers.Adam(decay), steps_per_execution=batches.steps, jit_compile=False)
    history = vae.fit(
        batches, epochs=epochs, validation_data=x_validation, callbacks=list(callbacks), verbose=0
    )
    return {name: [float(value) for value in values] for name, values in history.history.items()}


@lru_cache(maxsize=2)
def healthy(cell, seed):
    """(vae, train, test, history) of a model without a defect."""
    train, test = cell.examples(seed)
    vae = build(cell, train, seed)
    return vae, train, test, trained(vae, cell, train, seed, test)


def subject(cell, seed, change=None, data=None, **options):
    """A model trained with a change, as the subject of a diagnosis.

    Args:
        cell, seed: of the model.
        change: function of the untrained VAE that spoils something about it.
        data: (train, test) in place of the cell's.
        **options: of `build` (`BUILDING`), of `trained` (`TRAINING`), and of `Subject`.
    """
    train, test = data or cell.examples(seed)
    building = {name: options.pop(name) for name in BUILDING if name in options}
    training = {name: options.pop(name) for name in TRAINING if name in options}
    vae = build(cell, np.asarray(train), seed, **building)
    if change is not None:
        change(vae)
    history = trained(vae, cell, train, seed, test, **training)
    return of_vae(vae, train, test, **{"history": history, **options})


BUILDING = (
    *("latent", "hidden", "likelihood", "encoder", "decoder"),
    *("network", "prior", "posterior", "objective"),
)
TRAINING = ("epochs", "learning_rate", "callbacks", "beta")
