"""The same as `keras_fit` with convolutions."""

import keras
from keras import layers

from rivals.keras_fit import StockVAE, epochs_of


class ConvVAE(StockVAE):
    """The network of `kvae fit --network conv`, for heights and widths that 4 divides."""

    def __init__(self, shape):
        height, width, channels = shape
        rows, columns = height // 4, width // 4
        x = h = keras.Input(shape)
        for filters in (32, 64):
            h = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(h)
        h = layers.Dense(256, activation="relu")(layers.Flatten()(h))
        encoder = keras.Model(x, [layers.Dense(2)(h), layers.Dense(2)(h)])
        z = keras.Input((2,))
        h = layers.Dense(256, activation="relu")(z)
        h = layers.Dense(rows * columns * 64, activation="relu")(h)
        h = layers.Reshape((rows, columns, 64))(h)
        for filters in (64, 32):
            h = layers.Conv2DTranspose(filters, 3, 2, padding="same", activation="relu")(h)
        h = layers.Conv2D(channels, 3, padding="same", use_bias=False)(h)
        super().__init__(encoder, keras.Model(z, h))
        self.bias = self.add_weight(shape=shape, initializer="zeros")

    def decode(self, z):
        return self.decoder(z) + self.bias


def epochs(x, batch_size):
    return epochs_of(ConvVAE(x.shape[1:]), x, batch_size)
