"""What a VAE makes of examples and latents in NumPy: encode, decode, generate, sample."""

from collections.abc import Callable, Iterator
from itertools import count as count_from
from numbers import Integral
from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.data import as_array
from keras_vae.data.given import count
from keras_vae.distributions import Posterior
from keras_vae.errors import ConfigError, DataError
from keras_vae.inputs import (
    KerasMethods,
    condition_of,
    fitted,
    in_batches,
    unexpected_condition,
)
from keras_vae.pairs import pairs_at_once
from keras_vae.sampling import check_seed
from keras_vae.terms import latent_rates
from keras_vae.traced import SEED, specs_of, traced_of

__all__ = ["ArrayMethods"]

PAIRS = 10_000  # of an example and a z that are decoded at once, at most


class ArrayMethods(KerasMethods):
    """Mixed into a VAE: arrays in, arrays out, in batches, without noise of training."""

    decoder_outputs: Callable[..., Any]
    log_weights: Callable[..., tf.Tensor]
    prior: Any  # a layer with `distribution(latent_dim)`
    posterior_family: Posterior
    latent_dim: Any  # an int; None until the model is built
    event_shape: Any  # a tuple of ints; None until then
    posterior_parameters: Callable[..., Any]
    posterior: Callable[..., Any]

    def encode(self, x: Any, batch_size: int = 500) -> tuple[np.ndarray, np.ndarray]:
        """Mean and log variance of each latent under q(z|x), for any number of examples.

        Args:
            x: (N, *event_shape), an array or a stream, as in `fit`.
            batch_size: examples at a time, at most; a stream has its own.

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

    def log_likelihood(
        self, x: Any, samples: int = 1000, seed: int = 0, batch_size: int = 100
    ) -> tuple[np.ndarray, np.ndarray]:
        """log p(x) from below: L_K = log 1/K sum_k w_k, w_k = p(x, z_k) / q(z_k|x), z_k ~ q(z|x).

        Burda, Grosse & Salakhutdinov 2016, arXiv:1509.00519: its mean rises with K towards
        log p(x). `keras_vae.evidence` says how far to trust it, and has what needs no trust.

        Args:
            x: (N, *event_shape), an array or a stream, as in `fit`.
            samples: K, at least 2.
            seed: integer; the noise of the model's own sampling layer is left alone.
            batch_size: examples at a time, at most; a stream has its own.

        Returns:
            (L_K, standard error): float64 NumPy arrays (N,), nats. The error is that of the delta
            method, and knows nothing of weights that were not seen.

        Raises:
            ConfigError: if `samples` is below 2, or one of the numbers is not whole.
            DataError: as in `fit`.
        """
        if not isinstance(samples, Integral) or samples < 2:
            raise ConfigError(f"samples={samples!r}: expected a whole number of at least 2")
        if not isinstance(seed, Integral):
            raise ConfigError(f"seed={seed!r}: expected a whole number")
        calls, parts = count_from(), []
        for batch in self.in_batches(x, batch_size):
            parameters = self.posterior_parameters(batch)
            chunk = max(pairs_at_once(self.event_shape, PAIRS) // count(batch), 1)
            sizes = [min(chunk, samples - done) for done in range(0, samples, chunk)]
            log_weights = self.log_weights_graph(specs_of(batch), specs_of(parameters))
            draws = [log_weights(batch, parameters, k, (seed, next(calls))) for k in sizes]
            log_w = np.concatenate(draws).astype("float64")
            bound = np.logaddexp.reduce(log_w) - np.log(samples)
            # var(log mean w) = var(w) / (K E[w]^2)
            error = np.std(np.exp(log_w - bound), axis=0, ddof=1) / np.sqrt(samples)
            parts.append((bound, error))
        bounds, errors = (np.concatenate(part) for part in zip(*parts, strict=True))
        return bounds, errors

    def log_weights_graph(self, x: Any, parameters: Any) -> Callable[..., tf.Tensor]:
        """`log_weights` as a graph of (x, parameters, samples, seed), traced once: see `traced_of`.

        Args:
            x, parameters: `tf.TensorSpec`s of them.
        """
        signature = [x, parameters, tf.TensorSpec((), "int32"), SEED]
        return traced_of(self, _log_weights, signature=signature)

    def decode(self, z: Any, batch_size: int = 500, condition: Any = None) -> np.ndarray:
        """The means of p(x|z) for any number of latents z (N, d), in batches.

        Args:
            z: (N, d).
            batch_size: latents at a time, at most.
            condition: of a conditional model: (N, *condition_shape), or one for all.

        Returns:
            float32 NumPy array (N, *event_shape).

        Raises:
            DataError: if z or the condition has another shape, or is not finite.
        """
        z = fitted(as_array(z, "z"), (self.latent_dim,) if self.latent_dim else None, "z")
        if not np.isfinite(z).all():
            raise DataError("z holds NaN or infinite values; decode finite latents only")
        outputs = self._decoder_outputs(z, batch_size, condition)
        return np.concatenate([self.likelihood(batch) for batch in outputs])

    def generate(self, count: int, seed: int | None = None, condition: Any = None) -> np.ndarray:
        """The means of p(x|z) for `count` draws z ~ p(z); one seed always draws the same.

        Args:
            count: at least 0.
            seed: integer; None draws others each time.
            condition: as for `decode`.

        Returns:
            float32 NumPy array (count, *event_shape).
        """
        return self.decode(self._draw_from_prior(count, seed), condition=condition)

    def sample(self, count: int, seed: int | None = None, condition: Any = None) -> np.ndarray:
        """Draws x ~ p(x|z), z ~ p(z), at the z of `generate` with the same seed.

        Args, Returns: as for `generate`.
        """
        draws = []
        z = self._draw_from_prior(count, seed)
        for i, outputs in enumerate(self._decoder_outputs(z, 500, condition), start=1):
            distribution = self.likelihood.distribution(outputs)
            draws.append(distribution.sample(seed=None if seed is None else (seed, i)))
        return np.concatenate(draws).astype("float32")

    def _decoder_outputs(self, z: Any, batch_size: int, condition: Any) -> Iterator[Any]:
        """The parameters of p(x|z) of each batch of z."""
        batch_size = pairs_at_once(self.event_shape or (), batch_size)
        shape = self.condition_shape
        if shape is None:
            if condition is not None:
                raise unexpected_condition()
            for batch in in_batches(z, batch_size):
                yield self.decoder_outputs(batch)
            return
        if condition is None:
            raise DataError(
                "this model is conditional: give condition=..., one for each z or one for all"
            )
        condition = as_array(condition, "condition")
        if tuple(condition.shape) == shape:  # one for all
            condition = np.broadcast_to(condition, (len(z), *shape))
        given = {"x": z, "condition": condition_of(condition, shape)}
        if len(given["condition"]) != len(z):
            raise DataError(
                f"{len(given['condition'])} conditions for {len(z)} z: give one for each, or one "
                f"for all"
            )
        for parts in in_batches(given, batch_size):
            yield self.decoder_outputs(parts["x"], parts["condition"])

    def _draw_from_prior(self, count: int, seed: int | None) -> tf.Tensor:
        if not isinstance(count, Integral) or count < 0:
            raise ConfigError(f"count={count!r}: expected a whole number of at least 0")
        check_seed(seed)
        if self.latent_dim is None:
            raise ConfigError("the VAE is not built: call it on a batch, or fit it, first")
        prior = self.prior.distribution(self.latent_dim)  # p(z)
        return prior.sample(count, seed=None if seed is None else (seed, 0))


def _log_weights(
    vae: ArrayMethods, x: Any, parameters: Any, samples: tf.Tensor, seed: tf.Tensor
) -> tf.Tensor:
    """log w, float32 (samples, batch): see `VAE.log_weights`."""
    return vae.log_weights(x, parameters, samples, seed)
