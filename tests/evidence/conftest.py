"""Models whose evidence is known exactly: what every estimate is held against."""

import keras
import numpy as np
import pytest
from scipy import stats

from keras_vae import VAE
from keras_vae.distributions import Z_LOG_VAR_RANGE, inverse_soft_bound
from keras_vae.evidence import LinearGaussian


def linear_model(strengths):
    """A linear model with d + 2 entries whose posterior precisions are 1 + strengths^2, turned
    by a fixed rotation: its true posterior is correlated, so that no diagonal q is exact."""
    latents = len(strengths)
    if latents == 2:  # 45 degrees
        axes = np.array([[1.0, 1.0], [-1.0, 1.0]]) / np.sqrt(2)
    else:
        axes = np.linalg.qr(np.random.default_rng(1).normal(size=(latents, latents)))[0]
    weights = np.vstack([np.diag(strengths) @ axes, np.zeros((2, latents))])
    return LinearGaussian(weights, np.arange(latents + 2.0), variance=1.0)


def draw(exact, count, seed=0):
    """x ~ p(x) of a linear model, float32 (count, D)."""
    dimensions, latents = exact.weights.shape
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(count, latents))
    noise = np.sqrt(exact.variance) * rng.normal(size=(count, dimensions))
    return (z @ exact.weights.T + exact.mean + noise).astype("float32")


def as_vae(exact, widen=1.0):
    """That model as a VAE. q(z|x) has the exact means and, with `widen` 1, the variances
    1 / P_jj of the best diagonal posterior; `widen` multiplies its standard deviations."""
    precision = exact.posterior_precision
    dimensions, latents = exact.weights.shape
    inputs, z = keras.Input((dimensions,)), keras.Input((latents,))
    heads = [keras.layers.Dense(latents)(inputs), keras.layers.Dense(latents)(inputs)]
    encoder = keras.Model(inputs, heads)
    decoder = keras.Model(z, keras.layers.Dense(dimensions)(z))
    vae = VAE(encoder, decoder, likelihood="gaussian", seed=0)
    kernel = np.linalg.solve(precision, exact.weights.T / exact.variance).T
    log_var = 2 * np.log(widen) - np.log(np.diag(precision))
    bias = inverse_soft_bound(log_var, *Z_LOG_VAR_RANGE)
    encoder.set_weights([kernel, -exact.mean @ kernel, np.zeros((dimensions, latents)), bias])
    decoder.set_weights([exact.weights.T, exact.mean])
    x_log_var = inverse_soft_bound(np.log(exact.variance), *vae.likelihood.X_LOG_VAR_RANGE)
    vae.likelihood.x_log_var.assign(x_log_var / vae.likelihood.speed)
    return vae


class Linear:
    """One linear model: `exact` (LinearGaussian), `vae` (the same as a VAE), `draw(count)`."""

    def __init__(self, strengths, widen=1.0):
        self.exact = linear_model(strengths)
        self.vae = as_vae(self.exact, widen)

    def shift_means(self, by):
        """Moves the means of q(z|x) by that many standard deviations of the best q."""
        kernel, bias, *log_var = self.vae.encoder.get_weights()
        std = 1 / np.sqrt(np.diag(self.exact.posterior_precision))
        self.vae.encoder.set_weights([kernel, bias + by * std, *log_var])
        return self

    def draw(self, count, seed=0):
        return draw(self.exact, count, seed)


@pytest.fixture(scope="session")
def linear():
    """Makes a linear model: `linear([2.0, 1.0], widen=1.0)`."""
    return Linear


class Squares:
    """x|z ~ N(z^2, sigma^2) with one latent: p(z|x) has a mode at each root of x, and
    q(z|x) = N(z_mean, std^2) is the same for all x."""

    def __init__(self, z_mean, std=0.2, sigma=0.3):
        self.sigma = sigma
        inputs, z = keras.Input((1,)), keras.Input((1,))
        heads = [keras.layers.Dense(1)(inputs), keras.layers.Dense(1)(inputs)]
        encoder = keras.Model(inputs, heads)
        zeros = np.zeros((1, 1))
        encoder.set_weights([zeros, np.array([z_mean]), zeros, np.array([2 * np.log(std)])])
        decoder = keras.Model(z, keras.layers.Multiply()([z, z]))
        self.vae = VAE(encoder, decoder, likelihood="gaussian", seed=0)
        x_log_var = inverse_soft_bound(2 * np.log(sigma), *self.vae.likelihood.X_LOG_VAR_RANGE)
        self.vae.likelihood.x_log_var.assign(x_log_var / self.vae.likelihood.speed)

    def log_evidence(self, x):
        """log p(x) on a fine grid in float64, (N,)."""
        z = np.linspace(-10, 10, 100_001)
        log_joint = stats.norm.logpdf(x.astype("float64"), z**2, self.sigma) + stats.norm.logpdf(z)
        return np.logaddexp.reduce(log_joint, axis=1) + np.log(z[1] - z[0])


@pytest.fixture(scope="session")
def squares():
    """Makes a model with two modes: `squares(z_mean=2.0, std=0.2, sigma=0.3)`."""
    return Squares
