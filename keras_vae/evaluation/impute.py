"""What is missing in an example, given what was observed of it."""

from dataclasses import dataclass
from functools import partial
from numbers import Integral, Real
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_vae.data import array_of, count, part_of
from keras_vae.errors import ConfigError, DataError
from keras_vae.inputs import in_batches, parts_of, repeated
from keras_vae.pairs import pairs_at_once
from keras_vae.traced import traced
from keras_vae.vae import VAE

__all__ = ["Imputation", "impute"]

FEW = 10  # equal weights, below which the mean of draws is not much more than one of them
PAIRS = 20_000  # of an example and a z that are decoded at once, at most


@dataclass(frozen=True)
class Imputation:
    """Examples whose gaps are filled in.

    Attributes:
        x: float32 (N, *event_shape): what was observed, as it was, and of each gap the mean under
            p(x_missing|x_observed), of a category the most probable one, of one in an order the
            median.
        low, high: float32, of the same shape: the ends of the interval of each gap; where an entry
            was observed, its value. Of a category without order they say little.
        effective_samples: float64 (N,): how many equal weights the weights of the draws are worth,
            of `samples`; where they are few, the values are hardly more than draws.
        protocol: what the values depend on, in words.
    """

    x: np.ndarray
    low: np.ndarray
    high: np.ndarray
    effective_samples: np.ndarray
    protocol: str

    def told(self, mask: np.ndarray) -> str | None:
        """One line where some examples have few effective samples; else None.

        Args:
            mask: (N, *event_shape): 0 where an entry was missing.
        """
        has_gaps = (np.asarray(mask) == 0).reshape(len(mask), -1).any(axis=1)
        few = int((has_gaps & (self.effective_samples < FEW)).sum())
        if not few:
            return None
        return (
            f"{few} of {has_gaps.sum()} rows with gaps: the draws are worth fewer than {FEW} equal "
            f"ones there, so that a value is hardly more than a draw; give more --samples, and see "
            f"effective_samples in --intervals"
        )


def impute(
    vae: VAE, x: Any, samples: int = 1000, seed: int = 0, interval: float = 0.9
) -> Imputation:
    """Fills in what is missing, by self-normalised importance sampling.

    Mattei & Frellsen 2019, arXiv:1812.02633 (MIWAE): E[x_missing | x_observed] is the mean of
    E[x_missing|z_k], weighted by w_k = p(x_observed|z_k) p(z_k) / q(z_k|x_observed), which sum to
    1, z_k ~ q(z|x_observed). Most probable values, medians and intervals are those of as many draws
    of x_missing from p(x|z_k), with z_k drawn again by its weight. It takes for granted that what
    is missing is missing at random: that a value is missing does not depend on the value itself,
    given what was observed.

    Args:
        vae: `VAE`.
        x: dictionary of `x` (N, *event_shape), `mask` of its shape, 1 where an entry was observed
            and 0 where it is missing, and, of a conditional model, `condition`.
        samples: K, at least 2.
        seed: of the draws.
        interval: the share of the draws that the interval holds, above 0 and below 1.

    Returns:
        `Imputation`.

    Raises:
        ConfigError: if an option is out of its range.
        DataError: if there is no mask, or the data do not fit the model.
    """
    if not isinstance(samples, Integral) or isinstance(samples, bool) or samples < 2:
        raise ConfigError(f"samples={samples!r}: expected a whole number of at least 2")
    if not isinstance(interval, Real) or not 0 < interval < 1:
        raise ConfigError(f"interval={interval!r}: expected a share above 0 and below 1")
    if part_of(x, "mask") is None:
        raise DataError('there is no mask: give {"x": x, "mask": mask}, 0 where a value is missing')
    given = vae.as_examples(x)
    stands = vae.likelihood.stands_for_gap(vae.event_shape)
    ends = ((1 - interval) / 2, 0.5, (1 + interval) / 2)
    generator = keras.random.SeedGenerator(seed)
    draw = traced(partial(_draws, vae, samples, generator), reduce_retracing=True)
    pairs = pairs_at_once(vae.event_shape, PAIRS)
    parts = []
    for batch in in_batches(given, max(1, pairs // samples)):
        mean, draws, effective = draw(batch)
        draws = draws.numpy()  # (K, batch, *event_shape)
        low, median, high = np.quantile(draws, ends, axis=0, method="inverted_cdf")
        kinds = [stands == "mode", stands == "median"]
        value = np.select(kinds, [_most_frequent(draws), median], mean)
        values, mask = (np.asarray(part_of(batch, name)) for name in ("x", "mask"))
        filled = [np.where(mask > 0, values, each) for each in (value, low, high)]
        parts.append((*(each.astype("float32") for each in filled), effective.numpy()))
    filled_x, low, high, effective = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Imputation(
        filled_x,
        low,
        high,
        effective.astype("float64"),
        f"{count(given)} examples, {np.mean(part_of(given, 'mask') == 0):.1%} of the entries "
        f"missing, taken for missing at random; self-normalised importance sampling, K = {samples} "
        f"samples of z an example, seed {seed}; means, of categories the most probable, of an "
        f"order the median; intervals of {interval:.0%}; float32",
    )


def _draws(
    vae: VAE, samples: int, generator: keras.random.SeedGenerator, x: Any
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """(weighted mean of E[x|z_k], draws of x, effective number of samples) of one batch."""
    shape = tf.concat([[-1, samples], tf.shape(array_of(x))[1:]], 0)
    z, log_w = vae.weighted_draws(x, vae.posterior_parameters(x), samples, generator)
    condition = parts_of(x, vae.event_shape, vae.condition_shape).condition
    told = None if condition is None else repeated(condition, samples)
    p = vae.likelihood.distribution(vae.decoder_outputs(z, told))
    # w_k / sum w
    weights = tf.nn.softmax(log_w, axis=1)
    means = tf.reshape(p.mean(), shape)
    mean = tf.einsum("nk,nk...->n...", weights, means)
    # 1 / sum w_k^2, of weights that sum to 1
    effective = 1 / tf.reduce_sum(weights**2, axis=1)
    draws = tf.reshape(p.sample(seed=tf.cast(generator.next(), tf.int32)), shape)
    chosen = tf.random.stateless_categorical(log_w, samples, generator.next())  # k ~ w_k
    draws = tf.gather(draws, chosen, axis=1, batch_dims=1)
    return mean, tf.experimental.numpy.moveaxis(draws, 1, 0), effective


def _most_frequent(draws: np.ndarray) -> np.ndarray:
    """The most frequent value along the first axis, the smallest of equals."""
    ordered = np.sort(draws, axis=0)
    begins = np.ones(ordered.shape, bool)
    begins[1:] = ordered[1:] != ordered[:-1]
    places = np.arange(len(ordered)).reshape(-1, *[1] * (ordered.ndim - 1))
    # how often the value has come up to here: from where its run began
    since = places - np.maximum.accumulate(np.where(begins, places, 0), axis=0)
    return np.take_along_axis(ordered, since.argmax(axis=0)[None], axis=0)[0]
