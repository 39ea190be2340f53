"""VAE: encoder, posterior, sample, decoder and likelihood in one Keras model."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from keras import ops

from keras_vae.array_methods import ArrayMethods
from keras_vae.distributions import (
    LIKELIHOODS,
    POSTERIORS,
    PRIORS,
    DiagonalNormal,
    Likelihood,
    Posterior,
    StandardNormal,
    check_rate,
)
from keras_vae.distributions.table import from_table
from keras_vae.errors import ConfigError
from keras_vae.inputs import fitted, in_batches
from keras_vae.loop.trainer import Trainer
from keras_vae.networks.contract import check_examples, check_latents, check_network
from keras_vae.objectives import OBJECTIVES, Elbo, Objective
from keras_vae.sampling import Sampling, check_seed
from keras_vae.terms import Terms, has_exact_rate, rate

__all__ = ["VAE", "in_batches"]  # in_batches: what else cuts arrays as a VAE does

# What a VAE is made of, besides numbers: each is saved with it.
PARTS = ("encoder", "decoder", "likelihood", "prior", "posterior", "objective")


@keras.saving.register_keras_serializable(package="keras_vae")
class VAE(ArrayMethods, Trainer):  # type: ignore[misc]  # `fit` gives on what it is given
    """Variational autoencoder (Kingma & Welling 2014, arXiv:1312.6114).

    ```
    x --encoder--> (z_mean, z_log_var) --Sampling--> z --decoder--> p(x|z)
              rate = KL(q(z|x) || p(z))      distortion = -log p(x|z)
    elbo = -(distortion + rate)              loss = mean(distortion + beta * rate)
    ```

    `fit` minimises `loss`. `fit` and `evaluate` report `loss`, `elbo`, `distortion`, `rate`
    (means over examples, nats per example; the elbo has beta = 1 whatever the loss uses),
    `beta` and, where layers add penalties to the loss, `penalty`. `predict`, like calling the
    model, returns the reconstruction: the mean of p(x|z) at z = z_mean, without noise. What they
    take as x and y, one rule for all: see `KerasMethods`.

    Args:
        encoder: Keras model, x (batch, *event_shape) -> what `posterior` takes; of the diagonal
            normal the pair (z_mean, z_log_var), each (batch, d); z_log_var is the natural log of
            the VARIANCE.
        decoder: Keras model, z (batch, d) -> the likelihood's parameters
            (batch, *event_shape): logits for `"bernoulli"` and `"continuous_bernoulli"`, the
            mean for `"gaussian"`. No activation on the output.
        likelihood: a name in `keras_vae.LIKELIHOODS` or a `Likelihood`.
        prior: a name in `keras_vae.PRIORS` or a `Prior`, of weights of its own or without.
        posterior: a name in `keras_vae.POSTERIORS` or a `Posterior`: the family of q(z|x).
        objective: a name in `keras_vae.OBJECTIVES` or an `Objective`: what training minimises.
        beta: weight of the rate in the loss, at least 0. Kept in a variable: assign
            `vae.beta` to change it during training.
        free_nats: floor on each example's rate in the loss, nats, at least 0: below it a
            smaller rate is not rewarded (after Kingma et al. 2016, arXiv:1606.04934, who apply
            it to averages over the minibatch). An `Objective` that is given has its own.
        seed: integer seed of the sampling noise; None draws one.

    Attributes:
        protocol: what it was trained on, saved with it: `"data"`, the name, `"reading"`, as
            `Config.reading`, `"binarize"`, how they were made binary, and `"options"`, as
            `Config.to_dict`. `keras_vae.fit` writes it; None where nobody did.

    Raises:
        ConfigError: if beta or free_nats is negative, a name is unknown, a part is not of Keras 3,
            the encoder masks entries, the shapes of the parts do not fit together, or the
            registered KL(q(z|x) || p(z)) contradicts draws of z.
    """

    def __init__(
        self,
        encoder: keras.Layer,
        decoder: keras.Layer,
        likelihood: str | Likelihood = "bernoulli",
        prior: str | keras.Layer = "standard_normal",
        beta: float = 1.0,
        free_nats: float = 0.0,
        seed: int | None = None,
        posterior: str | Posterior = "diagonal_normal",
        objective: str | Objective = "elbo",
        **kwargs: Any,
    ) -> None:
        super().__init__(_objective(objective, free_nats), beta, **kwargs)
        check_seed(seed)
        check_network(encoder, "encoder")
        check_network(decoder, "decoder")
        self.encoder = encoder
        self.decoder = decoder
        self.likelihood = from_table(LIKELIHOODS, likelihood, "likelihood", Likelihood)
        self.prior = from_table(PRIORS, prior, "prior", keras.Layer)
        self.posterior_family = from_table(POSTERIORS, posterior, "posterior", Posterior)
        self.sampling = Sampling(seed, self.posterior_family, name="sampling")
        self.seed = seed
        self.protocol: dict[str, Any] | None = None
        self.event_shape = self.latent_dim = None
        if getattr(encoder, "input_shape", None) is not None:
            self.build(encoder.input_shape)

    def build(self, input_shape: Any) -> None:
        """Builds encoder and decoder for x of shape (batch, *event_shape) and checks shapes."""
        x = keras.KerasTensor(input_shape)
        latent_dim = self.posterior_family.latent_dim(self.posterior_parameters(x))
        z = keras.KerasTensor((input_shape[0], latent_dim))
        check_latents(z.shape, getattr(self.decoder, "input_shape", z.shape))
        shapes = self.likelihood.parameter_shapes(input_shape[1:])
        check_examples(input_shape, self.decoder(z), shapes)
        self.event_shape, self.latent_dim = tuple(input_shape[1:]), latent_dim
        self.built = True
        self(x)  # Keras exports only what has been called
        self.sampling.built = True
        if not self.prior.built:
            self.prior.build(z.shape)
        self._check_rate()

    def _check_rate(self) -> None:
        """Holds the KL of a prior or family that is not the package's own against draws."""
        family, prior = self.posterior_family, self.prior
        if not callable(getattr(prior, "distribution", None)):
            raise ConfigError(
                f"prior {type(prior).__name__}: expected a layer that defines "
                f"distribution(latent_dim)"
            )
        if type(family) is DiagonalNormal and type(prior) is StandardNormal:
            return
        if type(family) is DiagonalNormal:
            # three posteriors, of means -1, 0, 1 and standard deviations 0.6, 1, 1.6
            steps = tf.range(-1.0, 2.0)[:, None] * tf.ones([self.latent_dim])
            q = family.distribution((steps, steps))
        else:
            q = self.posterior(np.random.default_rng(0).random((3, *self.event_shape), "float32"))
        check_rate(q, prior.distribution(self.latent_dim), self.latent_dim)

    @property
    def has_exact_rate(self) -> bool:
        """Whether KL(q(z|x) || p(z)) is known in closed form; otherwise it is estimated from z."""
        q = self.posterior(tf.zeros((1, *self.event_shape)))
        return has_exact_rate(q, self.prior.distribution(self.latent_dim))

    # ---- the model ---------------------------------------------------------------------

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
        x = ops.cast(fitted(x, self.event_shape), "float32")
        outputs = self.encoder(x, training=training)
        self.posterior_family.check(outputs)
        return self.posterior_family(outputs)

    def posterior(self, x: Any, training: bool = False) -> tfp.distributions.Distribution:
        """q(z|x) of one batch: a `tfd.Distribution` of batch shape (batch,), event shape (d,)."""
        return self.posterior_family.distribution(self.posterior_parameters(x, training))

    def call(self, x: Any, training: bool = False) -> tf.Tensor:
        """The reconstruction: the mean of p(x|z) at z = z_mean, (batch, *event_shape)."""
        z_mean, _ = self.posterior_family.moments(self.posterior_parameters(x, training))
        return self.likelihood(self.decoder(z_mean, training=training))

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
        check_seed(seed, keras.random.SeedGenerator)
        return self._terms(self.as_examples(x), training, seed)

    def _terms(self, x: Any, training: bool, seed: Any) -> Terms:
        x = ops.cast(fitted(x, self.event_shape), "float32")
        parameters = self.posterior_parameters(x, training)
        posterior = self.posterior_family.distribution(parameters)  # q(z|x)
        prior = self.prior.distribution(self.latent_dim)  # p(z)
        samples = self.objective.samples  # K
        z = self.sampling(parameters, seed=seed, samples=samples)  # z_k ~ q(z|x)
        z = ops.reshape(z, (-1, self.latent_dim))  # (K * batch, d)
        of_decoder = self.decoder(z, training=training)
        log_likelihood = self.likelihood.log_prob(_repeated(x, samples), of_decoder)
        z = ops.reshape(z, (samples, -1, self.latent_dim))
        return Terms(
            log_likelihood=tf.reshape(log_likelihood, tf.shape(z)[:2]),  # log p(x|z_k)
            rate=rate(posterior, prior, z),
            z=z,
            posterior=posterior,
            prior=prior,
        )

    # ---- saving ------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        own = {"posterior": self.posterior_family}
        parts = {
            name: keras.saving.serialize_keras_object(own.get(name) or getattr(self, name))
            for name in PARTS
        }
        return {
            **super().get_config(),
            **parts,
            "beta": self.beta,
            "seed": self.seed,
            "protocol": None if self.protocol is None else dict(self.protocol),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "VAE":
        config = dict(config)
        for name in PARTS:
            if name in config:  # older files have no posterior and no objective
                config[name] = keras.saving.deserialize_keras_object(config[name], custom_objects)
        protocol = config.pop("protocol", None)  # older files have none
        vae = cls(**config)
        vae.protocol = protocol
        return vae


def _objective(objective: str | Objective, free_nats: float) -> Objective:
    """The objective of a name, with its free nats, or the one that is given."""
    if objective == "elbo":
        return Elbo(free_nats)
    if free_nats:
        raise ConfigError(
            f"free_nats={free_nats!r} beside objective={objective!r}: they are a part of the "
            f"objective; give Elbo(free_nats=...), or leave one of the two out"
        )
    return from_table(OBJECTIVES, objective, "objective", Objective)


def _repeated(x: tf.Tensor, times: int) -> tf.Tensor:
    """(batch, ...) -> (times * batch, ...), all of x again and again."""
    return x if times == 1 else ops.tile(x, (times, *[1] * (len(x.shape) - 1)))
