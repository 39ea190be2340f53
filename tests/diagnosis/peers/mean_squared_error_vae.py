"""A VAE as Keras's own guides write one: layers for encoder and decoder, the KL by `add_loss`,
the mean squared error by `compile`.

The defect: the squared error is a mean over the entries of an example, as `"mse"` always is,
while the KL is a sum over latents.
"""

import keras
from keras import layers, ops

__all__ = ["MeanSquaredErrorVAE", "train"]


class Encoder(layers.Layer):
    def __init__(self, latent_dim, hidden):
        super().__init__()
        self.hidden = layers.Dense(hidden, activation="relu")
        self.mean = layers.Dense(latent_dim)
        self.log_var = layers.Dense(latent_dim)
        self.noise = keras.random.SeedGenerator(1)

    def call(self, x):
        h = self.hidden(x)
        z_mean, z_log_var = self.mean(h), self.log_var(h)
        epsilon = keras.random.normal(ops.shape(z_mean), seed=self.noise)
        return z_mean, z_log_var, z_mean + ops.exp(0.5 * z_log_var) * epsilon


class Decoder(layers.Layer):
    def __init__(self, entries, hidden):
        super().__init__()
        self.hidden = layers.Dense(hidden, activation="relu")
        self.image = layers.Dense(entries, activation="sigmoid")

    def call(self, z):
        return self.image(self.hidden(z))


class MeanSquaredErrorVAE(keras.Model):
    """x (batch, entries) -> its reconstruction."""

    def __init__(self, entries, latent_dim=8, hidden=128):
        super().__init__()
        self.encoder = Encoder(latent_dim, hidden)
        self.decoder = Decoder(entries, hidden)

    def call(self, x):
        z_mean, z_log_var, z = self.encoder(x)
        kl = -0.5 * ops.sum(1 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var), axis=1)
        self.add_loss(ops.mean(kl))
        return self.decoder(z)


def train(x, reconstruction_weight=1.0, epochs=30):
    """A trained model; `reconstruction_weight` multiplies the mean squared error."""
    keras.utils.set_random_seed(0)
    model = MeanSquaredErrorVAE(x.shape[1])
    model.compile(
        keras.optimizers.Adam(2e-3),
        loss=lambda x, mean: reconstruction_weight * ops.mean(ops.square(x - mean)),
        jit_compile=False,
    )
    model.fit(x, x, batch_size=100, epochs=epochs, verbose=0)
    return model
