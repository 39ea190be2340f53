"""Healthy models, and hard negatives: healthy models that look ill."""

import keras
import numpy as np
import tensorflow as tf

from keras_vae.diagnosis import of_vae
from keras_vae.training import KLWarmup
from zoo.cells import BINARY, GAUSSIAN
from zoo.specimen import injector
from zoo.train import build, subject
from zoo.train import healthy as healthy_model

__all__ = []


@injector()
def healthy(cell, seed, severity):
    vae, train, test, history = healthy_model(cell, seed)
    return of_vae(vae, train, test, history=history)


@injector(accepted=("spare_latents",))
def over_wide_latents(cell, seed, severity):
    return subject(cell, seed, latent=20, callbacks=[KLWarmup(1.0, cell.epochs // 3)])


@injector(accepted=("more_latents_would_pay",))
def two_latents(cell, seed, severity):
    return subject(cell, seed, latent=2)


@injector(accepted=("overfitting", "more_latents_would_pay"), cells=BINARY)
def small_data_stopped_early(cell, seed, severity):
    """A quarter of the data, and the weights of the epoch with the best test ELBO."""
    train, test = cell.examples(seed)
    best = keras.callbacks.EarlyStopping("val_elbo", mode="max", patience=10**6,
                                         restore_best_weights=True)  # fmt: skip
    return subject(cell, seed, data=(train[: len(train) // 4], test), callbacks=[best],
                   epochs=2 * cell.epochs)  # fmt: skip


@injector(accepted=("objective_is_importance_weighted", "spare_latents"))
def importance_weighted_encoder(cell, seed, severity):
    """Trained on L_20: its ELBO is low and nothing is wrong."""
    train, test = cell.examples(seed)
    vae = build(cell, train, seed)
    optimizer = keras.optimizers.Adam(cell.learning_rate)
    samples = 20

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            z_mean, z_log_var = vae.posterior_parameters(x)
            z_mean, z_log_var, x_k = (tf.repeat(v, samples, 0) for v in (z_mean, z_log_var, x))
            z = vae.sampling([z_mean, z_log_var])
            epsilon = (z - z_mean) * tf.exp(-z_log_var / 2)
            log_q = -0.5 * tf.reduce_sum(epsilon**2 + z_log_var, 1)
            log_p = vae.likelihood.log_prob(x_k, vae.decoder(z)) - 0.5 * tf.reduce_sum(z**2, 1)
            log_w = tf.reshape(log_p - log_q, (-1, samples))
            loss = -tf.reduce_mean(tf.reduce_logsumexp(log_w, axis=1))
        optimizer.apply(tape.gradient(loss, vae.trainable_variables), vae.trainable_variables)

    optimizer.build(vae.trainable_variables)
    rng = np.random.default_rng(seed)
    for _ in range(cell.epochs * len(train) // 64):
        step(tf.constant(train[rng.integers(0, len(train), 64)]))
    return of_vae(vae, train, test, objective="iwae", probe=None, bound=None)


@injector(cells=GAUSSIAN)
def learned_variance(cell, seed, severity):
    """A Gaussian on data in another unit: sigma is far from 1 and right."""
    train, test = cell.examples(seed)
    return subject(cell, seed, data=(3 * train, 3 * test))


@injector()
def warmed_up(cell, seed, severity):
    """beta rises for a third of training: healthy once it is over."""
    length = cell.epochs // 3
    return subject(cell, seed, callbacks=[KLWarmup(1.0, length)])
