"""A prior whose KL from a normal posterior has no closed form in TensorFlow Probability."""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from keras_vae import VAE
from keras_vae.distributions import Prior
from keras_vae.networks import mlp_decoder, mlp_encoder

tfd = tfp.distributions


@keras.saving.register_keras_serializable(package="tests")
class Laplace(Prior):
    """Latents by themselves, each with the density exp(-|z_j| / scale_j) / (2 scale_j), scale_j
    learned."""

    def build(self, input_shape):
        self.log_scale = self.add_weight(name="log_scale", shape=(input_shape[-1],))
        self.built = True

    def distribution(self, latent_dim):
        scale = tf.exp(tf.convert_to_tensor(self.log_scale))
        return tfd.Independent(tfd.Laplace(tf.zeros(latent_dim), scale), 1)


def make(x):
    networks = (part(x.shape[1:], 2, (16,)) for part in (mlp_encoder, mlp_decoder))
    return VAE(*networks, "gaussian", prior=Laplace(), seed=0)
