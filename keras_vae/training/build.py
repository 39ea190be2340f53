"""Config and data -> a VAE to train."""

import contextlib
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from keras_vae.choices import IMAGE_NETWORKS
from keras_vae.config import Config
from keras_vae.data import Dataset, decided
from keras_vae.distributions import Counts, VampPrior, with_mask
from keras_vae.errors import ConfigError
from keras_vae.networks import DECODERS, ENCODERS, LibraryShares, LogCounts
from keras_vae.precision import layers_in, resolve_precision
from keras_vae.training.families import column_features, likelihood_of
from keras_vae.training.parts import objective_of, posterior_of, prior_of
from keras_vae.training.schedules import learning_rate_of
from keras_vae.vae import VAE

__all__ = ["build_vae", "steps_per_call"]

CALL_BYTES = 16 * 2**20
# Of the first weights in the averages with which training ends.
LARGEST_SHARE = 0.1


@contextlib.contextmanager
def _kept_random_states() -> Iterator[None]:
    """Seeding Keras seeds Python and NumPy too: what the caller draws goes on as if it had not."""
    of_python, of_numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(of_python)
        np.random.set_state(of_numpy)


@_kept_random_states()
def build_vae(config: Config, dataset: Dataset) -> VAE:
    """An untrained, compiled VAE as `config` describes it.

    The decoder's output starts at what fits the training data without z.

    Args:
        config: `Config`.
        dataset: `Dataset`; its training split gives shapes and the starting point.

    Returns:
        `VAE`. With one `config.seed` the weights are the same bit for bit.
    """
    config = decided(config, dataset)
    keras.utils.set_random_seed(config.seed)
    likelihood = likelihood_of(config, dataset)
    fitted_to = dataset.as_binarized(config.binarization).to_fit(likelihood.is_binary)
    mask, condition = fitted_to.mask, fitted_to.condition
    bias = with_mask(likelihood.fit_without_z, fitted_to.x, mask=mask)
    options: dict[str, Any] = {} if config.hidden is None else {"hidden": config.hidden}
    if condition is not None:
        options["condition_shape"] = condition.shape[1:]
    if config.activation != "relu":
        options["activation"] = config.activation
    posterior = posterior_of(config)
    of_encoder = dict(options)
    if config.posterior != "diagonal":
        of_encoder["heads"] = posterior.heads(config.latent)
    if mask is not None:
        of_encoder["has_mask"] = True
    if dataset.schema is not None and config.network not in IMAGE_NETWORKS:
        options = {**options, "linear_path": True}
        of_encoder = {**of_encoder, "linear_path": True, "features": column_features(dataset)}
    if isinstance(likelihood, Counts):
        of_encoder = {**of_encoder, "of_x": LogCounts()}
    if config.library:
        library = dataset.conditions[-1]
        options = {**options, "shares": LibraryShares(library.center, library.scale)}
    shapes = likelihood.parameter_shapes(dataset.event_shape)
    examples = dataset.training_examples
    with layers_in(resolve_precision(config.precision)):
        encoder = ENCODERS[config.network](dataset.event_shape, config.latent, **of_encoder)
        decoder = DECODERS[config.network](shapes, config.latent, output_bias=bias, **options)
        vae = VAE(
            encoder,
            decoder,
            likelihood,
            prior_of(config, dataset, likelihood),
            posterior=posterior,
            objective=objective_of(config, examples),
            beta=config.beta,
            seed=config.seed,
        )
    if isinstance(vae.prior, VampPrior):
        vae.prior.start_at(fitted_to.x)
    stored = replace(config, data=dataset.name).to_dict()
    vae.protocol = {
        "data": dataset.name,
        "binarize": config.binarization,
        "reading": {name: stored[name] for name in config.reading},
        "options": stored,
    }
    steps = examples // min(config.batch_size, examples)
    all_steps = config.epochs * steps
    vae.compile(
        keras.optimizers.Adam(
            learning_rate_of(config, all_steps),
            global_clipnorm=config.clip_norm,
            **_averages(config.ema, all_steps),
        ),
        steps_per_execution=steps_per_call(
            steps, config.batch_size * fitted_to.x[0].nbytes, config.checkpoint_every
        ),
    )
    return vae


def _averages(momentum: float, steps: int) -> dict[str, Any]:
    """The arguments of a Keras optimizer for averages of the weights over steps.

    Raises:
        ConfigError: if training is so short that the first weights stay in them.
    """
    if not momentum:
        return {}
    # average_t = m average_(t-1) + (1 - m) w_t, which begins at the weights of the first step
    share = momentum**steps
    if share > LARGEST_SHARE:
        most = LARGEST_SHARE ** (1 / steps)
        raise ConfigError(
            f"ema={momentum:g}: after the {steps:,} steps of this training the first weights would "
            f"still have a share of {share:.0%} in the averages; choose at most --ema "
            f"{np.floor(1000 * most) / 1000:g}, or more epochs"
        )
    return {"use_ema": True, "ema_momentum": momentum}


def steps_per_call(steps: int, batch_bytes: int, checkpoint_every: int | None = None) -> int:
    """Steps to compile into one call: equal parts of an epoch, each of few enough batches to
    stay small beside the model, and to end where a checkpoint is due."""
    most = min(max(1, CALL_BYTES // batch_bytes), checkpoint_every or steps)
    calls = -(-steps // most)
    return -(-steps // calls)
