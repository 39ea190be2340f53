"""The reparameterisation, z as a function of noise, as a Keras layer."""

import math
from numbers import Integral
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from keras_vae.distributions import DiagonalNormal, Posterior
from keras_vae.errors import ConfigError
from keras_vae.replicas import own_rows, replica_count

__all__ = ["Sampling", "check_seed"]

# Added to the first integer of a seed: draws that have nothing to do with its noise.
OTHER_STREAM = 2**40


@keras.saving.register_keras_serializable(package="keras_vae")
class Sampling(keras.layers.Layer):
    """Draws z ~ q(z|x) so that gradients reach the parameters of q.

    z = z_mean + exp(z_log_var / 2) * epsilon, epsilon ~ N(0, I)
    (Kingma & Welling 2014, arXiv:1312.6114, section 2.4), or what another family of posteriors
    makes of epsilon. Always computed in float32.

    Args:
        seed: integer seed of the layer's own `SeedGenerator`; None draws one.
        posterior: the `Posterior` whose `transform` makes z of epsilon; None: `DiagonalNormal`.

    Call arguments:
        inputs: the parameters of q(z|x), as `posterior` has them; of the diagonal normal the pair
            of `z_mean` and `z_log_var`, each (batch, d); `z_log_var` is the natural log of the
            VARIANCE.
        seed: what to draw by in place of the layer's own `SeedGenerator`, so that an evaluation
            can be repeated without touching the noise of training: another one; an integer,
            which draws the same at every call; or an int64 tensor [integer, k], which draws what
            a generator of that integer draws at its call k, from 0 on.
        samples: K, draws of z an example.
        is_common: whether epsilon is the same for all examples, so that the z of one does not
            depend on those beside it.
        with_log_prob: whether log q(z|x) is returned too.

    Returns:
        float32 tensor (batch, d), or for K above 1, or `is_common`, (K, batch, d), new noise at
        every call; `with_log_prob` the pair of it and log q(z|x), nats, of its shape without d.
    """

    def __init__(
        self, seed: int | None = None, posterior: Posterior | None = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        family = posterior or DiagonalNormal()
        # the functions alone: a family's weights are those of the model that it is a part of
        self._family = family.transform, family.draw, family.latent_dim

    def call(
        self,
        inputs: Any,
        seed: Any = None,
        samples: int = 1,
        is_common: bool = False,
        with_log_prob: bool = False,
    ) -> Any:
        transform, draw, latent_dim = self._family
        seed = self.next_seed(seed)
        batch = ops.shape(keras.tree.flatten(inputs)[0])[0]
        d = latent_dim(inputs)
        if is_common:
            epsilon = ops.repeat(_standard_normal((samples, d), seed)[:, None], batch, axis=1)
            return (draw if with_log_prob else transform)(inputs, epsilon)
        # One draw for the whole batch, of which each replica takes its rows.
        shape = (batch * replica_count(), d * samples)
        epsilon = own_rows(_standard_normal(shape, seed))
        if samples > 1:  # (batch, K * d) -> (K, batch, d)
            epsilon = ops.stack(ops.split(epsilon, samples, axis=1))
        return (draw if with_log_prob else transform)(inputs, epsilon)

    def next_seed(self, seed: Any = None) -> tf.Tensor:
        """The pair of integers of one draw, from a `seed` as in a call, or from itself."""
        if isinstance(seed, Integral):
            return ops.convert_to_tensor([seed, 0], "int64")  # as a generator begins
        if tf.is_tensor(seed):
            return seed
        return (self.seed_generator if seed is None else seed).next()

    def offsets(self, batch: Any, seed: tf.Tensor) -> tf.Tensor:
        """u ~ U[0, 1) of each example, float32 (batch,), beside the noise of the same seed."""
        other = tf.cast(seed, "int64") + tf.constant([OTHER_STREAM, 0], "int64")
        bits = tf.random.stateless_uniform((batch * replica_count(),), other, None, None, tf.uint32)
        return own_rows(ops.cast(bits // 2**9, "float32")) / 2**23

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}


def check_seed(seed: Any, *kinds: type) -> None:
    """Refuses a `seed` that is not an integer, None, or of one of `kinds`.

    Raises:
        ConfigError: with what was expected.
    """
    if not (seed is None or isinstance(seed, (Integral, *kinds))):
        names = ", ".join(["an integer", *(kind.__name__ for kind in kinds)])
        raise ConfigError(f"seed={seed!r}: expected {names} or None")


def _standard_normal(shape: tuple[Any, int], seed: tf.Tensor) -> tf.Tensor:
    """Draws from N(0, 1), the same with and without XLA but for rounding, up to 5.7 in size.

    TensorFlow's own normal draws differ between the two; its random bits do not.
    """
    # The same bits as 32 at a time, in half the time under XLA.
    pairs = tf.random.stateless_uniform(shape, seed, None, None, tf.uint64)
    bits = tf.reshape(tf.bitcast(pairs, tf.uint32), (2, *shape))
    u_1, u_2 = ops.unstack((ops.cast(bits // 2**9, "float32") + 0.5) / 2**23)  # in (0, 1)
    # epsilon = sqrt(-2 ln u_1) cos(2 pi u_2)  (Box & Muller 1958)
    return ops.sqrt(-2 * ops.log(u_1)) * ops.cos(2 * math.pi * u_2)
