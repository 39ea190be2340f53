"""What a VAE makes of examples and latents in NumPy: encode, decode, generate, sample."""

from collections.abc import Callable
from numbers import Integral
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_vae.data import as_array
from keras_vae.distributions import Posterior
from keras_vae.errors import ConfigError, DataError
from keras_vae.inputs import KerasMethods, fitted, in_batches
from keras_vae.sampling import check_seed
from keras_vae.terms import latent_rates

__all__ = ["ArrayMethods"]


class ArrayMethods(KerasMethods):
    """Mixed into a VAE: arrays in, arrays out, in batches, without noise of training."""

    decoder: keras.Layer
    prior: Any  # a layer with `distribution(latent_dim)`
    posterior_family: Posterior
    latent_dim: Any  # an int; None until the model is built
    posterior_parameters: Callable[..., Any]
    posterior: Callable[..., Any]

    def encode(self, x: Any, batch_size: int = 500) -> tuple[np.ndarray, np.ndarray]:
        """Mean and log variance of each latent under q(z|x), for any number of examples.

        Args:
            x: (N, *event_shape), an array or a stream, as in `fit`.
            batch_size: examples at a time; a stream has its own.

        Returns:
            (z_mean, z_log_var): float32 NumPy arrays (N, d); z_log_var is the natural log of
            the variance. Of a diagonal normal they are all of q(z|x).

        Raises:
            DataError: as in `fit`.
        """
        parts = [
            self.posterior_family.moments(self.posterior_parameters(batch))
            for batch in self.in_batches(x, batch_size)
        ]
        z_mean, z_log_var = (np.concatenate(part) for part in zip(*parts, strict=True))
        return z_mean, z_log_var

    def latent_rates(self, x: Any, batch_size: int = 500) -> np.ndarray:
        """The rate of each latent, KL(q(z_j|x) || p(z_j)), for any number of examples.

        Returns:
            float32 NumPy array (N, d), nats.

        Raises:
            DoesNotApply: where latents are not independent under q(z|x) and p(z).
        """
        prior = self.prior.distribution(self.latent_dim)  # p(z)
        batches = self.in_batches(x, batch_size)
        return np.concatenate([latent_rates(self.posterior(batch), prior) for batch in batches])

    def decode(self, z: Any, batch_size: int = 500) -> np.ndarray:
        """The means of p(x|z) for any number of latents z (N, d), in batches.

        Returns:
            float32 NumPy array (N, *event_shape).

        Raises:
            DataError: if z has another width, or is not finite.
        """
        z = fitted(as_array(z, "z"), (self.latent_dim,) if self.latent_dim else None, "z")
        if not np.isfinite(z).all():
            raise DataError("z holds NaN or infinite values; decode finite latents only")
        parts = [
            self.likelihood(self.decoder(batch, training=False))
            for batch in in_batches(z, batch_size)
        ]
        return np.concatenate(parts)

    def generate(self, count: int, seed: int | None = None) -> np.ndarray:
        """The means of p(x|z) for `count` draws z ~ p(z); one seed always draws the same.

        Args:
            count: at least 0.
            seed: integer; None draws others each time.

        Returns:
            float32 NumPy array (count, *event_shape).
        """
        return self.decode(self._draw_from_prior(count, seed))

    def sample(self, count: int, seed: int | None = None) -> np.ndarray:
        """Draws x ~ p(x|z), z ~ p(z), at the z of `generate` with the same seed.

        Args, Returns: as for `generate`.
        """
        draws = []
        z = self._draw_from_prior(count, seed)
        for i, batch in enumerate(in_batches(z, batch_size=500), start=1):
            distribution = self.likelihood.distribution(self.decoder(batch, training=False))
            draws.append(distribution.sample(seed=None if seed is None else (seed, i)))
        return np.concatenate(draws).astype("float32")

    def _draw_from_prior(self, count: int, seed: int | None) -> tf.Tensor:
        if not isinstance(count, Integral) or count < 0:
            raise ConfigError(f"count={count!r}: expected a whole number of at least 0")
        check_seed(seed)
        if self.latent_dim is None:
            raise ConfigError("the VAE is not built: call it on a batch, or fit it, first")
        prior = self.prior.distribution(self.latent_dim)  # p(z)
        return prior.sample(count, seed=None if seed is None else (seed, 0))
