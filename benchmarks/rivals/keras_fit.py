"""Keras as its own guide shows a VAE: a custom train_step and `fit` on an array."""

import keras
import tensorflow as tf
from keras import layers


class StockVAE(keras.Model):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.noise = keras.random.SeedGenerator(0)
        self.loss_tracker = keras.metrics.Mean("loss")

    def decode(self, z):
        return self.decoder(z)

    @property
    def metrics(self):
        return [self.loss_tracker]

    def train_step(self, x):
        with tf.GradientTape() as tape:
            z_mean, z_log_var = self.encoder(x)
            epsilon = keras.random.normal(tf.shape(z_mean), seed=self.noise)
            logits = self.decode(z_mean + tf.exp(z_log_var / 2) * epsilon)
            entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
            rate = 0.5 * tf.reduce_sum(tf.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1)
            distortion = tf.reduce_sum(entropy, axis=range(1, x.shape.rank))
            loss = tf.reduce_mean(distortion + rate)
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}


def dense_vae():
    x = keras.Input((784,))
    h = layers.Dense(256, activation="relu")(layers.Dense(512, activation="relu")(x))
    encoder = keras.Model(x, [layers.Dense(2)(h), layers.Dense(2)(h)])
    z = keras.Input((2,))
    h = layers.Dense(512, activation="relu")(layers.Dense(256, activation="relu")(z))
    return StockVAE(encoder, keras.Model(z, layers.Dense(784)(h)))


def epochs(x, batch_size):
    return epochs_of(dense_vae(), x, batch_size)


def epochs_of(vae, x, batch_size):
    vae.compile(keras.optimizers.Adam(1e-3))
    x = x[: len(x) // batch_size * batch_size]
    while True:
        yield vae.fit(x, batch_size=batch_size, epochs=1, verbose=0).history["loss"][0]
