"""VAE: encoder, posterior, sample, decoder and likelihood in one Keras model."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_vae.distributions import (
    LIKELIHOODS,
    POSTERIORS,
    PRIORS,
    DiagonalNormal,
    Likelihood,
    Posterior,
    Prior,
    StandardNormal,
    check_rate,
)
from keras_vae.distributions.table import from_table
from keras_vae.errors import ConfigError
from keras_vae.forward import Forward
from keras_vae.inputs import in_batches, parts_of
from keras_vae.networks.contract import check_examples, check_latents, check_network
from keras_vae.networks.joined_heads import JoinedHeads
from keras_vae.networks.named_inputs import (
    DECODER_INPUTS,
    ENCODER_INPUTS,
    condition_shape,
    named_inputs,
)
from keras_vae.objectives import OBJECTIVES, Elbo, Objective
from keras_vae.sampling import Sampling, check_seed

__all__ = ["VAE", "in_batches"]  # in_batches: what else cuts arrays as a VAE does

# What a VAE is made of, besides numbers: each is saved with it.
PARTS = ("encoder", "decoder", "likelihood", "prior", "posterior", "objective")


@keras.saving.register_keras_serializable(package="keras_vae")
class VAE(Forward):
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
            the VARIANCE. Or a model on a dictionary of inputs: `x`, and as it needs them `mask`
            and `condition`.
        decoder: Keras model, z (batch, d) -> the likelihood's parameters
            (batch, *event_shape): logits for `"bernoulli"` and `"continuous_bernoulli"`, the
            mean for `"gaussian"`. No activation on the output. Or a model on a dictionary of two
            inputs, `z` and `condition`: then the VAE is conditional, p(x|z, condition), and x is
            given as a dictionary (see `KerasMethods`).
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
        prior: str | keras.Layer = "standard",
        beta: float = 1.0,
        free_nats: float = 0.0,
        seed: int | None = None,
        posterior: str | Posterior = "diagonal",
        objective: str | Objective = "elbo",
        **kwargs: Any,
    ) -> None:
        super().__init__(_objective(objective, free_nats), beta, **kwargs)
        check_seed(seed)
        check_network(encoder, "encoder", ENCODER_INPUTS)
        check_network(decoder, "decoder", DECODER_INPUTS)
        self.condition_shape = condition_shape(encoder, decoder)
        self.encoder = encoder
        self._joined = JoinedHeads(encoder)
        self.decoder = decoder
        self.likelihood = from_table(LIKELIHOODS, likelihood, "likelihood", Likelihood)
        self.prior = from_table(PRIORS, prior, "prior", keras.Layer)
        self.posterior_family = from_table(POSTERIORS, posterior, "posterior", Posterior)
        self.sampling = Sampling(seed, self.posterior_family, name="sampling")
        self._check_objective()
        self.seed = seed
        self.protocol: dict[str, Any] | None = None
        self.event_shape = self.latent_dim = None
        inputs = named_inputs(encoder) or {}
        shape = inputs.get("x", getattr(encoder, "input_shape", None))
        if shape is not None:
            self.build(shape)

    def build(self, input_shape: Any) -> None:
        """Builds encoder and decoder for x of shape (batch, *event_shape) and checks shapes."""
        if isinstance(input_shape, dict):
            input_shape = input_shape["x"]
        x = self._symbolic(input_shape)
        latent_dim = self.posterior_family.latent_dim(self.posterior_parameters(x))
        z = keras.KerasTensor((input_shape[0], latent_dim))
        of_decoder = named_inputs(self.decoder) or {}
        taken = of_decoder.get("z", getattr(self.decoder, "input_shape", z.shape))
        check_latents(z.shape, taken)
        shapes = self.likelihood.parameter_shapes(input_shape[1:])
        check_examples(input_shape, self.decoder_outputs(z, parts_of(x, None).condition), shapes)
        self.event_shape, self.latent_dim = tuple(input_shape[1:]), latent_dim
        self.built = True
        self(x)  # Keras exports only what has been called
        self.sampling.built = True
        if isinstance(self.prior, Prior):
            self.prior.attach(self.posterior_family, self._parameters_of_x, self.event_shape)
        if not self.prior.built:
            self.prior.build(z.shape)
        self._check_rate()

    def _parameters_of_x(self, x: Any) -> Any:
        """The parameters of q(z|x) of x alone, for a prior that is made of them."""
        if self.condition_shape is not None or "mask" in (named_inputs(self.encoder) or {}):
            raise ConfigError(
                f"{type(self.prior).__name__} is made of q(z|x) of inputs that it learns, and "
                f"learns neither conditions nor masks; choose another prior for this encoder"
            )
        return self.posterior_parameters(x)

    def _symbolic(self, shape: Any) -> Any:
        """x of a shape, before there are values."""
        x = keras.KerasTensor(shape)
        if self.condition_shape is None:
            return x
        return {"x": x, "condition": keras.KerasTensor((shape[0], *self.condition_shape))}

    def _check_objective(self) -> None:
        if self.objective.holds_posterior and not self.posterior_family.has_cheap_log_prob:
            raise ConfigError(
                f"gradient={getattr(self.objective, 'gradient', None)!r} holds the parameters of "
                f"q(z|x), which {type(self.posterior_family).__name__} cannot; choose gradient "
                f"plain, or posterior diagonal or full"
            )

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
            x = np.random.default_rng(0).random((3, *self.event_shape), "float32")
            q = self.posterior(self._with_zeros(x))
        check_rate(q, prior.distribution(self.latent_dim), self.latent_dim)

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
