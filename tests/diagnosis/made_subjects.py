"""Subjects in closed form: healthy ones, from which a test makes an ill one by one change."""

import dataclasses
import re

import numpy as np
import pytest
from scipy.special import expit

from keras_vae.diagnosis import Bernoulli, Gaussian, Subject
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.evidence.linear_gaussian import LinearGaussian
from keras_vae.measures import standard_error

# Of every generator here: with a seed alone data would hold the very noise that a measurement with
# that seed draws.
OWN = 31
# Of `linear_subject` as it is without arguments.
WEIGHTS, SIGMA = (3.0, 1.0, 0.2), 0.5
EXACT = LinearGaussian(np.diag(WEIGHTS), np.zeros(3), SIGMA**2)


def kl(z_mean, z_log_var):
    """KL(q(z|x) || N(0, I)), float64 (N,), nats."""
    z_mean, z_log_var = np.asarray(z_mean, "float64"), np.asarray(z_log_var, "float64")
    return 0.5 * np.sum(np.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1)


def linear_subject(
    beta=1.0, sigma=SIGMA, weights=WEIGHTS, entries=None, count=2000, seed=0, **changes
):
    """The linear-Gaussian VAE x = W z + sigma e, its columns orthogonal, their lengths `weights`,
    with the encoder of least D + beta R: with beta 1 the ELBO is log p(x).

    Args:
        entries: of an example; as many as latents by default, and then W is diagonal.
        count: training examples; the test examples are half as many.
        changes: attributes of the `Subject` to put in place of its own.
    """
    weights = np.asarray(weights, "float64")
    latents = len(weights)
    rng = np.random.default_rng((OWN, seed))
    axes = np.eye(latents)
    if entries is not None:
        axes, _ = np.linalg.qr(rng.standard_normal((entries, latents)))
    w = axes * weights  # (entries, d)

    def draws(count):
        z = rng.standard_normal((count, latents))
        return (z @ w.T + sigma * rng.standard_normal((count, len(w)))).astype("float32")

    # precision 1 + w^2 / (beta sigma^2), mean = variance W^T x / (beta sigma^2)
    variance = 1 / (1 + weights**2 / (beta * sigma**2))

    def encode(x):
        z_mean = (x @ w) * variance / (beta * sigma**2)
        z_log_var = np.broadcast_to(np.log(variance), z_mean.shape)
        return z_mean.astype("float32"), z_log_var.astype("float32")

    return _subject(
        encode, lambda z: z @ w.T, Gaussian(sigma), draws(count), draws(count // 2), beta, changes
    )


def stretched_subject(told=True, **of_linear):
    """`linear_subject` with 2 z + 3 in place of z: the same model with p(z) = N(3, 4 I).

    Args:
        told: whether the subject knows its prior.
        of_linear: arguments of `linear_subject`.
    """
    whole = linear_subject(**of_linear)

    def encode(x):
        z_mean, z_log_var = whole.encode(x)
        return 2 * z_mean + 3, z_log_var + 2 * np.log(2).astype("float32")

    def draw(x, seed):
        z_mean, z_log_var = whole.encode(x)
        noise = np.random.default_rng((OWN, 8, seed)).standard_normal(z_mean.shape)
        return 2 * (z_mean + np.exp(z_log_var / 2) * noise) + 3, kl(z_mean, z_log_var)

    def draw_prior(count, seed):
        return 3 + 2 * np.random.default_rng((OWN, 9, seed)).standard_normal((count, len(WEIGHTS)))

    def log_prior(z):
        # log N(z; 3, 4)
        return -0.5 * np.sum((z - 3) ** 2 / 4 + np.log(2 * np.pi * 4), axis=1)

    return dataclasses.replace(
        whole,
        encode=encode,
        decode=lambda z: whole.decode((np.asarray(z) - 3) / 2),
        draw=draw,
        prior=(draw_prior, log_prior) if told else None,
    )


def binary_subject(beta=1.0, weight=2.0, causes=2, entries=60, count=2000, seed=0, **changes):
    """A Bernoulli model of binary data: each entry has the logit `weight` times its cause, each
    cause is a latent and has an equal part of the entries. The encoder is the Gaussian of least
    D + beta R for that decoder; with beta 1 it is within 0.1 nats of p(z|x).

    Args:
        count: training examples; the test examples are half as many.
        changes: attributes of the `Subject` to put in place of its own.
    """
    size = entries // causes
    rng = np.random.default_rng((OWN, seed))

    def decode(z):
        return np.repeat(weight * np.asarray(z, "float64"), size, axis=1)

    def draws(count):
        p = expit(decode(rng.standard_normal((count, causes))))
        return (rng.random(p.shape) < p).astype("float32")

    # The posterior of a cause depends on the number of ones among its entries.
    table = _posteriors(size, weight, beta)

    def encode(x):
        ones = np.rint(x.reshape(len(x), causes, size).sum(axis=2)).astype("int")
        return tuple(values[ones].astype("float32") for values in table)

    likelihood = Bernoulli(logits=True)
    return _subject(encode, decode, likelihood, draws(count), draws(count // 2), beta, changes)


def _posteriors(size, weight, beta):
    """(z_mean, z_log_var), each (size + 1,), of least D + beta R, by the number k of ones."""
    nodes, masses = np.polynomial.hermite_e.hermegauss(40)
    masses = masses / masses.sum()
    ones = np.arange(size + 1)
    mean, variance = np.zeros(size + 1), np.ones(size + 1)
    # D + beta R = E[-k w z + n log(1 + exp(w z))] + beta / 2 (mean^2 + var - log var), stationary:
    # beta mean = w (k - n E[p]),  beta / var = beta + n w^2 E[p (1 - p)],  p = sigmoid(w z)
    for _ in range(200):
        p = expit(weight * (mean[:, None] + np.sqrt(variance)[:, None] * nodes))
        curvature = beta + size * weight**2 * (p * (1 - p)) @ masses
        mean = mean + (weight * (ones - size * p @ masses) - beta * mean) / curvature
        variance = (variance + beta / curvature) / 2
    return mean, np.log(variance)


def _subject(encode, decode, likelihood, train, test, beta, changes):
    """With training code that is as it should be."""
    noise = np.random.default_rng((OWN, 0, 1))

    def training_draw(x):
        z_mean, z_log_var = encode(x)
        return z_mean + np.exp(z_log_var / 2) * noise.standard_normal(z_mean.shape)

    def loss_fn(x):
        distortion = -likelihood.log_prob(x, decode(training_draw(x)))
        rate = kl(*encode(x))
        terms = {"loss": distortion + beta * rate, "distortion": distortion, "rate": rate}
        return {name: values.astype("float32") for name, values in terms.items()}

    code = {"training_draw": training_draw, "loss_fn": loss_fn}
    subject = Subject(encode, decode, likelihood, train, test, **code, beta=beta)
    return dataclasses.replace(subject, **changes)


def squares_subject(**changes):
    """A Gaussian without a sigma."""
    return linear_subject(likelihood=Gaussian(), training_draw=None, loss_fn=None, **changes)


def changed(**changes):
    """Measurements of the linear-Gaussian VAE with some attributes changed."""
    return Measurements(linear_subject(**changes))


def value(found):
    """The deciding measurement of a finding."""
    return found.evidence[0].value


def error(found):
    """Its standard error."""
    return found.evidence[0].standard_error


def lost_by_width(factor):
    """KL(q || p(z|x)) of the exact posterior in 3 latents with variances so many times too large,
    nats: 1/2 sum_j factor - 1 - log factor."""
    return 1.5 * (factor - 1 - np.log(factor))


def assert_mean(values, expected, errors=4):
    """The mean of independent values is the expected one, within 4 standard errors."""
    assert abs(np.mean(values) - expected) < errors * standard_error(values) + 1e-5


def agrees(found, expected):
    """Whether the deciding value is the expected one within 4 standard errors."""
    evidence = found.evidence[0]
    return abs(evidence.value - expected) < 4 * evidence.standard_error < 0.2 * expected


def number(words, text):
    """The number after these words."""
    return float(re.search(re.escape(words) + r" ([\d.]*\d)", text)[1])


def same(number):
    """The same in three digits."""
    return pytest.approx(number, rel=0.005)


def some_gray(x, fraction, level=0.5):
    """x with that fraction of its entries gray, without a change of the mean."""
    rng = np.random.default_rng((OWN, 5))
    return np.where(rng.random(x.shape) < fraction, np.float32(level), x)
