"""VAE: encoder, sample, decoder and likelihood in one Keras model."""

from numbers import Integral

import keras
import numpy as np
from keras import ops

from keras_vae import elbo as bound
from keras_vae.data import as_array
from keras_vae.distributions import (
    LIKELIHOODS,
    PRIORS,
    Z_LOG_VAR_RANGE,
    Likelihood,
    check_prior,
    normal_posterior,
    soft_bound,
)
from keras_vae.distributions.table import from_table
from keras_vae.errors import ConfigError, DataError
from keras_vae.inputs import KerasMethods, fitted, in_batches
from keras_vae.networks.contract import (
    check_examples,
    check_latents,
    check_network,
    posterior_pair,
)
from keras_vae.sampling import Sampling, check_seed
from keras_vae.trainer import Trainer

__all__ = ["VAE", "in_batches"]


@keras.saving.register_keras_serializable(package="keras_vae")
class VAE(KerasMethods, Trainer):
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
        encoder: Keras model, x (batch, *event_shape) -> pair (z_mean, z_log_var), each
            (batch, d); z_log_var is the natural log of the VARIANCE.
        decoder: Keras model, z (batch, d) -> the likelihood's parameters
            (batch, *event_shape): logits for `"bernoulli"` and `"continuous_bernoulli"`, the
            mean for `"gaussian"`. No activation on the output.
        likelihood: a name in `keras_vae.LIKELIHOODS` or a `Likelihood`.
        prior: a name in `keras_vae.PRIORS` or a prior layer.
        beta: weight of the rate in the loss, at least 0. Kept in a variable: assign
            `vae.beta` to change it during training.
        free_nats: floor on each example's rate in the loss, nats, at least 0: below it a
            smaller rate is not rewarded (after Kingma et al. 2016, arXiv:1606.04934, who apply
            it to averages over the minibatch).
        seed: integer seed of the sampling noise; None draws one.

    Attributes:
        protocol: what it was trained on, saved with it: `"data"`, the name, `"reading"`, as
            `Config.reading`, `"binarize"`, how they were made binary, and `"options"`, as
            `Config.to_dict`. `keras_vae.fit` writes it; None where nobody did.

    Raises:
        ConfigError: if beta or free_nats is negative, a name is unknown, a part is not of Keras 3,
            the encoder masks entries, the shapes of encoder and decoder do not fit together, or
            KL(q(z|x) || p(z)) is not known for the prior.
    """

    def __init__(
        self,
        encoder,
        decoder,
        likelihood="bernoulli",
        prior="standard_normal",
        beta=1.0,
        free_nats=0.0,
        seed=None,
        **kwargs,
    ):
        super().__init__(beta, free_nats, **kwargs)
        check_seed(seed)
        check_network(encoder, "encoder")
        check_network(decoder, "decoder")
        self.encoder = encoder
        self.decoder = decoder
        self.likelihood = from_table(LIKELIHOODS, likelihood, "likelihood", Likelihood)
        self.prior = from_table(PRIORS, prior, "prior", keras.Layer)
        self.sampling = Sampling(seed, name="sampling")
        self.seed = seed
        self.protocol = None
        self.event_shape = self.latent_dim = None
        if getattr(encoder, "input_shape", None) is not None:
            self.build(encoder.input_shape)

    def build(self, input_shape):
        """Builds encoder and decoder for x of shape (batch, *event_shape) and checks shapes."""
        z_mean, _ = self.posterior_parameters(keras.KerasTensor(input_shape))
        z = keras.KerasTensor(z_mean.shape)
        check_latents(z.shape, getattr(self.decoder, "input_shape", z.shape))
        check_examples(input_shape, self.decoder(z))
        self.event_shape, self.latent_dim = tuple(input_shape[1:]), z.shape[-1]
        self.built = True
        self(keras.KerasTensor(input_shape))  # Keras exports only what has been called
        self.sampling([z, z])
        self.prior.build(z.shape)
        check_prior(self.prior, self.latent_dim)

    # ---- the model ---------------------------------------------------------------------

    def posterior_parameters(self, x, training=False):
        """The parameters of q(z|x) for one batch: (z_mean, z_log_var), float32 (batch, d).

        z_log_var is the natural log of the variance, kept in `Z_LOG_VAR_RANGE` smoothly.

        Raises:
            ConfigError: if the encoder does not output two tensors of shape (batch, d).
            DataError: if x has another shape.
        """
        x = ops.cast(fitted(x, self.event_shape), "float32")
        z_mean, z_log_var = posterior_pair(self.encoder(x, training=training))
        return z_mean, soft_bound(z_log_var, *Z_LOG_VAR_RANGE)

    def call(self, x, training=False):
        """The reconstruction: the mean of p(x|z) at z = z_mean, (batch, *event_shape)."""
        z_mean, _ = self.posterior_parameters(x, training)
        return self.likelihood(self.decoder(z_mean, training=training))

    def terms(self, x, training=False, seed=None):
        """The two terms of the evidence lower bound at one z ~ q(z|x) an example.

        Args:
            x: (batch, *event_shape), as in `fit`.
            training: passed to encoder and decoder.
            seed: of the noise: see `Sampling`.

        Returns:
            (distortion, rate): float32 tensors (batch,), nats. The rate is exact, the
            distortion a one-sample estimate without bias.

        Raises:
            DataError: as in `fit`.
        """
        check_seed(seed, keras.random.SeedGenerator)
        return self._terms(self.as_examples(x), training, seed)

    def _terms(self, x, training, seed):
        x = ops.cast(fitted(x, self.event_shape), "float32")
        z_mean, z_log_var = self.posterior_parameters(x, training)
        posterior = normal_posterior(z_mean, z_log_var)  # q(z|x)
        prior = self.prior.distribution(z_mean.shape[-1])  # p(z)
        z = self.sampling([z_mean, z_log_var], seed=seed)  # z ~ q(z|x)
        parameters = self.decoder(z, training=training)
        distortion = -self.likelihood.log_prob(x, parameters)  # p(x|z)
        return distortion, bound.rate(posterior, prior)

    # ---- arrays in, arrays out ----------------------------------------------------------

    def encode(self, x, batch_size=500):
        """The parameters of q(z|x) for any number of examples, in batches.

        Args:
            x: (N, *event_shape), an array or a stream, as in `fit`.
            batch_size: examples at a time; a stream has its own.

        Returns:
            (z_mean, z_log_var): float32 NumPy arrays (N, d); z_log_var is the natural log of
            the variance.

        Raises:
            DataError: as in `fit`.
        """
        parts = [self.posterior_parameters(batch) for batch in self.in_batches(x, batch_size)]
        z_mean, z_log_var = (np.concatenate(part) for part in zip(*parts, strict=True))
        return z_mean, z_log_var

    def decode(self, z, batch_size=500):
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

    def generate(self, count, seed=None, noise=False):
        """The means of p(x|z) for `count` draws z ~ p(z); one seed always draws the same.

        Args:
            count: at least 1.
            seed: integer; None draws others each time.
            noise: whether to draw x ~ p(x|z) in place of its mean, at the same z.

        Returns:
            float32 NumPy array (count, *event_shape).
        """
        if not isinstance(count, Integral) or count < 0:
            raise ConfigError(f"count={count!r}: expected a whole number of at least 0")
        check_seed(seed)
        if self.latent_dim is None:
            raise ConfigError("the VAE is not built: call it on a batch, or fit it, first")
        prior = self.prior.distribution(self.latent_dim)  # p(z)
        z = prior.sample(count, seed=None if seed is None else (seed, 0))
        if not noise:
            return self.decode(z)
        draws = []
        for i, batch in enumerate(in_batches(z, batch_size=500), start=1):
            distribution = self.likelihood.distribution(self.decoder(batch, training=False))
            draws.append(distribution.sample(seed=None if seed is None else (seed, i)))
        return np.concatenate(draws).astype("float32")

    # ---- saving ------------------------------------------------------------------------

    def get_config(self):
        parts = {
            name: keras.saving.serialize_keras_object(getattr(self, name))
            for name in ("encoder", "decoder", "likelihood", "prior")
        }
        return {
            **super().get_config(),
            **parts,
            "beta": self.beta,
            "free_nats": self.free_nats,
            "seed": self.seed,
            "protocol": None if self.protocol is None else dict(self.protocol),
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        for name in ("encoder", "decoder", "likelihood", "prior"):
            config[name] = keras.saving.deserialize_keras_object(config[name], custom_objects)
        protocol = config.pop("protocol", None)  # older files have none
        vae = cls(**config)
        vae.protocol = protocol
        return vae
