"""Why the ELBO lies below log p(x): is q(z|x) too simple a family, or the encoder too weak?

log p(x) - ELBO[q] = (log p(x) - ELBO[q*]) + (ELBO[q*] - ELBO[q])
  inference gap    =   approximation gap   +  amortization gap

q is what the encoder says, q* the best diagonal Gaussian for one x alone (Cremer, Li & Duvenaud
2018, arXiv:1801.03558). It is looked for from q on, by Adam (Kingma & Ba 2015, arXiv:1412.6980) on
z_mean and z_log_var, with reparameterised gradients; steps of z_mean are in units of the standard
deviation of q(z|x), so that one learning rate fits wide and narrow posteriors.
"""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from keras_vae.distributions import Z_LOG_VAR_RANGE, normal_posterior
from keras_vae.elbo import elbo, rate
from keras_vae.errors import OptimizationDiverged
from keras_vae.vae import in_batches

__all__ = ["InferenceGaps", "inference_gaps"]

ROWS = 3200  # pairs of x and z decoded at once: memory does not grow with the number of examples
# Decay of Adam's two moments; the second is shorter than usual, for a few hundred steps.
FIRST_DECAY, SECOND_DECAY = 0.9, 0.99
EPSILON = 1e-8

# When q* counts as worse than q: by more nats than what noise in the last steps may cost ...
TOLERANCE = 0.05
MEAN_TOLERANCE = 0.01
# ... and by more standard errors than what draws of z may make of nothing.
MOST_ERRORS = 4
MOST_ERRORS_OF_MEAN = 3


@dataclass(frozen=True)
class InferenceGaps:
    """The inference gap of each example and its two parts; float64, nats.

    Attributes:
        elbo: (N,): of the encoder's q(z|x).
        optimized_elbo: (N,): of q*(z|x), with the same noise.
        amortization_gap: (N,): optimized_elbo - elbo, what a better encoder would gain.
        amortization_standard_error: (N,): of that difference, which little noise is left in.
        approximation_gap: (N,): log p(x) - optimized_elbo, what only a richer family of
            posteriors would gain. Far below 0 it says that `log_evidence` is too low.
        approximation_standard_error: (N,): that of optimized_elbo; the error of `log_evidence`
            comes on top.
        z_mean, z_log_var: float32 (N, d): the parameters of q*.
    """

    elbo: np.ndarray
    optimized_elbo: np.ndarray
    amortization_gap: np.ndarray
    amortization_standard_error: np.ndarray
    approximation_gap: np.ndarray
    approximation_standard_error: np.ndarray
    z_mean: np.ndarray
    z_log_var: np.ndarray

    @property
    def inference_gap(self):
        """log p(x) - elbo = KL(q(z|x) || p(z|x)), float64 (N,), nats."""
        return self.approximation_gap + self.amortization_gap


def inference_gaps(
    vae,
    x,
    log_evidence,
    steps=500,
    samples=32,
    learning_rate=0.03,
    evaluation_samples=1000,
    seed=0,
):
    """How much of log p(x) - ELBO is the family's fault, and how much the encoder's.

    The optimum is a local one, near the encoder's q. Where `steps` end before it, the
    amortization gap comes out too small, and the approximation gap too large by as much.

    Args:
        vae: `VAE`.
        x: (N, *event_shape), as the likelihood sees them (binarised if need be).
        log_evidence: (N,), log p(x) in nats: from `exact_evidence` for up to 3 latents,
            otherwise from `annealed_evidence` or a trusted `importance_weighted_bound`.
        steps: of the optimisation, at least 1.
        samples: draws of z for each example and step, in pairs z_mean +- std * epsilon: even, at
            least 2. The cost is steps * samples passes through the decoder and back an example.
        learning_rate: of the first step, in standard deviations of q for z_mean; it decays to 0
            along a cosine.
        evaluation_samples: new draws of z for both ELBOs of each example, even, at least 4.
        seed: integer; the noise of the model's own sampling layer is left alone.

    Returns:
        `InferenceGaps`.

    Raises:
        ValueError: if an argument is out of range, or `log_evidence` does not fit `x`.
        OptimizationDiverged: if q* is worse than the q from which it was looked for.
    """
    x, log_evidence = np.asarray(x, "float32"), np.asarray(log_evidence, "float64")
    _check(x, log_evidence, steps, samples, learning_rate, evaluation_samples)
    distortions = _distortions_function(vae, x.shape[1:])
    optimize = _optimize_function(vae, x.shape[1:], distortions, steps, samples, learning_rate)
    parts = []
    for i, batch in enumerate(in_batches(x, max(1, ROWS // samples))):
        seeds = tf.random.split((seed, i), 2)
        start = vae.posterior_parameters(batch)  # q
        best = optimize(batch, *start, seeds[0])  # q*
        pairs = (samples // 2, evaluation_samples // 2)
        elbos = _elbos(vae, batch, (start, best), distortions, *pairs, seeds[1])
        parts.append((*elbos, *best))
    start_elbos, best_elbos, z_mean, z_log_var = (
        np.concatenate(part, axis=axis)
        for part, axis in zip(zip(*parts, strict=True), (1, 1, 0, 0), strict=True)
    )
    gap, gap_error = _mean_and_error(best_elbos - start_elbos)
    _check_improved(gap, gap_error, steps, learning_rate)
    best_elbo, best_error = _mean_and_error(best_elbos)
    return InferenceGaps(
        elbo=start_elbos.mean(axis=0),
        optimized_elbo=best_elbo,
        amortization_gap=gap,
        amortization_standard_error=gap_error,
        approximation_gap=log_evidence - best_elbo,
        approximation_standard_error=best_error,
        z_mean=z_mean,
        z_log_var=z_log_var,
    )


def _distortions_function(vae, event_shape):
    """(x, z_mean, z_log_var, epsilon (batch, pairs, d)) -> -log p(x|z), averaged over the two
    z = z_mean +- std * epsilon: float32 (batch, pairs)."""
    latents = tf.TensorSpec((None, vae.latent_dim), "float32")
    noise = tf.TensorSpec((None, None, vae.latent_dim), "float32")

    @tf.function(
        input_signature=[tf.TensorSpec((None, *event_shape), "float32"), latents, latents, noise]
    )
    def distortions(x, z_mean, z_log_var, epsilon):
        pairs = tf.shape(epsilon)[1]
        epsilon = tf.concat([epsilon, -epsilon], axis=1)
        z = z_mean[:, None] + tf.exp(z_log_var / 2)[:, None] * epsilon
        # The same example 2 * pairs times in a row of the batch: networks know no other axes.
        x = tf.repeat(x, 2 * pairs, axis=0)
        z = tf.reshape(z, [-1, vae.latent_dim])
        log_likelihood = vae.likelihood.log_prob(x, vae.decoder(z, training=False))
        return -tf.reduce_mean(tf.reshape(log_likelihood, [-1, 2, pairs]), axis=1)

    return distortions


def _optimize_function(vae, event_shape, distortions, steps, samples, learning_rate):
    """(x, z_mean, z_log_var of q, seed) -> z_mean, z_log_var of q*."""
    prior = vae.prior.distribution(vae.latent_dim)  # p(z)
    latents = tf.TensorSpec((None, vae.latent_dim), "float32")
    examples = tf.TensorSpec((None, *event_shape), "float32")

    @tf.function(input_signature=[examples, latents, latents, tf.TensorSpec((2,), "int32")])
    def optimize(x, z_mean, z_log_var, seed):
        noise_shape = (tf.shape(x)[0], samples // 2, vae.latent_dim)
        first = second = tf.zeros_like([z_mean, z_log_var])
        for t in tf.range(steps):
            epsilon = tf.random.stateless_normal(noise_shape, tf.random.fold_in(seed, t))
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch([z_mean, z_log_var])
                # -ELBO = D + R
                loss = tf.reduce_mean(distortions(x, z_mean, z_log_var, epsilon), axis=1)
                loss += rate(normal_posterior(z_mean, z_log_var), prior)
            of_mean, of_log_var = tape.gradient(loss, [z_mean, z_log_var])
            std = tf.exp(z_log_var / 2)
            # Adam, in u with z_mean = (the z_mean of before) + std * u: dL/du = std * dL/dz_mean
            gradient = tf.stack([std * of_mean, of_log_var])
            first += (1 - FIRST_DECAY) * (gradient - first)
            second += (1 - SECOND_DECAY) * (gradient**2 - second)
            done = tf.cast(t, "float32")
            unbiased_first = first / (1 - FIRST_DECAY ** (done + 1))
            unbiased_second = second / (1 - SECOND_DECAY ** (done + 1))
            decayed_rate = learning_rate * (1 + tf.cos(np.pi * done / steps)) / 2
            step = -decayed_rate * unbiased_first / (tf.sqrt(unbiased_second) + EPSILON)
            z_mean += std * step[0]
            z_log_var = tf.clip_by_value(z_log_var + step[1], *Z_LOG_VAR_RANGE)
        return z_mean, z_log_var

    return optimize


def _elbos(vae, x, posteriors, distortions, chunk, pairs, seed):
    """The ELBO of each posterior (z_mean, z_log_var) with the same noise: for each float64
    (pairs, batch), one value a pair of draws; `chunk` pairs at once."""
    prior = vae.prior.distribution(vae.latent_dim)  # p(z)
    rates = [rate(normal_posterior(*parameters), prior) for parameters in posteriors]
    draws = [[] for _ in posteriors]
    for done in range(0, pairs, chunk):
        shape = (len(x), min(chunk, pairs - done), vae.latent_dim)
        epsilon = tf.random.stateless_normal(shape, tf.random.fold_in(seed, done))
        for parameters, of_posterior in zip(posteriors, draws, strict=True):
            of_posterior.append(distortions(x, *parameters, epsilon).numpy().T)
    return [
        elbo(np.concatenate(of_posterior).astype("float64"), of_rate.numpy())
        for of_posterior, of_rate in zip(draws, rates, strict=True)
    ]


def _mean_and_error(draws):
    """Mean and standard error over the first axis."""
    return draws.mean(axis=0), draws.std(axis=0, ddof=1) / np.sqrt(len(draws))


def _check_improved(gap, error, steps, learning_rate):
    """Refuses a q* that is worse than the q from which it was looked for."""
    is_worse = ~(gap >= -np.maximum(MOST_ERRORS * error, TOLERANCE))  # so is NaN
    mean, mean_error = np.mean(gap), np.sqrt(np.sum(error**2)) / len(gap)
    advice = f"try learning_rate={learning_rate / 3:.2g}, or more steps than {steps}"
    if is_worse.any():
        worst = int(np.argmin(np.where(is_worse, gap, np.inf)))
        raise OptimizationDiverged(
            f"the best q(z|x) that was found is worse than the encoder's for {is_worse.sum()} of "
            f"{len(gap)} examples, for example {worst} by {-gap[worst]:.2f} nats "
            f"(standard error {error[worst]:.2f}); {advice}"
        )
    if mean < -max(MOST_ERRORS_OF_MEAN * mean_error, MEAN_TOLERANCE):
        raise OptimizationDiverged(
            f"the best q(z|x) that was found is worse than the encoder's by {-mean:.3f} nats on "
            f"average over {len(gap)} examples (standard error {mean_error:.3f}); {advice}"
        )


def _check(x, log_evidence, steps, samples, learning_rate, evaluation_samples):
    """Refuses arguments that cannot work."""
    if log_evidence.shape != x.shape[:1]:
        raise ValueError(
            f"log_evidence has shape {log_evidence.shape}: expected one value for each example, "
            f"{x.shape[:1]}"
        )
    if not np.isfinite(log_evidence).all():
        raise ValueError(
            f"log_evidence of example {int(np.argmin(np.isfinite(log_evidence)))} is "
            f"{log_evidence[np.argmin(np.isfinite(log_evidence))]}: expected finite nats"
        )
    if steps < 1:
        raise ValueError(f"steps={steps!r}: expected at least 1")
    if not 0 < learning_rate < float("inf"):
        raise ValueError(f"learning_rate={learning_rate!r}: expected a finite number above 0")
    for name, value, least in (
        ("samples", samples, 2),
        ("evaluation_samples", evaluation_samples, 4),
    ):
        if value < least or value % 2:
            raise ValueError(f"{name}={value!r}: expected an even number of at least {least}")
