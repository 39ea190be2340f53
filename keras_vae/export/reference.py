"""What each signature must answer: the same questions, put to the Keras model.

Computed beside the served graph and not with it: example by example, outside any `tf.function`,
sums in NumPy and float64.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.data import take
from keras_vae.distributions import Columns
from keras_vae.export.given import as_given, part_specs
from keras_vae.export.images import image_channels
from keras_vae.export.seeds import latent_seed, pixel_seed
from keras_vae.export.served import Answers, Arrays
from keras_vae.inputs import parts_of, repeated
from keras_vae.terms import has_exact_rate
from keras_vae.vae import VAE

__all__ = ["reference"]

# Neighbours, a repetition, and the ends of int64.
SEEDS = np.array([7, 8, 9, 7, 0, -1, 2**63 - 1, -(2**63)])


def reference(vae: VAE, samples: int, pixels: str | None = None) -> Answers:
    """Inputs and right answers for every signature, eight rows each.

    The rows of x are all 0, all 1, and six examples that the model draws itself; those of z hold
    the prior's mean, points far out, and draws from the prior. Those of a condition are 1 in one
    entry after the other and 0 in the rest, as classes are; a mask leaves out half of the entries.

    Args:
        vae: the `VAE` that is served.
        samples, pixels: as for `signatures`.

    Returns:
        Dict of signature -> (dict of inputs, dict of outputs), NumPy arrays.
    """
    # Where the check runs as well: a GPU's matrix products have fewer digits.
    with tf.device("CPU:0"):
        z, parts = _latents(vae), _parts(vae)
        condition = parts.get("condition")
        told = {} if condition is None else {"condition": condition}
        x = _examples(vae, condition)
        given = as_given(vae, x, *parts.values())
        answers = {
            "reconstruct": ({"x": x, **parts}, _reconstruct(vae, given)),
            "encode": ({"x": x, **parts}, _encode(vae, given)),
            "decode": ({"z": z, **told}, {"mean": vae.decode(z, condition=condition)}),
            "sample": ({"seed": SEEDS, **told}, _sample(vae, condition)),
            "score": ({"x": x, "seed": SEEDS, **parts}, _score(vae, given, samples)),
        }
        if pixels is not None:
            gray, files = _images(vae, condition)
            x, drawn = (
                as_given(vae, _binarized(gray, seeds, pixels), *parts.values())
                for seeds in (np.zeros_like(SEEDS), SEEDS)
            )
            images = {"image_bytes": files, **parts}
            answers["reconstruct_image"] = images, _reconstruct(vae, x)
            answers["encode_image"] = images, _encode(vae, x)
            answers["score_image"] = {**images, "seed": SEEDS}, _score(vae, drawn, samples)
        answers["serving_default"] = answers["reconstruct"]
    return answers


def _parts(vae: VAE) -> Arrays:
    """Mask and condition of each row, of a model that takes them."""
    makers = {"mask": _mask, "condition": _condition}
    return {spec.name: makers[spec.name](spec.shape[1:]) for spec in part_specs(vae)}


def _mask(shape: Any) -> np.ndarray:
    """All are observed in the first row; something is in every row."""
    mask = np.random.default_rng(1).random((len(SEEDS), *shape)) < 0.5
    mask[0] = True
    mask.reshape(len(mask), -1)[:, 0] = True
    return mask.astype("float32")


def _condition(shape: Any) -> np.ndarray:
    """One entry after the other is 1, then none: what a class is in any coding."""
    size = int(np.prod(shape))
    is_one = np.arange(len(SEEDS))[:, None] % (size + 1) == np.arange(size)
    return is_one.reshape(-1, *shape).astype("float32")


def _latents(vae: VAE) -> np.ndarray:
    draws = np.random.default_rng(0).standard_normal((len(SEEDS), vae.latent_dim))
    draws[0], draws[1], draws[2] = 0, 5, -5
    return draws.astype("float32")


def _examples(vae: VAE, condition: np.ndarray | None) -> np.ndarray:
    """All 0, all 1, and draws x ~ p(x|z), z ~ p(z), that stay inside the likelihood's support; of a
    table draws, and a row of what every column can hold."""
    if isinstance(vae.likelihood, Columns):
        x = vae.sample(len(SEEDS), seed=0, condition=condition)
        x[0] = vae.likelihood.filler
        return x.astype("float32")
    if vae.likelihood.is_discrete:
        x = vae.sample(len(SEEDS), seed=0, condition=condition)
    else:
        means = vae.generate(len(SEEDS), seed=0, condition=condition)
        x = means + 0.1 * np.random.default_rng(0).standard_normal(means.shape, "float32")
    x[0], x[1] = 0, 1
    return np.clip(x, *vae.likelihood.support).astype("float32")


def _reconstruct(vae: VAE, x: Any) -> Arrays:
    return {"reconstruction": np.asarray(vae(x, training=False))}


def _encode(vae: VAE, x: Any) -> Arrays:
    z_mean, z_log_var = vae.encode(x)
    return {"z_mean": z_mean, "z_log_var": z_log_var}


def _sample(vae: VAE, condition: np.ndarray | None) -> Arrays:
    prior = vae.prior.distribution(vae.latent_dim)
    z = np.stack([prior.sample(seed=latent_seed(seed)) for seed in SEEDS])
    return {"z": z, "mean": vae.decode(z, condition=condition)}


def _score(vae: VAE, x: Any, samples: int) -> Arrays:
    """Each example by itself, its log-weights summed in float64."""
    prior = vae.prior.distribution(vae.latent_dim)
    rows = []
    for row, seed in enumerate(SEEDS):
        example = take(x, [row])
        parameters = vae.posterior_parameters(example)
        posterior = vae.posterior_family.distribution(parameters)
        first = tf.nest.map_structure(lambda value: value[0], parameters)
        q = vae.posterior_family.distribution(first)
        z = q.sample(samples, seed=latent_seed(seed))
        log_likelihood, log_prior, log_posterior = (
            np.float64(log_prob)
            for log_prob in (
                _log_likelihood(vae, example, z),
                prior.log_prob(z),
                posterior.log_prob(z),
            )
        )
        rate = float(log_posterior.mean() - log_prior.mean())
        if has_exact_rate(posterior, prior):
            rate = float(posterior.kl_divergence(prior)[0])
        distortion = -log_likelihood.mean()
        log_w = log_likelihood + log_prior - log_posterior
        rows.append((-(distortion + rate), rate, distortion, np.logaddexp.reduce(log_w)))
    elbo, rate, distortion, log_sum = np.transpose(rows)
    return {
        "elbo": elbo,
        "rate": rate,
        "distortion": distortion,
        "importance_weighted_bound": log_sum - np.log(samples),
    }


def _log_likelihood(vae: VAE, example: Any, z: tf.Tensor) -> tf.Tensor:
    """log p(x|z) of one example with every z, from the distribution itself."""
    x, mask, condition = parts_of(example, vae.event_shape)
    outputs = vae.decoder_outputs(z, None if condition is None else repeated(condition, len(z)))
    likelihood = vae.likelihood.distribution(outputs)
    if mask is None:
        return likelihood.log_prob(x)
    of_entries = tf.where(mask > 0, likelihood.distribution.log_prob(x), 0.0)
    return tf.reduce_sum(of_entries, axis=range(1, of_entries.shape.rank))


def _images(vae: VAE, condition: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Gray levels in [0, 1], and the same as PNG files: black, white, what the model draws."""
    means = np.clip(vae.generate(len(SEEDS), seed=1, condition=condition), 0, 1)
    means[0], means[1] = 0, 1
    levels = np.round(means * 255).astype("uint8")
    pixels = levels.reshape(*levels.shape[:3], image_channels(vae.event_shape))
    files = np.array([tf.io.encode_png(image).numpy() for image in pixels], dtype=object)
    return levels / np.float32(255), files


def _binarized(gray: np.ndarray, seeds: np.ndarray, pixels: str) -> np.ndarray:
    if pixels == "none":
        return gray
    if pixels == "threshold":
        return (gray > 0.5).astype("float32")
    shape = gray.shape[1:]
    uniform = [tf.random.stateless_uniform(shape, pixel_seed(s), alg="philox") for s in seeds]
    return (np.stack(uniform) < gray).astype("float32")
