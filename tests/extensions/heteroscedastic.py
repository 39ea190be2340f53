"""A likelihood with two parameters an entry: N(mean, exp(log_var)), both from the decoder."""

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from keras import layers

from keras_vae import VAE
from keras_vae.distributions import Likelihood, soft_bound
from keras_vae.networks import mlp_encoder

tfd = tfp.distributions
LOG_VAR_RANGE = (-6.0, 6.0)


@keras.saving.register_keras_serializable(package="tests")
class Heteroscedastic(Likelihood):
    """p(x_i|z) = N(mean_i, exp(log_var_i))."""

    def parameter_shapes(self, event_shape):
        return {"mean": tuple(event_shape), "log_var": tuple(event_shape)}

    def _entries(self, parameters):
        log_var = soft_bound(parameters["log_var"], *LOG_VAR_RANGE)
        return tfd.Normal(parameters["mean"], tf.exp(log_var / 2))

    def fit_without_z(self, x):
        mean, variance = np.mean(x, axis=0), np.var(x, axis=0)
        return {"mean": mean, "log_var": np.log(variance + 1e-6).astype("float32")}


def decoder(entries):
    z = keras.Input((2,))
    h = layers.Dense(16, activation="relu")(z)
    heads = {name: layers.Dense(entries, name=name)(h) for name in ("mean", "log_var")}
    return keras.Model(z, heads)


def make(x):
    return VAE(mlp_encoder(x.shape[1:], 2, (16,)), decoder(x.shape[1]), Heteroscedastic(), seed=0)
