"""Healthy models whose surroundings are wrong: evaluation, generation, precision, export."""

from dataclasses import replace

import numpy as np
import tensorflow as tf

from keras_vae.diagnosis import Gaussian, Subject, of_vae
from zoo.specimen import injector
from zoo.train import build, healthy, subject

__all__ = []


def _healthy(cell, seed, **more):
    vae, train, test, history = healthy(cell, seed)
    return of_vae(vae, train, test, **{"history": history, **more})


def _log_weights(vae, x, k):
    """log w of k draws, (k, N)."""
    x = tf.convert_to_tensor(x)
    z_mean, z_log_var = vae.posterior_parameters(x)
    draws = []
    for _ in range(k):
        z = vae.sampling([z_mean, z_log_var])
        epsilon = (z - z_mean) * tf.exp(-z_log_var / 2)
        log_q = -0.5 * tf.reduce_sum(epsilon**2 + z_log_var, 1)
        log_joint = vae.likelihood.log_prob(x, vae.decoder(z)) - 0.5 * tf.reduce_sum(z**2, 1)
        draws.append(log_joint - log_q)
    return tf.stack(draws)


@injector(("bound_estimator_wrong",), (), ("mean of logs", "no log K", "a mean over entries"))
def bound_wrong(cell, seed, severity):
    vae = healthy(cell, seed)[0]

    def bound(x, k):
        log_w = _log_weights(vae, x, k)
        right = tf.reduce_logsumexp(log_w, axis=0) - np.log(k)
        return {
            "mean of logs": tf.reduce_mean(log_w, axis=0),
            "no log K": right + np.log(k),
            "a mean over entries": right / x[0].size,
        }[severity].numpy()

    return _healthy(cell, seed, bound=bound)


@injector(("generator_differs",), (), (0.7, 0.3, 0.0))
def generator_too_cold(cell, seed, severity):
    """z ~ N(0, severity^2 I)."""
    vae = healthy(cell, seed)[0]
    rng = np.random.default_rng(seed)

    def generate(count):
        return vae.decode(severity * rng.standard_normal((count, cell.latent)))

    return _healthy(cell, seed, generate=generate)


def _rounded(dtype):
    def rounded(value):
        return tf.cast(tf.cast(value, dtype), tf.float32).numpy()

    return rounded


@injector(("half_precision_terms",), ("rate_formula_wrong",), ("float16", "bfloat16"))
def terms_in_half_precision(cell, seed, severity):
    vae, train, test, _ = healthy(cell, seed)
    whole, rounded = of_vae(vae, train, test), _rounded(severity)

    def loss_fn(x):
        return {name: rounded(value) for name, value in whole.loss_fn(x).items()}

    return _healthy(cell, seed, loss_fn=loss_fn)


@injector(("export_drift",), (), (0.003, 0.01, 0.1))
def exported_before_the_end(cell, seed, severity):
    """The weights of the export differ by noise of this size."""
    vae, train, _, _ = healthy(cell, seed)
    other = build(cell, train, seed)
    rng = np.random.default_rng(seed)
    other.set_weights([w + severity * rng.standard_normal(w.shape) for w in vae.get_weights()])
    return _healthy(
        cell, seed, served=(other.encode, lambda z: other.decoder(z, training=False).numpy())
    )


@injector(("prior_hole", "encoder_unsettled"), ("more_latents_would_pay", "latent_blow_up",
          "amortization_gap", "prior_hole"), (1.0, 2.0, 4.0))  # fmt: skip
def codes_beside_the_prior(cell, seed, severity):
    """The same model with all codes moved: it reconstructs as well and samples badly."""
    vae, train, test, history = healthy(cell, seed)

    def encode(x):
        z_mean, z_log_var = vae.encode(x)
        return z_mean + severity, z_log_var

    def decode(z):
        return vae.decoder(np.asarray(z) - np.float32(severity), training=False).numpy()

    likelihood = of_vae(vae, train, test).likelihood
    return Subject(encode, decode, likelihood, train, test, history=history)


@injector(("prior_hole",), ("spare_latents", "more_latents_would_pay"), (1,), ("toy",))
def clusters_far_apart(cell, seed, severity):
    """Healthy training on clusters far apart: codes in few places."""
    clusters = replace(cell, data="clusters")
    return subject(clusters, seed)


@injector(("latent_blow_up", "encoder_unsettled"), ("prior_hole", "kl_underweighted",
          "amortization_gap", "more_latents_would_pay", "approximation_gap"),
          (5.0, 20.0))  # fmt: skip
def codes_far_out(cell, seed, severity):
    """The same model with codes and their posteriors' means spread out."""
    vae, train, test, history = healthy(cell, seed)

    def encode(x):
        z_mean, z_log_var = vae.encode(x)
        return severity * z_mean, z_log_var + 2 * np.float32(np.log(severity))

    def decode(z):
        return vae.decoder(np.asarray(z) / np.float32(severity), training=False).numpy()

    likelihood = of_vae(vae, train, test).likelihood
    return Subject(encode, decode, likelihood, train, test, history=history)


@injector(("approximation_gap",), ("more_latents_would_pay", "amortization_gap", "spare_latents"),
          (0.3, 0.15, 0.08), ("toy",))  # fmt: skip
def rotated_linear_model(cell, seed, severity):
    """x = W z + noise with columns of W that are nearly parallel, and its best diagonal q(z|x),
    in closed form: variance 1 / diagonal of the posterior's precision."""
    rng = np.random.default_rng(seed)
    d, n, sigma = 4, 16, 0.3
    common = rng.standard_normal((n, 1))
    weights = (common + severity * rng.standard_normal((n, d))).astype("float32")
    z = rng.standard_normal((4000, d))
    x = (z @ weights.T + sigma * rng.standard_normal((4000, n))).astype("float32")
    # precision P = W^T W / sigma^2 + I; mean = P^-1 W^T x / sigma^2
    precision = weights.T @ weights / sigma**2 + np.eye(d)
    to_mean = np.linalg.solve(precision, weights.T / sigma**2)
    log_var = -np.log(np.diag(precision))

    def encode(x):
        return x @ to_mean.T, np.tile(log_var, (len(x), 1))

    return Subject(encode, lambda z: z @ weights.T, Gaussian(sigma), x[:3000], x[3000:])
