"""A VAE as keras.io writes them: a subclass of `keras.Model` with its own `train_step`."""

import math

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from zoo.foreign.stored import stored

__all__ = ["train"]

BATCH_SIZE = 128


class VAE(keras.Model):
    def __init__(self, recipe, entries):
        super().__init__()
        self.recipe = recipe
        x = keras.Input((entries,))
        h = (x - recipe.shift) / recipe.scale
        for width in recipe.encoder_hidden:
            h = layers.Dense(width, activation="relu")(h)
        heads = [layers.Dense(recipe.latent, name=name)(h) for name in ("mean", "log_var")]
        self.encoder = keras.Model(x, heads)
        self.encoder.trainable = not recipe.is_frozen  # as an argument it is not passed on
        z = h = keras.Input((recipe.latent,))
        for width in recipe.decoder_hidden:
            h = layers.Dense(width, activation="relu")(h)
        out = layers.Dense(entries, activation=recipe.end)(h)
        if recipe.is_output_scaled:
            out = recipe.shift + recipe.scale * out
        self.decoder = keras.Model(z, out)
        start = keras.initializers.Constant(math.log(recipe.first_sigma) / 3)
        self.third = self.add_weight(shape=(), initializer=start, name="third")
        self.loss_tracker = keras.metrics.Mean(name="loss")

    @property
    def log_sigma(self):
        return 3 * self.third  # so that it moves by three steps at once, and keeps up

    @property
    def metrics(self):
        return [self.loss_tracker]

    def reconstruction(self, x, out):
        recipe = self.recipe
        squares = tf.square(x - out)
        if recipe.likelihood == "bernoulli" and recipe.from_logits:
            # not keras.losses.binary_crossentropy, which looks behind a sigmoid for its logits
            per_entry = tf.nn.sigmoid_cross_entropy_with_logits(x, out)
        elif recipe.likelihood == "bernoulli":
            per_entry = keras.losses.binary_crossentropy(x[..., None], out[..., None])
        elif recipe.sigma == "none":
            per_entry = squares
        else:
            log_sigma = self.log_sigma if recipe.sigma is None else math.log(recipe.sigma)
            per_entry = 0.5 * squares * tf.exp(-2.0 * log_sigma)
            if recipe.has_constants:
                per_entry += log_sigma + 0.5 * math.log(2 * math.pi)
        if recipe.is_mean:
            return tf.reduce_mean(per_entry)
        return tf.reduce_mean(tf.reduce_sum(per_entry, axis=1))

    def train_step(self, x):
        recipe = self.recipe
        with tf.GradientTape() as tape:
            z_mean, z_log_var = self.encoder(x)
            epsilon = tf.random.normal(tf.shape(z_mean))
            out = self.decoder(z_mean + tf.exp(recipe.log_var_power * z_log_var) * epsilon)
            kl = 1 + z_log_var - tf.square(z_mean) - tf.exp(z_log_var)
            kl = recipe.rate_scale * tf.reduce_mean(tf.reduce_sum(-0.5 * kl, axis=1))
            loss = self.reconstruction(x, out) + recipe.beta * kl
        grads = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(
            (g, w) for g, w in zip(grads, self.trainable_weights, strict=True) if g is not None
        )
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """Linearly up for a third of the steps, then down along a cosine."""

    def __init__(self, peak, steps):
        self.peak, self.steps = peak, steps

    def __call__(self, step):
        part = tf.cast(step, tf.float32) / self.steps
        fall = 0.5 * (1 + tf.cos(math.pi * (part - 1 / 3) / (2 / 3)))
        return self.peak * tf.where(part < 1 / 3, 3 * part + 0.01, fall)


def _optimizer(recipe, steps):
    rate = recipe.learning_rate
    if recipe.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=0.9, global_clipnorm=100.0)
    if recipe.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(rate)
    if recipe.optimizer == "one-cycle":
        rate = OneCycle(rate, steps)
    return keras.optimizers.Adam(rate)


def _layers(network):
    return [array for layer in network.layers for array in layer.get_weights()]


def train(recipe, x):
    keras.utils.set_random_seed(recipe.seed)
    x = np.reshape(x, (len(x), -1))
    vae = VAE(recipe, x.shape[1])
    steps = math.ceil(len(x) / BATCH_SIZE)
    # all weights stay in one graph call an epoch: small models spend their time between steps
    vae.compile(_optimizer(recipe, recipe.epochs * steps), steps_per_execution=min(steps, 50))
    history = vae.fit(x, batch_size=BATCH_SIZE, epochs=recipe.epochs, verbose=0).history
    *encoder, mean, mean_bias, log_var, log_var_bias = _layers(vae.encoder)
    encoder += [np.hstack([mean, log_var]), np.hstack([mean_bias, log_var_bias])]
    return stored(recipe, encoder, _layers(vae.decoder), vae.log_sigma, history["loss"])
