"""A convolutional VAE as Keras's own guide shows it: a custom train_step and `fit` on an array."""

import keras
import tensorflow as tf
from keras import layers


class ConvVAE(keras.Model):
    """The network of `kvae fit --network conv`, for heights and widths that 4 divides."""

    def __init__(self, shape):
        super().__init__()
        height, width, channels = shape
        rows, columns = height // 4, width // 4
        x = h = keras.Input(shape)
        for filters in (32, 64):
            h = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(h)
        h = layers.Dense(256, activation="relu")(layers.Flatten()(h))
        self.encoder = keras.Model(x, [layers.Dense(2)(h), layers.Dense(2)(h)])
        z = keras.Input((2,))
        h = layers.Dense(256, activation="relu")(z)
        h = layers.Dense(rows * columns * 64, activation="relu")(h)
        h = layers.Reshape((rows, columns, 64))(h)
        for filters in (64, 32):
            h = layers.Conv2DTranspose(filters, 3, 2, padding="same", activation="relu")(h)
        h = layers.Conv2D(channels, 3, padding="same", use_bias=False)(h)
        bias = self.add_weight(shape=shape, initializer="zeros")
        self.decoder = keras.Model(z, h)
        self.bias = bias
        self.noise = keras.random.SeedGenerator(0)
        self.loss_tracker = keras.metrics.Mean("loss")

    @property
    def metrics(self):
        return [self.loss_tracker]

    def train_step(self, x):
        with tf.GradientTape() as tape:
            z_mean, z_log_var = self.encoder(x)
            epsilon = keras.random.normal(tf.shape(z_mean), seed=self.noise)
            logits = self.decoder(z_mean + tf.exp(z_log_var / 2) * epsilon) + self.bias
            entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
            rate = 0.5 * tf.reduce_sum(tf.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1)
            loss = tf.reduce_mean(tf.reduce_sum(entropy, axis=(1, 2, 3)) + rate)
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}


def epochs(x, batch_size):
    vae = ConvVAE(x.shape[1:])
    vae.compile(keras.optimizers.Adam(1e-3))
    x = x[: len(x) // batch_size * batch_size]
    while True:
        yield vae.fit(x, batch_size=batch_size, epochs=1, verbose=0).history["loss"][0]
