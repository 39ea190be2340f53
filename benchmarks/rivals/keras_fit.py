"""Keras as its own guide shows a VAE: a custom train_step and `fit` on an array."""

import keras
import tensorflow as tf
from keras import layers


class StockVAE(keras.Model):
    def __init__(self):
        super().__init__()
        x = keras.Input((784,))
        h = layers.Dense(256, activation="relu")(layers.Dense(512, activation="relu")(x))
        self.encoder = keras.Model(x, [layers.Dense(2)(h), layers.Dense(2)(h)])
        z = keras.Input((2,))
        h = layers.Dense(512, activation="relu")(layers.Dense(256, activation="relu")(z))
        self.decoder = keras.Model(z, layers.Dense(784)(h))
        self.noise = keras.random.SeedGenerator(0)
        self.loss_tracker = keras.metrics.Mean("loss")

    @property
    def metrics(self):
        return [self.loss_tracker]

    def train_step(self, x):
        with tf.GradientTape() as tape:
            z_mean, z_log_var = self.encoder(x)
            epsilon = keras.random.normal(tf.shape(z_mean), seed=self.noise)
            logits = self.decoder(z_mean + tf.exp(z_log_var / 2) * epsilon)
            entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
            rate = 0.5 * tf.reduce_sum(tf.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1)
            loss = tf.reduce_mean(tf.reduce_sum(entropy, axis=1) + rate)
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}


def epochs(x, batch_size):
    vae = StockVAE()
    vae.compile(keras.optimizers.Adam(1e-3))
    x = x[: len(x) // batch_size * batch_size]
    while True:
        yield vae.fit(x, batch_size=batch_size, epochs=1, verbose=0).history["loss"][0]
