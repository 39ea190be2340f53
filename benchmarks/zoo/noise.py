"""Defects of the reparameterisation."""

import keras
import tensorflow as tf
from keras import ops

from keras_vae.diagnosis import of_vae
from keras_vae.distributions import normal_posterior
from keras_vae.sampling import Sampling
from zoo.loss import TOO_LITTLE, TOO_MUCH
from zoo.specimen import injector
from zoo.train import healthy, subject

__all__ = []

CONSEQUENCES = (
    "noise_scale_wrong",
    "bound_estimator_wrong",
    *TOO_LITTLE,
    *TOO_MUCH,
    "loss_jumps",
    "lattice_data_under_density",
)


class WrongSampling(Sampling):
    """z = z_mean + scale(z_log_var) * epsilon with noise of one's own making."""

    def __init__(self, noise, scale=lambda z_log_var: ops.exp(z_log_var / 2), **kwargs):
        super().__init__(**kwargs)
        self.noise, self.scale = noise, scale

    def call(self, inputs, seed=None, samples=1, with_log_prob=False):
        z_mean, z_log_var = inputs
        z = z_mean + self.scale(z_log_var) * self.noise(ops.shape(z_mean))
        return (z, normal_posterior(z_mean, z_log_var).log_prob(z)) if with_log_prob else z


def _sampling(noise, **options):
    def change(vae):
        # Keras lets no layer of a built model be replaced.
        object.__setattr__(vae, "sampling", WrongSampling(noise, **options))

    return change


@injector(("noise_missing", "noise_scale_wrong"), CONSEQUENCES, (0.7, 0.3, 0.0))
def noise_too_small(cell, seed, severity):
    """epsilon ~ N(0, severity^2); without noise at all it is an autoencoder."""
    return subject(cell, seed, _sampling(lambda shape: severity * tf.random.normal(shape)))


@injector(("noise_shared_by_batch",), CONSEQUENCES)
def noise_of_the_batch(cell, seed, severity):
    """Noise of shape (1, d)."""
    return subject(cell, seed, _sampling(lambda shape: tf.random.normal((1, shape[1]))))


@injector(("noise_repeated",), CONSEQUENCES)
def noise_of_an_integer_seed(cell, seed, severity):
    """keras.random.normal(shape, seed=1337): the same at every call."""
    return subject(cell, seed, _sampling(lambda shape: keras.random.normal(shape, seed=1337)))


@injector(("noise_scale_wrong",), CONSEQUENCES)
def variance_for_std(cell, seed, severity):
    """exp(z_log_var) where exp(z_log_var / 2) belongs, in an evaluation of a healthy model: in
    training the encoder makes up for it."""
    vae, train, test, history = healthy(cell, seed)

    def training_draw(x):
        z_mean, z_log_var = vae.posterior_parameters(x)
        return (z_mean + tf.exp(z_log_var) * tf.random.normal(tf.shape(z_mean))).numpy()

    return of_vae(vae, train, test, history=history, training_draw=training_draw)


@injector(("noise_scale_wrong",), (*CONSEQUENCES, "rate_formula_wrong"))
def variance_for_std_in_training(cell, seed, severity):
    return subject(cell, seed, _sampling(tf.random.normal, scale=ops.exp))


@injector(("encoder_is_random",), (*CONSEQUENCES, "noise_scale_wrong", "noise_repeated",
          "rate_formula_wrong", "training_mode_differs"))  # fmt: skip
def z_for_z_mean(cell, seed, severity):
    """The third output of an encoder taken for the first."""
    vae, train, test, history = healthy(cell, seed)

    def encode(x):
        z_mean, z_log_var = vae.posterior_parameters(tf.convert_to_tensor(x))
        return vae.sampling([z_mean, z_log_var]).numpy(), z_log_var.numpy()

    return of_vae(vae, train, test, history=history, encode=encode)
