"""How likely is each example under a model, and what in it makes it unlikely."""

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.data import part_of
from keras_vae.errors import ConfigError
from keras_vae.inputs import in_batches, parts_of, repeated
from keras_vae.pairs import pairs_at_once
from keras_vae.terms import rate as rate_of
from keras_vae.traced import specs_of, traced_of
from keras_vae.vae import VAE

__all__ = ["Scores", "score"]

PAIRS = 20_000  # of an example and a z that are decoded at once, at most


@dataclass(frozen=True)
class Scores:
    """How likely N examples are; nats, of what was observed of each.

    Attributes:
        log_evidence, standard_error: float64 (N,): log p(x) from below, L_K, and its error by the
            delta method.
        elbo, distortion, rate: float64 (N,): the bound with K draws of z, and its parts.
        tail_probability: float64 (N,): the share of reference examples that are as unlikely or
            more, and at least 1 / (1 + their number).
        of_entries: float64 (N, *event_shape): E[log p(x_j|z) | x] of each entry j; NaN where it is
            missing.
        tail_of_entries: the same share for each entry, among what the reference examples have in
            its place; NaN where it is missing.
        reference_of_entries: int (*event_shape): how many reference examples have the entry.
        protocol: what the numbers depend on, in words.
    """

    log_evidence: np.ndarray
    standard_error: np.ndarray
    elbo: np.ndarray
    distortion: np.ndarray
    rate: np.ndarray
    tail_probability: np.ndarray
    of_entries: np.ndarray
    tail_of_entries: np.ndarray
    reference_of_entries: np.ndarray
    protocol: str


def score(vae: VAE, x: Any, reference: Any, samples: int = 500, seed: int = 0) -> Scores:
    """Scores examples, and ranks them among others that the model was not trained on.

    log p(x) is estimated by L_K = log 1/K sum_k w_k, w_k = p(x|z_k) p(z_k) / q(z_k|x), z_k ~ q(z|x)
    (Burda, Grosse & Salakhutdinov 2016, arXiv:1509.00519); what an entry has of it by
    E[log p(x_j|z) | x], the mean under the same weights. An example with gaps has fewer terms: it
    is ranked by log p(x) - sum_j E_reference[log p(x_j|z)] over the entries j that it has.

    Args:
        vae: `VAE`.
        x: (N, *event_shape), or a dictionary of it as `x` with `mask`, `condition` or both.
        reference: the same, M examples: those that tell what is usual, such as the validation
            split.
        samples: K, at least 2.
        seed: of the draws of noise, which are the same for all examples: so the scores of one do
            not depend on those beside it, and their errors are not independent.

    Returns:
        `Scores`.

    Raises:
        ConfigError: if `samples` is below 2.
        DataError: if the data do not fit the model, or the likelihood has no log p of an entry.
    """
    if not isinstance(samples, Integral) or isinstance(samples, bool) or samples < 2:
        raise ConfigError(f"samples={samples!r}: expected a whole number of at least 2")
    terms, usual = (_terms(vae, given, samples, seed) for given in (x, reference))
    examples = len(usual["elbo"])
    return Scores(
        **terms,
        tail_probability=_tail(_excess(terms, usual), _excess(usual, usual)),
        tail_of_entries=_tail(terms["of_entries"], usual["of_entries"]),
        reference_of_entries=np.isfinite(usual["of_entries"]).sum(axis=0),
        protocol=f"L_K, K = {samples} samples of z an example, by the same noise for "
        f"each, seed {seed}; ranked among {examples} reference examples, so that no tail is below "
        f"{1 / (1 + examples):.2g}; beta 1; float32",
    )


def _terms(vae: VAE, x: Any, samples: int, seed: int) -> dict[str, np.ndarray]:
    """The terms of each example, by their names in `Scores`."""
    given = vae.as_examples(x)
    compiled = traced_of(vae, _terms_of_batch, samples, seed, signature=[specs_of(given)])
    pairs = pairs_at_once(vae.event_shape, PAIRS)
    parts = [
        {name: part.numpy().astype("float64") for name, part in compiled(batch).items()}
        for batch in in_batches(given, max(1, pairs // samples))
    ]
    terms = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    log_w = terms.pop("log_w")
    # log 1/K sum_k w_k
    bound = np.logaddexp.reduce(log_w, axis=1) - np.log(samples)
    # var(log mean w) = var(w) / (K E[w]^2)
    error = np.std(np.exp(log_w - bound[:, None]), axis=1, ddof=1) / np.sqrt(samples)
    mask = part_of(given, "mask")
    if mask is not None:
        terms["of_entries"] = np.where(np.asarray(mask) > 0, terms["of_entries"], np.nan)
    return {
        **terms,
        "log_evidence": bound,
        "standard_error": error,
        "elbo": -terms["distortion"] - terms["rate"],
    }


def _terms_of_batch(vae: VAE, samples: int, seed: int, x: Any) -> dict[str, tf.Tensor]:
    parameters = vae.posterior_parameters(x)
    z, log_w = vae.weighted_draws(x, parameters, samples, seed, is_common=True)
    values, mask, condition = parts_of(x, vae.event_shape, vae.condition_shape)
    told = None if condition is None else repeated(condition, samples)
    values, mask = repeated((values, tf.ones_like(values) if mask is None else mask), samples)
    outputs = vae.decoder_outputs(z, told)
    values = tf.where(mask > 0, values, vae.likelihood.filler)
    of_entries = tf.where(mask > 0, vae.likelihood.log_prob_of_entries(values, outputs), 0.0)
    shape = tf.concat([[-1, samples], tf.shape(of_entries)[1:]], 0)
    of_entries = tf.reshape(of_entries, shape)
    z = tf.transpose(tf.reshape(z, [-1, samples, vae.latent_dim]), [1, 0, 2])
    posterior = vae.posterior_family.distribution(parameters)  # q(z|x)
    rates = rate_of(posterior, vae.prior.distribution(vae.latent_dim), z)
    distortion = -tf.reduce_mean(of_entries, axis=1)
    return {
        "log_w": log_w,
        "distortion": tf.reduce_sum(tf.reshape(distortion, [tf.shape(log_w)[0], -1]), axis=1),
        "rate": rates if rates.shape.rank == 1 else tf.reduce_mean(rates, axis=0),
        # sum_k w_k log p(x_j|z_k), of weights that sum to 1
        "of_entries": tf.einsum("nk,nk...->n...", tf.nn.softmax(log_w, axis=1), of_entries),
    }


def _excess(terms: dict[str, np.ndarray], usual: dict[str, np.ndarray]) -> np.ndarray:
    """log p(x), less what the entries that there are have on average; an entry that no usual
    example has is taken for average, because nothing else is known of it."""
    entries, of_usual = terms["of_entries"], usual["of_entries"]
    known = np.isfinite(of_usual).sum(axis=0)
    mean = np.where(known > 0, np.nansum(of_usual, axis=0) / np.maximum(known, 1), entries)
    average = np.where(np.isfinite(entries), mean, 0.0).reshape(len(entries), -1)
    return terms["log_evidence"] - average.sum(axis=1)


def _tail(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """(1 + number of reference values that are as low or lower) / (1 + number of them), along the
    first axis; NaN of NaN."""
    shape = values.shape
    values, reference = values.reshape(len(values), -1), reference.reshape(len(reference), -1)
    tails = np.empty(values.shape)
    for j in range(values.shape[1]):
        known = np.sort(reference[np.isfinite(reference[:, j]), j])
        lower = np.searchsorted(known, values[:, j], side="right")
        tails[:, j] = (1 + lower) / (1 + len(known))
    return np.where(np.isfinite(values), tails, np.nan).reshape(shape)
