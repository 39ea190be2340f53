"""Training that stopped too early, diverged, or did not reach a part of the model."""

import keras
import numpy as np
import tensorflow as tf

import keras_vae as kv
from keras_vae.diagnosis import of_vae
from keras_vae.networks import mlp_encoder
from keras_vae.training import KLWarmup
from zoo.cells import BINARY
from zoo.loss import TOO_LITTLE, TOO_MUCH
from zoo.specimen import injector
from zoo.train import build, healthy, subject, trained

__all__ = []

INFERENCE = (
    "amortization_gap", "encoder_overfitting", "approximation_gap", "prior_hole", "overfitting",
    "lagging_encoder", "undertrained", "more_latents_would_pay", "spare_latents",
    "encoder_unsettled",
)  # fmt: skip
MLPS = ("digits_binary", "mnist_binary", "mnist_gray", "toy", "patches_binary", "patches_gray",
        "terrain_binary", "terrain_gray", "head_binary", "head_gray")  # fmt: skip


@injector(("undertrained", "lagging_encoder", "collapsed"),
          (*INFERENCE, *TOO_MUCH, *TOO_LITTLE, "sigma_too_large"), (0.1, 0.05, 0.02))  # fmt: skip
def stopped_early(cell, seed, severity):
    """After a part of the epochs that a healthy model takes."""
    return subject(cell, seed, epochs=max(int(severity * cell.epochs), 1))


@injector(
    ("undertrained", "collapsed", "lagging_encoder"),
    (*INFERENCE, *TOO_MUCH, *TOO_LITTLE, "sigma_too_large"),
    (1e-4, 1e-5, 1e-6),
)
def learning_rate_too_low(cell, seed, severity):
    return subject(cell, seed, learning_rate=severity)


@injector(("loss_jumps", "nonfinite_loss", "encoder_constant", "decoder_constant", "collapsed"),
          (*INFERENCE, *TOO_MUCH, *TOO_LITTLE, "latent_blow_up", "decoder_ignores_z",
           "sigma_too_large"),
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


@injector(("amortization_gap", "lagging_encoder", "encoder_unsettled"),
          (*INFERENCE, *TOO_MUCH, *TOO_LITTLE),
          (0.02, 0.05, 0.1))  # fmt: skip
def noise_in_encoder_weights(cell, seed, severity):
    vae, train, test, history = healthy(cell, seed)
    other = build(cell, train, seed)
    other.set_weights(vae.get_weights())
    rng = np.random.default_rng(seed)
    noisy = [w + severity * rng.standard_normal(w.shape) for w in other.encoder.get_weights()]
    other.encoder.set_weights(noisy)
    return of_vae(other, train, test, history=history)


@injector(("amortization_gap",), (*INFERENCE, *TOO_LITTLE, *TOO_MUCH), (0.5, 0.25, 0.1), MLPS)
def encoder_half_blind(cell, seed, severity):
    """The encoder sees a part of each example only."""
    train, _ = cell.examples(seed)
    seen = max(int(severity * train[0].size), 1)
    x = keras.Input(train.shape[1:])
    start = (train[0].size - seen) // 2
    middle = keras.layers.Flatten()(x)[:, start : start + seen]
    inner = mlp_encoder((seen,), cell.latent, hidden=cell.hidden)
    return subject(cell, seed, encoder=keras.Model(x, inner(middle)))


@injector(("overfitting",), (*INFERENCE, *TOO_LITTLE), (0.2, 0.1), BINARY)
def few_examples(cell, seed, severity):
    """A part of the training examples, and many passes over them."""
    train, test = cell.examples(seed)
    few = train[: int(severity * len(train))]
    return long_on(build(cell, few, seed), few, test, cell, seed)


def long_on(vae, few, test, cell, seed):
    """Twice the steps of a healthy training on few examples, seen again and again."""
    many = np.concatenate([few] * -(-2 * len(cell.examples(seed)[0]) // len(few)))
    history = trained(vae, cell, many, seed, test)
    return of_vae(vae, few, test, history=history)


@injector(("encoder_overfitting", "overfitting"), (*INFERENCE, *TOO_LITTLE),
          cells=("mnist_binary", "mnist_conv"))  # fmt: skip
def encoder_on_few_examples(cell, seed, severity):
    """A healthy decoder, kept; its encoder trained on for long on a few of the examples."""
    vae, train, test, _ = healthy(cell, seed)
    few = train[:100]
    other = build(cell, train, seed)
    other.set_weights(vae.get_weights())
    other.decoder.trainable = other.likelihood.trainable = False
    return long_on(other, few, test, cell, seed)


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
    return subject(cell, seed, latent=severity, callbacks=[KLWarmup(1.0, cell.epochs // 3)])


@injector(("more_latents_would_pay",), INFERENCE, (1,),
          ("mnist_binary", "mnist_gray", "mnist_conv"))  # fmt: skip
def one_latent(cell, seed, severity):
    return subject(cell, seed, latent=severity)


class SeesNeighbours(kv.distributions.Bernoulli):
    """Logits of each entry from z and from the entries before it: a linear autoregression."""

    def __init__(self, entries, **kwargs):
        super().__init__(**kwargs)
        self.before = self.add_weight(name="before", shape=(entries, entries), initializer="zeros")
        self.mask = np.triu(np.ones((entries, entries), "float32"), 1)

    def get_config(self):
        return {**super().get_config(), "entries": self.mask.shape[0]}

    def log_prob(self, x, parameters):
        flat = tf.reshape(x, (-1, self.mask.shape[0]))
        seen = tf.reshape(flat @ (self.before * self.mask), tf.shape(x))
        return super().log_prob(x, parameters + seen)


@injector(("decoder_ignores_z", "collapsed"), (*INFERENCE, *TOO_MUCH), cells=BINARY)
def decoder_sees_x(cell, seed, severity):
    """An autoregressive decoder, and a weight of the rate at which z is not worth its nats."""
    train, _ = cell.examples(seed)
    likelihood = SeesNeighbours(train[0].size)
    vae = []

    def log_prob(x, z):
        return likelihood.log_prob(tf.constant(x), vae[0].decoder(tf.constant(z))).numpy()

    return subject(cell, seed, vae.append, likelihood=likelihood, beta=4.0, log_prob=log_prob,
                   probe=None, bound=None, generate=None, training_mode=None)  # fmt: skip
