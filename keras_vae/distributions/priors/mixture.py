"""The prior p(z) = sum_k pi_k N(z; m_k, diag(s_k^2)), learned with the model."""

from typing import Any

import keras
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.bounds import soft_bound
from keras_vae.distributions.priors.base import Prior
from keras_vae.distributions.priors.normal_mixture import NormalMixture
from keras_vae.errors import check_count

__all__ = ["MixturePrior"]

LOG_SCALE_RANGE = (-7.0, 3.0)  # as z_log_var / 2 of a diagonal normal posterior


@keras.saving.register_keras_serializable(package="keras_vae")
class MixturePrior(Prior):
    """A mixture of diagonal normals: weights, means and scales are trained with the networks.

    The means start at draws of N(0, I), the scales at 1, the weights equal.

    Args:
        components: K, at least 1.
        seed: integer, of the means.
    """

    def __init__(self, components: int = 500, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.components = check_count("components", components)
        self.seed = seed

    def build(self, input_shape: Any) -> None:
        shape = (self.components, input_shape[-1])
        means = keras.initializers.RandomNormal(stddev=1.0, seed=self.seed)
        self.logits = self.add_weight(name="logits", shape=shape[:1], initializer="zeros")
        self.means = self.add_weight(name="means", shape=shape, initializer=means)
        self.log_scales = self.add_weight(name="log_scales", shape=shape, initializer="zeros")
        self.built = True

    def distribution(self, latent_dim: int) -> tfd.Distribution:
        """p(z) over `latent_dim` latents, a `NormalMixture`."""
        logits, means, log_scales = map(
            tf.convert_to_tensor, (self.logits, self.means, self.log_scales)
        )
        return NormalMixture(logits, means, tf.exp(soft_bound(log_scales, *LOG_SCALE_RANGE)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "components": self.components, "seed": self.seed}
