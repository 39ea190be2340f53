"""Is z drawn as z_mean + std * epsilon, with fresh standard normal noise for each example?"""

import numpy as np

from keras_vae.data.given import take
from keras_vae.diagnosis.finding import ERROR, Evidence, Finding, finding
from keras_vae.diagnosis.measurements import Measurements

__all__ = [
    "encoder_is_random",
    "noise_missing",
    "noise_repeated",
    "noise_scale_wrong",
    "noise_shared_by_batch",
]

HEALTHY = "epsilon = (z - z_mean) / std has mean 0, std 1, and is new for each example and call."


def noise_missing(m: Measurements) -> Finding | None:
    if m.noise is None:
        return None
    return finding(
        "noise_missing",
        ERROR,
        Evidence("std of the noise in z", m.noise.std, 0.05, is_above=False),
        "z is the posterior's mean without noise: this is an autoencoder with a penalty, not a "
        "VAE; nothing makes neighbouring z decode to similar x, and the reported std is "
        "meaningless.",
        "Draw z in training: z = z_mean + exp(z_log_var / 2) * random.normal(shape(z_mean)).",
        HEALTHY,
    )


def noise_shared_by_batch(m: Measurements) -> Finding | None:
    if m.noise is None:
        return None
    return finding(
        "noise_shared_by_batch",
        ERROR,
        Evidence(
            "correlation of the noise of different examples of a batch",
            m.noise.row_correlation,
            0.3,
            m.noise.correlation_standard_error,
        ),
        "All examples of a batch get the same noise, so that the gradient of a batch is as noisy "
        "as that of one example.",
        "Draw noise of the shape of z_mean, (batch, d): random.normal(shape(z_mean)).",
        HEALTHY,
    )


def noise_repeated(m: Measurements) -> Finding | None:
    if m.noise is None:
        return None
    return finding(
        "noise_repeated",
        ERROR,
        Evidence(
            "correlation of the noise of an example in successive calls",
            m.noise.call_correlation,
            0.3,
            m.noise.correlation_standard_error,
        ),
        "Every call draws the same noise, so that training learns one fixed z for each place in a "
        "batch instead of a distribution.",
        "Give the layer a seed generator of its own, not an integer: self.seed_generator = "
        "keras.random.SeedGenerator(seed), random.normal(..., seed=self.seed_generator).",
        HEALTHY,
    )


def noise_scale_wrong(m: Measurements) -> Finding | None:
    noise = m.noise
    if noise is None or noise.std < 0.05:
        return None
    slope = noise.std_slope
    mix_up = (
        "the variance, exp(z_log_var), is used in place of the std"
        if slope > 1.5
        else "the std does not scale it"
        if slope < 0.5
        else "it is scaled by something else"
    )
    return finding(
        "noise_scale_wrong",
        ERROR,
        Evidence(
            "|std of epsilon - 1|",
            abs(noise.std - 1),
            0.05,
            noise.std_standard_error,
            settle="more calls of training_draw",
        ),
        f"The noise in z is not as wide as the posterior that the rate is computed from: {mix_up}.",
        "z = z_mean + exp(z_log_var / 2) * epsilon: half the log of the variance is the log of the "
        "std.",
        HEALTHY,
    )


def encoder_is_random(m: Measurements) -> Finding | None:
    first, second = (m.subject.encode(take(m.given_train, slice(100))) for _ in range(2))
    change = float(np.max(np.abs(np.asarray(first[0]) - np.asarray(second[0]))))
    return finding(
        "encoder_is_random",
        ERROR,
        Evidence("largest change of z_mean between two calls on the same examples", change, 1e-4),
        "The encoder gives the same examples different answers: dropout is active outside "
        "training, or what is called z_mean is a draw of z.",
        "Call the encoder with training=False; take z_mean, not z, from its outputs.",
        "The same examples give the same z_mean.",
    )
