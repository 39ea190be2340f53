"""A VAE with a training step of its own and the terms of the loss as metrics.

The defect: the binary cross-entropy is a sum over the entries of an example, the KL a mean over
latents.
"""

import keras
import tensorflow as tf
from keras import layers, ops

__all__ = ["MeanKLVAE", "train"]


class Sampling(layers.Layer):
    def __init__(self):
        super().__init__()
        self.noise = keras.random.SeedGenerator(2)

    def call(self, inputs):
        z_mean, z_log_var = inputs
        epsilon = keras.random.normal(ops.shape(z_mean), seed=self.noise)
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon


class MeanKLVAE(keras.Model):
    """x (batch, entries), binary; `kl_weight` multiplies the KL's mean over latents."""

    def __init__(self, entries, kl_weight=1.0, latent_dim=16, hidden=128):
        super().__init__()
        self.kl_weight = kl_weight
        x = keras.Input((entries,))
        h = layers.Dense(hidden, activation="relu")(x)
        z_mean = layers.Dense(latent_dim, name="z_mean")(h)
        z_log_var = layers.Dense(latent_dim, name="z_log_var")(h)
        self.encoder = keras.Model(x, [z_mean, z_log_var, Sampling()([z_mean, z_log_var])])
        z = keras.Input((latent_dim,))
        h = layers.Dense(hidden, activation="relu")(z)
        self.decoder = keras.Model(z, layers.Dense(entries, activation="sigmoid")(h))
        names = ("loss", "reconstruction_loss", "kl_loss")
        self.trackers = [keras.metrics.Mean(name=name) for name in names]

    @property
    def metrics(self):
        return self.trackers

    def train_step(self, x):
        with tf.GradientTape() as tape:
            z_mean, z_log_var, z = self.encoder(x, training=True)
            p = self.decoder(z, training=True)
            cross_entropy = ops.sum(ops.binary_crossentropy(x, p), axis=1)
            kl = 0.5 * (ops.exp(z_log_var) + ops.square(z_mean) - 1 - z_log_var)
            terms = ops.mean(cross_entropy), self.kl_weight * ops.mean(kl)
            loss = sum(terms)
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        for tracker, value in zip(self.trackers, (loss, *terms), strict=True):
            tracker.update_state(value)
        return {tracker.name: tracker.result() for tracker in self.trackers}


def train(x, kl_weight=1.0, epochs=8):
    """A trained model."""
    keras.utils.set_random_seed(0)
    model = MeanKLVAE(x.shape[1], kl_weight)
    model.compile(keras.optimizers.Adam(2e-3), jit_compile=False)
    model.fit(x, batch_size=100, epochs=epochs, verbose=0)
    return model
