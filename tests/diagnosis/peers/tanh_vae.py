"""A VAE with a training loop of its own, in the manner of code for images in [-1, 1].

The defect: its decoder ends in a tanh, and the data lie in [0, 1].
"""

import keras
import tensorflow as tf
from keras import layers

__all__ = ["TanhVAE", "train"]


class TanhVAE(keras.Model):
    """x (batch, entries); p(x|z) is a Gaussian with one sigma around the decoder's output."""

    def __init__(self, entries, sigma, activation="tanh", latent_dim=8, hidden=128):
        super().__init__()
        self.sigma = sigma
        x = keras.Input((entries,))
        h = layers.Dense(hidden, activation="relu")(x)
        self.encoder = keras.Model(x, [layers.Dense(latent_dim)(h), layers.Dense(latent_dim)(h)])
        z = keras.Input((latent_dim,))
        h = layers.Dense(hidden, activation="relu")(z)
        self.decoder = keras.Model(z, layers.Dense(entries, activation=activation)(h))

    def reparameterize(self, mean, log_var):
        return mean + tf.exp(log_var / 2) * tf.random.normal(tf.shape(mean))

    def objective(self, x):
        mean, log_var = self.encoder(x)
        error = tf.reduce_sum((x - self.decoder(self.reparameterize(mean, log_var))) ** 2, axis=1)
        kl = 0.5 * tf.reduce_sum(tf.exp(log_var) + mean**2 - 1 - log_var, axis=1)
        return tf.reduce_mean(error / (2 * self.sigma**2) + kl)


def train(x, sigma, activation="tanh", epochs=20):
    """A trained model; `activation` ends its decoder."""
    keras.utils.set_random_seed(0)
    model = TanhVAE(x.shape[1], sigma, activation)
    optimizer = keras.optimizers.Adam(2e-3)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(batch):
        with tf.GradientTape() as tape:
            loss = model.objective(batch)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))

    examples = tf.data.Dataset.from_tensor_slices(x).shuffle(len(x), seed=0)
    for batch in examples.batch(100, drop_remainder=True).repeat(epochs):
        step(batch)
    return model
