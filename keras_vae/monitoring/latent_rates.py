"""What each latent carries, among the figures of every epoch."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_vae.aliases import Logs
from keras_vae.data import count
from keras_vae.distributions import DiagonalNormal, StandardNormal
from keras_vae.errors import ConfigError, DoesNotApply
from keras_vae.measures import active_units
from keras_vae.monitoring.epochs import checked_every, is_due
from keras_vae.terms import latent_rates

__all__ = ["LatentRates"]


class LatentRates(keras.callbacks.Callback):
    """Puts the rate of each latent, and how many are active, into the `logs` of each epoch.

    `rate_latent_0`, `rate_latent_1`, ... are the means over x of KL(q(z_j|x) || p(z_j)), nats;
    for a prior that is independent over latents their sum is the rate of the same examples. Where
    latents have no rate of their own, because q(z|x) or p(z) ties them together, there are none.
    `active_units` counts the latents with Var_x(E_q(z|x)[z_j]) > 0.01 (Burda, Grosse &
    Salakhutdinov 2016, arXiv:1509.00519, section 5.2).

    List it before the callbacks that record `logs`. The weights are those of the end of the epoch,
    and nothing random is drawn. A posterior that is not finite has NaN for its figures.

    Args:
        x: (N, *event_shape), the fixed examples to look at, as the model sees them, at least 2; or
            a dictionary of them as in `fit`.
        every: epochs between two looks, at least 1. The first and the last epoch are always
            looked at, and the figures of a look are repeated until the next, so that every epoch
            has the same names: `CSVLogger` takes its columns from the first.
        encode: for a model that is not a `VAE`, a function x -> (z_mean, z_log_var), each (N, d);
            the prior is N(0, I) then.

    Raises:
        ConfigError: if there are fewer than 2 examples, or `every` is out of its range.
    """

    def __init__(
        self, x: Any, every: int = 1, encode: Callable[[Any], tuple[Any, Any]] | None = None
    ) -> None:
        super().__init__()
        if count(x) < 2:
            raise ConfigError(
                f"LatentRates of {count(x)} examples: a latent is active if it varies over "
                f"examples; pass at least 2, better some hundreds"
            )
        self.x, self.every, self._encode = x, checked_every(every), encode
        self._figures: dict[str, float] | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self._figures = None  # figures of an earlier fit do not belong to this one

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self._figures is None or is_due(self, epoch):
            self._figures = self._look()
        logs.update(self._figures)

    def _look(self) -> dict[str, float]:
        if self._encode is None:
            z_mean, _ = self.model.encode(self.x)
            try:
                rates = self.model.latent_rates(self.x)
            except DoesNotApply:
                rates = np.empty((1, 0))
        else:
            z_mean, z_log_var = (np.asarray(v, "float32") for v in self._encode(self.x))
            posterior = DiagonalNormal().distribution((z_mean, z_log_var))  # q(z|x)
            prior = StandardNormal().distribution(z_mean.shape[1])  # p(z)
            rates = latent_rates(posterior, prior)
        rates = np.mean(rates, axis=0, dtype="float64")
        # NaN is not above any threshold, and would pass for a latent that is not active
        active = np.sum(active_units(z_mean)) if np.isfinite(z_mean).all() else np.nan
        figures = {f"rate_latent_{j}": float(rate) for j, rate in enumerate(rates)}
        return {**figures, "active_units": float(active)}
