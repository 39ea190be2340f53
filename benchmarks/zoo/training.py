"""Training that stopped too early, diverged, or did not reach a part of the model."""

import keras
import numpy as np
import tensorflow as tf

from keras_vae.diagnosis import of_vae
from keras_vae.networks import mlp_encoder
from zoo.cells import BINARY
from zoo.loss import TOO_LITTLE, TOO_MUCH
from zoo.specimen import injector
from zoo.train import build, healthy, subject, trained, warmup

__all__ = []

INFERENCE = (
    "amortization_gap", "encoder_overfitting", "approximation_gap", "prior_hole", "overfitting",
    "lagging_encoder", "undertrained", "more_latents_would_pay", "spare_latents",
    "encoder_unsettled",
)  # fmt: skip
MLPS = ("digits_binary", "mnist_binary", "mnist_gray", "toy", "patches_binary", "patches_gray")


@injector(
    ("undertrained", "lagging_encoder"), (*INFERENCE, *TOO_MUCH, *TOO_LITTLE), (0.1, 0.05, 0.02)
)
def stopped_early(cell, seed, severity):
    """After a part of the epochs that a healthy model takes."""
    return subject(cell, seed, epochs=max(int(severity * cell.epochs), 1))


@injector(
    ("undertrained", "collapsed", "lagging_encoder"),
    (*INFERENCE, *TOO_MUCH, *TOO_LITTLE),
    (1e-4, 1e-5, 1e-6),
)
def learning_rate_too_low(cell, seed, severity):
    return subject(cell, seed, learning_rate=severity)


@injector(("loss_jumps", "nonfinite_loss", "encoder_constant", "decoder_constant", "collapsed"),
          (*INFERENCE, *TOO_MUCH, *TOO_LITTLE, "latent_blow_up", "decoder_ignores_z"),
          (0.1, 0.3, 1.0))  # fmt: skip
def learning_rate_too_high(cell, seed, severity):
    return subject(cell, seed, learning_rate=severity)


@injector(("lagging_encoder", "encoder_unsettled"), (*INFERENCE, *TOO_MUCH, *TOO_LITTLE))
def encoder_frozen(cell, seed, severity):
    def change(vae):
        vae.encoder.trainable = False

    return subject(cell, seed, change)


@injector(("lagging_encoder", "encoder_unsettled"), (*INFERENCE, *TOO_MUCH, *TOO_LITTLE))
def encoder_replaced(cell, seed, severity):
    """A trained decoder with an encoder that has hardly been trained."""
    vae, train, test, _ = healthy(cell, seed)
    other = build(cell, train, seed + 100)
    other.decoder.set_weights(vae.decoder.get_weights())
    other.likelihood.set_weights(vae.likelihood.get_weights())
    other.decoder.trainable = other.likelihood.trainable = False
    history = trained(other, cell, train, seed, test, epochs=1, learning_rate=1e-5)
    return of_vae(other, train, test, history=history)


@injector(("amortization_gap", "lagging_encoder", "encoder_unsettled"), (*INFERENCE, *TOO_MUCH, *TOO_LITTLE),
          (0.02, 0.05, 0.1))  # fmt: skip
def noise_in_encoder_weights(cell, seed, severity):
    vae, train, test, history = healthy(cell, seed)
    other = build(cell, train, seed)
    other.set_weights(vae.get_weights())
    rng = np.random.default_rng(seed)
    noisy = [w + severity * rng.standard_normal(w.shape) for w in other.encoder.get_weights()]
    other.encoder.set_weights(noisy)
    return of_vae(other, train, test, history=history)


@injector(("amortization_gap",), (*INFERENCE, *TOO_LITTLE, *TOO_MUCH), cells=MLPS)
def encoder_too_small(cell, seed, severity):
    """Two hidden units between x and the posterior."""
    train, _ = cell.examples(seed)
    encoder = mlp_encoder(train.shape[1:], cell.latent, hidden=(2,))
    return subject(cell, seed, encoder=encoder, callbacks=[warmup(cell.epochs // 2)])


@injector(("overfitting",), (*INFERENCE, *TOO_LITTLE), (0.2, 0.1), BINARY)
def few_examples(cell, seed, severity):
    """A part of the training examples, and many passes over them."""
    train, test = cell.examples(seed)
    few = train[: int(severity * len(train))]
    return subject(cell, seed, data=(few, test), epochs=int(2 * cell.epochs / severity**0.5))


@injector(("encoder_overfitting", "overfitting"), (*INFERENCE, *TOO_LITTLE), cells=BINARY)
def encoder_on_few_examples(cell, seed, severity):
    """A healthy decoder, kept; its encoder trained on for long on a few of the examples."""
    vae, train, test, _ = healthy(cell, seed)
    few = train[:150]
    other = build(cell, train, seed)
    other.set_weights(vae.get_weights())
    other.decoder.trainable = other.likelihood.trainable = False
    history = trained(other, cell, few, seed, test, epochs=400)
    return of_vae(other, few, test, history=history)


def _kill(network):
    """Every unit of the first hidden layer is dead: relu of -100."""
    layer = next(layer for layer in network.layers if isinstance(layer, keras.layers.Dense))
    layer.bias.assign(tf.fill(layer.bias.shape, -100.0))


DEAD = (*INFERENCE, *TOO_MUCH, *TOO_LITTLE, "decoder_ignores_z", "encoder_constant",
        "decoder_constant")  # fmt: skip


@injector(("encoder_constant",), DEAD, cells=MLPS)
def dead_encoder(cell, seed, severity):
    return subject(cell, seed, lambda vae: _kill(vae.encoder))


@injector(("decoder_constant",), DEAD, cells=MLPS)
def dead_decoder(cell, seed, severity):
    return subject(cell, seed, lambda vae: _kill(vae.decoder))


@injector(("training_mode_differs",), (*INFERENCE, *TOO_MUCH, *TOO_LITTLE), (0.999, 0.9999),
          MLPS)  # fmt: skip
def moving_averages_too_slow(cell, seed, severity):
    """Batch normalisation whose averages have not arrived when training ends."""
    train, _ = cell.examples(seed)
    x = keras.Input(train.shape[1:])
    h = keras.layers.Flatten()(x)
    for width in cell.hidden:
        h = keras.layers.Dense(width)(h)
        h = keras.layers.BatchNormalization(momentum=severity)(h)
        h = keras.layers.Activation("relu")(h)
    heads = [keras.layers.Dense(cell.latent)(h) for _ in range(2)]
    epochs = max(cell.epochs // 4, 5)
    return subject(cell, seed, encoder=keras.Model(x, heads), epochs=epochs, beta=1.0)


@injector(("collapsed",), (*TOO_MUCH, *INFERENCE), (100, 1000))
def beta_beyond_the_threshold(cell, seed, severity):
    """No latent pays for itself; logged as it is."""
    return subject(cell, seed, beta=float(severity))


@injector(("spare_latents",), (), (20,), ("toy",))
def latents_to_spare(cell, seed, severity):
    return subject(cell, seed, latent=severity, callbacks=[warmup(cell.epochs // 3)])


@injector(("more_latents_would_pay",), INFERENCE, (1,))
def one_latent(cell, seed, severity):
    return subject(cell, seed, latent=severity)


class SeesNeighbours(keras.layers.Layer):
    """Logits of each entry from z and from the entries before it: a linear autoregression."""

    def build(self, shape):
        n = int(np.prod(shape[1:]))
        self.kernel = self.add_weight(name="kernel", shape=(n, n), initializer="zeros")
        self.mask = np.triu(np.ones((n, n), "float32"), 1)
        self.built = True

    def call(self, x):
        flat = tf.reshape(x, (-1, self.kernel.shape[0]))
        return tf.reshape(flat @ (self.kernel * self.mask), tf.shape(x))


@injector(("decoder_ignores_z", "collapsed"), (*INFERENCE, *TOO_MUCH), cells=BINARY)
def decoder_sees_x(cell, seed, severity):
    """An autoregressive decoder, and a weight of the rate at which z is not worth its nats."""
    train, test = cell.examples(seed)
    vae = build(cell, train, seed)
    vae.before = SeesNeighbours()
    vae.before.build(train.shape)

    def log_prob(x, z, training=False):
        return vae.likelihood.log_prob(x, vae.decoder(z, training=training) + vae.before(x))

    def terms(x, training=False, seed=None):
        x = tf.cast(x, "float32")
        z_mean, z_log_var = vae.posterior_parameters(x, training)
        z = vae.sampling([z_mean, z_log_var], seed=seed)
        rate = 0.5 * tf.reduce_sum(tf.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1)
        return -log_prob(x, z, training), rate

    vae.terms = terms
    history = trained(vae, cell, train, seed, test, beta=4.0)
    return of_vae(vae, train, test, history=history, beta=4.0, probe=None, bound=None, generate=None,
                  training_mode=None,
                  log_prob=lambda x, z: log_prob(tf.constant(x), tf.constant(z)).numpy())  # fmt: skip
