"""What a VAE computes: x -> q(z|x) -> z -> p(x|z) -> the terms of the bound."""

from dataclasses import replace
from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp
from keras import ops

from keras_vae.array_methods import ArrayMethods
from keras_vae.distributions import Likelihood, Posterior, with_mask
from keras_vae.inputs import parts_of, repeated
from keras_vae.loop import Trainer
from keras_vae.networks.joined_heads import JoinedHeads
from keras_vae.networks.named_inputs import call_network
from keras_vae.path import Path
from keras_vae.resampling import chosen_of, resampled
from keras_vae.sampling import Sampling, check_seed
from keras_vae.terms import Terms, has_exact_rate, rate

__all__ = ["Forward"]


class Forward(ArrayMethods, Trainer):  # type: ignore[misc]  # `fit` gives on what it is given
    """The computation of a `VAE`, which is made of these parts."""

    encoder: keras.Layer
    _joined: JoinedHeads  # the encoder as it is computed
    decoder: keras.Layer
    likelihood: Likelihood
    posterior_family: Posterior
    prior: Any  # a layer with `distribution(latent_dim)`
    sampling: Sampling

    @property
    def has_exact_rate(self) -> bool:
        """Whether KL(q(z|x) || p(z)) is known in closed form; otherwise it is estimated from z."""
        q = self.posterior(self._with_zeros(tf.zeros((1, *self.event_shape))))
        return has_exact_rate(q, self.prior.distribution(self.latent_dim))

    @property
    def free_nats(self) -> float:
        """The floor on each example's rate in the loss, nats; 0 where the objective has none."""
        return getattr(self.objective, "free_nats", 0.0)

    def posterior_parameters(self, x: Any, training: bool = False) -> Any:
        """The parameters of q(z|x) for one batch, as the posterior family has them: of the diagonal
        normal (z_mean, z_log_var), float32 (batch, d), z_log_var the natural log of the variance,
        kept in `Z_LOG_VAR_RANGE` smoothly.

        Raises:
            ConfigError: if the encoder does not output what the family takes.
            DataError: if x has another shape.
        """
        parts = parts_of(x, self.event_shape, self.condition_shape)
        if self._joined.encoder is not self.encoder:  # another has taken its place
            self._joined = JoinedHeads(self.encoder)
        outputs = self._joined(parts._asdict(), training)
        self.posterior_family.check(outputs)
        return self.posterior_family(outputs)

    def posterior(self, x: Any, training: bool = False) -> tfp.distributions.Distribution:
        """q(z|x) of one batch: a `tfd.Distribution` of batch shape (batch,), event shape (d,)."""
        return self.posterior_family.distribution(self.posterior_parameters(x, training))

    def call(self, x: Any, training: bool = False) -> tf.Tensor:
        """The reconstruction: the mean of p(x|z) at z = z_mean, (batch, *event_shape)."""
        z_mean, _ = self.posterior_family.moments(self.posterior_parameters(x, training))
        condition = parts_of(x, self.event_shape, self.condition_shape).condition
        return self.likelihood(self.decoder_outputs(z_mean, condition, training))

    def decoder_outputs(self, z: Any, condition: Any = None, training: bool = False) -> Any:
        """The parameters of p(x|z), as the likelihood takes them, for one batch of z (batch, d),
        and, of a conditional model, its conditions (batch, *condition_shape)."""
        return call_network(self.decoder, {"z": z, "condition": condition}, training)

    def conditional_log_prob(self, x: Any, z: tf.Tensor, training: bool = False) -> tf.Tensor:
        """log p(x|z) of each x with the z in its own row, float32 (batch,), nats: of the entries
        that were observed, and given the condition, where x has such parts."""
        parts = parts_of(x, self.event_shape, self.condition_shape)
        outputs = self.decoder_outputs(z, parts.condition, training)
        return with_mask(self.likelihood.log_prob, parts.x, outputs, mask=parts.mask)

    def log_weights(
        self, x: Any, parameters: Any, samples: int | tf.Tensor, seed: Any
    ) -> tf.Tensor:
        """log w_k = log p(x, z_k) - log q(z_k|x), z_k ~ q(z|x): what importance sampling averages.

        Args:
            x: float32 (batch, *event_shape), or a dictionary of such.
            parameters: of q(z|x), as `posterior_parameters` has them.
            samples: K.
            seed: of the noise: see `Sampling`.

        Returns:
            float32 (K, batch), nats.
        """
        return tf.transpose(self.weighted_draws(x, parameters, samples, seed)[1])

    def weighted_draws(
        self,
        x: Any,
        parameters: Any,
        samples: int | tf.Tensor,
        seed: Any,
        is_common: bool = False,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """z_k ~ q(z|x) and their `log_weights`.

        Args:
            x, parameters, samples, seed: as for `log_weights`.
            is_common: as for `Sampling`.

        Returns:
            (z, log w): float32 (batch * K, d), those of one example in a row, and (batch, K).
        """
        if is_common:  # (K, batch, d) -> (batch * K, d)
            z, log_posterior = self.sampling(
                parameters, seed=seed, samples=samples, is_common=True, with_log_prob=True
            )
            z = tf.reshape(tf.transpose(z, [1, 0, 2]), [-1, self.latent_dim])
            log_posterior = tf.reshape(tf.transpose(log_posterior), [-1])
        x, parameters = repeated((x, parameters), samples)
        if not is_common:
            z, log_posterior = self.sampling(parameters, seed=seed, with_log_prob=True)
        # log p(x, z) = log p(x|z) + log p(z)
        log_prior = self.prior.distribution(self.latent_dim).log_prob(z)
        log_w = self.conditional_log_prob(x, z) + log_prior - log_posterior
        return z, tf.reshape(log_w, [-1, samples])

    def terms(self, x: Any, training: bool = False, seed: Any = None) -> Terms:
        """The terms of the evidence lower bound at z ~ q(z|x), as many z as the objective takes.

        Args:
            x: (batch, *event_shape), as in `fit`.
            training: passed to encoder and decoder.
            seed: of the noise: see `Sampling`.

        Returns:
            `Terms`: `distortion`, an estimate without bias, `rate`, `elbo` and so on, float32
            tensors (batch,), nats.

        Raises:
            DataError: as in `fit`.
        """
        check_seed(seed, keras.random.SeedGenerator, tf.Tensor)
        return self._terms(self.as_examples(x), training, seed)

    def _terms(self, x: Any, training: bool, seed: Any) -> Terms:
        parameters = self.posterior_parameters(x, training)
        seed = self.sampling.next_seed(seed)
        draws = self._draws(parameters, seed)
        if not (training and self.objective.resampled):
            return self._terms_at(x, parameters, training, *draws)

        def again(weights: tf.Tensor) -> tuple[Terms, tf.Tensor]:
            offset = self.sampling.offsets(tf.shape(weights)[1], seed)
            rows = resampled(weights, self.objective.resampled, offset)
            chosen = [chosen_of(each, rows) for each in draws]
            return self._terms_at(x, parameters, training, *chosen), rows

        # the gradient takes the way through `again`
        held = [tf.stop_gradient(each) for each in draws]
        return replace(self._terms_at(x, parameters, training, *held), again=again)

    def _terms_at(
        self, x: Any, parameters: Any, training: bool, z: tf.Tensor, log_posterior: Any = None
    ) -> Terms:
        """The terms at z (K, batch, d), with log q(z|x), (K, batch), where it is not held."""
        posterior = self.posterior_family.distribution(parameters)  # q(z|x)
        prior = self.prior.distribution(self.latent_dim)  # p(z)
        path = Path()
        if self.objective.holds_posterior:
            z = path(z)
            held = tf.nest.map_structure(tf.stop_gradient, parameters)
            log_posterior = self.posterior_family.distribution(held).log_prob(z)
        flat = ops.reshape(z, (-1, self.latent_dim))  # (K * batch, d)
        log_likelihood = self.conditional_log_prob(_repeated(x, z.shape[0]), flat, training)
        return Terms(
            log_likelihood=tf.reshape(log_likelihood, tf.shape(z)[:2]),  # log p(x|z_k)
            rate=rate(posterior, prior, z, log_posterior),
            z=z,
            log_posterior=log_posterior,
            posterior=posterior,
            prior=prior,
            path=path,
        )

    def _draws(self, parameters: Any, seed: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """z_k ~ q(z|x), (K, batch, d), and, where it is not held, log q(z_k|x), (K, batch)."""
        samples = self.objective.samples
        shape = (samples, -1, self.latent_dim)
        if self.objective.holds_posterior:
            return (ops.reshape(self.sampling(parameters, seed=seed, samples=samples), shape),)
        z, log_posterior = self.sampling(parameters, seed=seed, samples=samples, with_log_prob=True)
        return ops.reshape(z, shape), ops.reshape(log_posterior, shape[:2])

    def _with_zeros(self, x: Any) -> Any:
        """x with a condition of zeros, where the model takes one."""
        if self.condition_shape is None:
            return x
        return {"x": x, "condition": tf.zeros((len(x), *self.condition_shape))}


def _repeated(x: Any, times: int) -> Any:
    """(batch, ...) -> (times * batch, ...), all of x again and again."""
    if times == 1:
        return x
    return keras.tree.map_structure(
        lambda part: ops.tile(part, (times, *[1] * (len(part.shape) - 1))), x
    )
