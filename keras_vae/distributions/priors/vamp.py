"""The prior p(z) = 1/K sum_k q(z|u_k), u_k learned: the VampPrior."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.posteriors import DiagonalNormal, Posterior
from keras_vae.distributions.priors.base import Prior
from keras_vae.distributions.priors.normal_mixture import NormalMixture
from keras_vae.errors import ConfigError, check_count

__all__ = ["VampPrior"]

CLOSEST = 0.02  # to the ends of the range that a start may be, as a share of it


@keras.saving.register_keras_serializable(package="keras_vae")
class VampPrior(Prior):
    """The mean of q(z|u_k) over K pseudo-inputs u_k (Tomczak & Welling 2018, arXiv:1705.07120).

    The best prior for the ELBO is the mean of q(z|x) over the data; this is that of K inputs which
    are trained with the networks, and through the encoder. They stay within the range of the data:
    u = low + (high - low) sigmoid(a), a learned.

    Args:
        components: K, at least 1.
        low, high: the range of x, numbers or arrays (*event_shape).
        seed: integer, of where the pseudo-inputs start without `start_at`.
    """

    def __init__(
        self,
        components: int = 500,
        low: Any = 0.0,
        high: Any = 1.0,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.components = check_count("components", components)
        self.low, self.high = (np.asarray(each, "float32") for each in (low, high))
        self.seed = seed
        self._posterior: Callable[[Any], tuple[Posterior, Any]] | None = None

    def attach(self, family: Posterior, parameters: Callable[[Any], Any], event_shape: Any) -> None:
        if not family.has_cheap_log_prob:
            raise ConfigError(
                f"a VampPrior needs log q(z|u_k) of z that other inputs have made, for which "
                f"{type(family).__name__} takes as many passes as there are latents; choose "
                f"posterior diagonal or full, or another prior"
            )
        self._posterior = lambda u: (family, parameters(u))
        if not self.built:
            start = keras.initializers.RandomNormal(stddev=0.5, seed=self.seed)
            self.inputs = self.add_weight(
                name="pseudo_inputs", shape=(self.components, *event_shape), initializer=start
            )
            self.built = True

    def start_at(self, x: Any) -> None:
        """Sets the pseudo-inputs to examples, moved just inside the range.

        Args:
            x: (N, *event_shape), of which `components` are drawn, again and again if N is less.
        """
        rng = np.random.default_rng(self.seed)
        rows = rng.permutation(np.resize(rng.permutation(len(x)), self.components))
        width = np.where(self.high > self.low, self.high - self.low, 1)
        share = np.clip((np.asarray(x)[rows] - self.low) / width, CLOSEST, 1 - CLOSEST)
        self.inputs.assign(np.log(share) - np.log1p(-share))

    @property
    def pseudo_inputs(self) -> tf.Tensor:
        """u_k, float32 (K, *event_shape)."""
        return self.low + (self.high - self.low) * ops.sigmoid(self.inputs)

    def distribution(self, latent_dim: int) -> tfd.Distribution:
        """p(z) over `latent_dim` latents; of diagonal normals a `NormalMixture`."""
        if self._posterior is None:
            raise ConfigError("a VampPrior is a part of a VAE: pass it as VAE(prior=...)")
        family, parameters = self._posterior(self.pseudo_inputs)
        equal = tf.zeros(self.components)
        if isinstance(family, DiagonalNormal):
            z_mean, z_log_var = parameters
            return NormalMixture(equal, z_mean, tf.exp(z_log_var / 2))
        return tfd.MixtureSameFamily(tfd.Categorical(logits=equal), family.distribution(parameters))

    def get_config(self) -> dict[str, Any]:
        bounds = {"low": self.low.tolist(), "high": self.high.tolist()}
        own = {"components": self.components, "seed": self.seed, **bounds}
        return {**super().get_config(), **own}
