"""What the latents do, and where the decoder sends them."""

from functools import cached_property
from typing import Any

import numpy as np

from keras_vae import measures
from keras_vae.data.given import array_of, take
from keras_vae.diagnosis.measurements.calls import mask_of
from keras_vae.diagnosis.measurements.examined import Examined

__all__ = ["Latents"]

LARGEST = float(np.finfo("float32").max)
# Examples of noise for the encoder.
NOISES = 500
# How far out the decoder is asked for the range of its outputs, in prior standard deviations.
FAR = 1000.0
# Part of the range near the prior by which an end may be missed.
SLACK = 0.01
# An end is what more than this part of the outputs far out have, up to this part of their range.
ENDED, SAME = 0.03, 1e-3
# Draws of z that a classifier, or a mixture, needs to learn from.
FEWEST = 20
# From which the width of a prior is known.
PRIOR_DRAWS = 1000


class Latents(Examined):
    """Codes against the prior, and the decoder over it."""

    @cached_property
    def active(self) -> np.ndarray:
        """bool (d,): the latents whose posterior mean varies over the data."""
        return measures.active_units(self.train_terms.z_mean)

    @cached_property
    def shuffle_gap(self) -> tuple[float, float]:
        """(rise of the distortion where z is another example's, standard error), nats."""
        terms = self.held_out
        return measures.shuffle_gap(terms.z, lambda z: -self.log_prob(terms.given, z), self.seed)

    @cached_property
    def prior_auc(self) -> measures.TwoSample | None:
        """`TwoSample` of the aggregated posterior against the prior."""
        z = self.held_out.z
        if len(z) < 2 * FEWEST:
            return None
        return measures.two_sample(self._prior_draws(3, len(z)), z, self.seed)

    @cached_property
    def mixture_gain(self) -> np.ndarray | None:
        """What ten Gaussians in place of the prior would gain in the ELBO of each of half of the
        training examples, fitted to the codes of the others: (N / 2,), nats; None of too few."""
        z = self.train_terms.z
        if len(z) < 2 * FEWEST:
            return None
        own = self.subject.prior
        log_prior = None if own is None else own[1](z[1::2])
        return measures.mixture_gain(z[::2], z[1::2], self.seed, log_prior)

    @cached_property
    def largest_spread(self) -> float:
        """Largest std of a latent's mean over the data, over that of the prior."""
        spread = np.std(self.train_terms.z_mean, axis=0)
        if self.subject.prior is not None:
            width = np.std(self._prior_draws(11, PRIOR_DRAWS), axis=0)
            anywhere = np.where(spread > 0, np.inf, 0.0)  # of a prior that is one point
            spread = np.divide(spread, width, out=anywhere, where=width > 0)
        return float(np.max(spread))

    @cached_property
    def range_of_codes(self) -> float:
        """Largest difference in z_mean or z_log_var between examples, and examples of noise: each
        entry the lowest or the highest value in the data. An encoder that has learnt not to use z
        is constant on the data only."""
        values, terms = array_of(self.given_train), self.train_terms
        is_high = self._rng(7).random(array_of(self.given_train)[:NOISES].shape) < 0.5
        low, high = self._ends
        noise = np.where(is_high, high, low).astype(values.dtype)
        of_data = np.concatenate([terms.z_mean, terms.z_log_var], axis=1)
        given = self.given_train
        if isinstance(given, dict):
            noise = {**take(given, slice(len(noise))), "x": noise}
        of_noise = np.concatenate(self._encode(noise), axis=1)
        return float(np.max(np.ptp(np.concatenate([of_data, of_noise]), axis=0)))

    @property
    def _ends(self) -> tuple[Any, Any]:
        """(lowest, highest) value of the data; of a table of each column, (C,)."""
        if not self.is_of_columns:
            return self.train_values.min(), self.train_values.max()
        x, mask = array_of(self.given_train), mask_of(self.given_train)
        if mask is None:
            return x.min(axis=0), x.max(axis=0)
        known = np.where(mask > 0, x, np.nan)
        known[0] = np.where(np.any(mask > 0, axis=0), known[0], x[0])  # of one without a value
        return np.nanmin(known, axis=0), np.nanmax(known, axis=0)

    @cached_property
    def range_of_outputs(self) -> float:
        """Largest difference between means of p(x|z) over z ~ N(0, 10^2). A decoder that has learnt
        to ignore z is constant where the prior lies, and not beyond."""
        z = 10 * self._rng(6).standard_normal((64, self.latents))
        one = take(self.given_train, slice(1))  # of a conditional model with one condition
        return float(np.max(np.ptp(self.decoded_mean(z.astype("float32"), one), axis=0)))

    @cached_property
    def output_range(self) -> tuple[float, float]:
        """(lowest, highest) mean of p(x|z) that the decoder gives; infinite where none ends it.

        Asked for z far out, where an activation that ends is at its end. What is not reached far
        out is none. Nor is a bound of one entry by itself: units of a layer before the last, where
        they end, leave sums that differ from entry to entry.
        """
        self.check_one_unit()
        directions = self._rng(4).standard_normal((256, self.latents))
        near, far = (self.decoded_mean((s * directions).astype("float32")) for s in (1, FAR))
        # a mean that overflows, as that of a log-normal does far out, has no end there
        far = np.clip(far.astype("float64"), -LARGEST, LARGEST)
        slack = SLACK * np.ptp(near)
        # not the extremes: in a direction where all units are dead a bias is left
        low, high = (float(bound) for bound in np.quantile(far, [0.01, 0.99]))
        span = high - low if low > -LARGEST and high < LARGEST else np.ptp(near)
        is_low, is_high = (_is_end(far, bound, SAME * span) for bound in (low, high))
        return (
            low if is_low and -LARGEST < low <= near.min() + slack else -np.inf,
            high if is_high and LARGEST > high >= near.max() - slack else np.inf,
        )

    @cached_property
    def output_bias(self) -> float:
        """Distance of the mean decoded example from the mean example, in standard deviations of an
        entry."""
        return self._bias(self.decoded_train.mean(axis=0, dtype="float64"))

    @cached_property
    def prior_output_bias(self) -> float:
        """The same of decoded draws of the prior, at which no encoder has a part."""
        z = self._prior_draws(10, 256)
        return self._bias(self.decoded_mean(z).mean(axis=0, dtype="float64"))

    @cached_property
    def zero_output_bias(self) -> float:
        """The same of outputs of 0, from which linear ones set out."""
        return self._bias(0.0)

    def _bias(self, output: np.ndarray | float) -> float:
        self.check_one_unit()
        x, mask = np.asarray(array_of(self.given_train), "float64"), mask_of(self.given_train)
        count = np.maximum(np.sum(np.ones_like(x) if mask is None else mask, axis=0), 1)
        mean = np.sum(x, axis=0) / count  # what is missing is 0
        variance = np.sum((x - mean) ** 2 * (1 if mask is None else mask), axis=0) / count
        bias = (output - mean) * (1 if mask is None else np.any(mask, axis=0))
        return float(np.sqrt(np.sum(bias**2) / max(np.sum(variance), np.finfo("float64").tiny)))

    @cached_property
    def ends_in_sigmoid(self) -> bool:
        """Whether the decoder's raw outputs have their limit at 0 or at 1 and stays between
        them."""
        z = FAR * self._rng(4).standard_normal((256, self.latents))
        outputs = np.asarray(self._decode(z.astype("float32")))
        is_inside = outputs.min() >= 0 and outputs.max() <= 1
        return bool(is_inside and (_is_end(outputs, 0, SAME) or _is_end(outputs, 1, SAME)))


def _is_end(values: np.ndarray, bound: float, same: float) -> bool:
    """Whether many of the values (N, *event_shape) are equal to `bound`, of more than one entry."""
    there = (np.abs(values - bound) <= same).reshape(len(values), -1)
    entries = np.count_nonzero(there.any(axis=0))
    return bool(np.mean(there) > ENDED and entries >= min(2, there.shape[1]))
