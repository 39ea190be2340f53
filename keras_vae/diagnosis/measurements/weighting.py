"""The weight of the rate, and how large it may be."""

from functools import cached_property
from typing import Any

import numpy as np

from keras_vae import measures
from keras_vae.data.given import array_of, count, take
from keras_vae.diagnosis.measurements.calls import has_gaps, mask_of
from keras_vae.diagnosis.measurements.examined import NO_RATE
from keras_vae.diagnosis.measurements.inference import Inference
from keras_vae.errors import ConfigError, DoesNotApply

__all__ = ["Weighting"]

# What training code may report of a batch.
TERMS = ("loss", "distortion", "rate")
# Of the training code's own terms: batches, and examples in each.
REPORTED_BATCHES, REPORTED_EXAMPLES = 8, 128
# What scaling the posteriors' means may gain where training has ended, as a part of the worth.
LEFT_PART = 0.03
# What searching posteriors at a weight may gain where they are optimal for it, over all that
# training at that weight has gained.
SEARCHED_PART = 0.08
# Distance from 1 of the weight in a loss that is more than rounding.
SMALLEST_PULL = 0.05
# How often posteriors are searched again with the sigma of the remaining errors.
SEARCHES = 3
# A weight at which posteriors are searched where theirs is almost 0.
SMALLEST_WEIGHT = 0.01
# Variance of an entry below which what is left of it is noise of a few examples.
RARE = 0.01


class Weighting(Inference):
    """The weight of the rate, as the model, the training code and the log have it."""

    @cached_property
    def implied_beta(self) -> measures.ImpliedBeta:
        self._check_closed_form()
        terms = self.train_terms
        return measures.implied_beta(
            terms.z_mean, terms.z_log_var, lambda z: -self.log_prob(terms.given, z), self.seed
        )

    @property
    def _has_weight(self) -> bool:
        """Whether posteriors are optimal for one weight of the rate where training has ended: free
        nats and the importance-weighted bound weigh it otherwise."""
        is_plain = self.subject.objective == "elbo" and not self.subject.free_nats
        return is_plain and self.implied_beta.is_determined

    @property
    def settled_beta(self) -> measures.ImpliedBeta | None:
        """`implied_beta`, or None where its value is meaningless."""
        beta = self.implied_beta
        return beta if self._has_weight and beta.is_settled(self.left_to_settle) else None

    @property
    def is_unsettled(self) -> bool:
        """Whether the posteriors' widths and means are optimal for different weights of the rate,
        which never happens after training on the ELBO; False where they carry no information."""
        return self._has_weight and self.settled_beta is None and not self.has_no_rate

    @property
    def left_to_settle(self) -> float:
        """Nats that scaling the posteriors' means may gain where training has ended: with a
        learning rate that does not fall, more where more is at stake."""
        return LEFT_PART * self.worth

    @cached_property
    def answers_to_a_weight(self) -> bool:
        """Whether a weight of the rate explains the posteriors, and not an encoder that cannot give
        better ones: then a search at that weight gains almost nothing. Where the training code is
        known, its loss has such a weight."""
        beta = self.implied_beta.beta
        if self.reported is not None and np.isfinite(self.reported.beta):
            known = self.reported.beta - 1
            return bool(abs(known) > SMALLEST_PULL and known * (beta - 1) > 0)
        beta = max(beta, SMALLEST_WEIGHT)
        gain = self.searched_gain(beta)
        # what training on D + beta R has gained
        terms = self.train_terms
        worth = max(self.loss_without_z - float(np.mean(terms.distortion + beta * terms.rate)), 1)
        return gain is None or bool(gain.mean() < SEARCHED_PART * worth)

    @property
    def has_no_rate(self) -> bool:
        return bool(self.train_terms.rate.mean() < NO_RATE)

    @cached_property
    def collapse_threshold(self) -> tuple[float, float] | None:
        """(beta*, standard error); None where the data are constant."""
        self._check_closed_form()
        if self.is_conditional:
            raise DoesNotApply(
                "does not apply: it is a property of the data without their conditions"
            )
        if self.is_of_columns:
            raise DoesNotApply("does not apply: the columns of a table are of different families")
        variance = self.likelihood.variance(self.train)
        if not np.any(variance > 0) or np.all(self.train == self.train[0]):
            return None
        return measures.collapse_threshold(self.train, variance)

    @property
    def known_threshold(self) -> tuple[float, float] | None:
        """`collapse_threshold`; None also where gaps in the data, or conditions, leave it open, for
        a table, and where it is not known for this q(z|x) and p(z)."""
        is_open = self.is_conditional or self.is_of_columns or has_gaps(self.given_train)
        return None if is_open or self.subject.draw is not None else self.collapse_threshold

    @cached_property
    def effective_beta(self) -> float:
        """The weight of the rate: as the training code has it, as logged, or as declared."""
        reported = self.reported if self.subject.draw is None else None
        if reported is not None and np.isfinite(reported.beta):
            return reported.beta
        if reported is not None and reported.distortion_scale > 0:
            return self.subject.beta / reported.distortion_scale
        logged = self.subject.history.get("beta")
        return float(logged[-1]) if logged else self.subject.beta

    @cached_property
    def is_given_up(self) -> bool:
        """Whether z carries no information because every latent costs more than it gains at the
        weight of the rate: then parts of the networks become constant as a consequence."""
        threshold = self.known_threshold
        return threshold is not None and self.has_no_rate and self.effective_beta > threshold[0]

    @cached_property
    def reported(self) -> measures.ReportedTerms | None:
        """`ReportedTerms` of the training code; None without `loss_fn`."""
        self._check_closed_form()
        if self.subject.loss_fn is None or count(self.given_train) < 2 * REPORTED_BATCHES:
            return None
        size = min(REPORTED_EXAMPLES, count(self.given_train) // REPORTED_BATCHES)
        starts = range(0, size * REPORTED_BATCHES, size)
        batches = [take(self.given_train, slice(at, at + size)) for at in starts]
        logged = [_known(self.subject.loss_fn(batch)) for batch in batches]
        own = [
            self.terms(batch, *self._training_mode, draw=draw)
            for draw, batch in enumerate(batches, 1)
        ]
        return measures.reported_terms(
            logged,
            [terms.distortion for terms in own],
            [terms.z_mean for terms in own],
            [terms.z_log_var for terms in own],
            self._constants,
            are_left_out=self.leaves_sigma_open,
        )

    @property
    def _constants(self) -> float | None:
        """The part of -log p(x|z) that a squared error leaves out, nats; None if there is none."""
        if self.sigma is None:
            return None
        # -log p(x|z) = sum_i (x_i - m_i)^2 / 2 sigma^2 + n/2 log(2 pi sigma^2)
        return self.entries / 2 * float(np.log(2 * np.pi * self.sigma**2))

    @cached_property
    def variance_ratio(self) -> tuple[float, float] | None:
        """(mean squared error / sigma^2, standard error); None but for a Gaussian with a sigma."""
        if self.sigma is None:
            return None
        given = self.given_train
        return measures.variance_ratio(
            array_of(given), self.decoded_train, self.sigma, mask_of(given)
        )

    @cached_property
    def searched_variance_ratio(self) -> tuple[float, float] | None:
        """The same at draws of posteriors that are searched for each example, which do not depend
        on how good the encoder is; None where they cannot be searched.

        Searched by the sigma that fits the errors of the posteriors before (EM for sigma): by the
        decoder's own, where that is much too small, only what is nearest would be looked at.
        """
        measured, sigma = self.variance_ratio, self.sigma
        if measured is None:
            return None
        x, start, _ = self.few_train
        for purpose in range(10, 10 + SEARCHES):
            fitted = self.likelihood.with_sigma(float(sigma * np.sqrt(measured[0])))
            found = self.searched_codes(x, start, likelihood=fitted)
            if found is None:
                return None
            z_mean, z_log_var = found
            noise = self._rng(purpose).standard_normal(z_mean.shape)
            z = (z_mean + np.exp(z_log_var / 2) * noise).astype("float32")
            mean = self.decoded_mean(z, x)
            measured = measures.variance_ratio(array_of(x), mean, sigma, mask_of(x))
        return measured

    @cached_property
    def smallest_sigmas(self) -> tuple[float, float] | None:
        """(fraction of decoded sigmas below a 256th of the range of the data, that bound); None
        unless the decoder outputs variances."""
        if not self.decodes_sigma:
            return None
        floor = float(np.ptp(self.train_values)) / 256
        _, log_var = self._decode(self.train_terms.z)
        return float(np.mean(np.exp(log_var / 2) < floor)), floor

    @cached_property
    def residual_threshold(self) -> tuple[float, float] | None:
        """(beta up to which one more latent pays, standard error), from what is left of x."""
        self._check_closed_form()
        if not self.is_binary and self.sigma is None:
            raise DoesNotApply(
                "does not apply: it is for binary data, and for entries that have one sigma"
            )
        terms = self.held_out
        mean = self.decoded_mean(terms.z, terms.given)
        if self.is_binary:
            variance = np.mean(mean * (1 - mean), axis=0)
            # A pixel that is hardly ever 1 has a residual of a few examples, which says nothing.
            variance = np.where(np.var(terms.x, axis=0) > RARE, variance, 0)
        else:
            variance = self.sigma**2
        if not np.any(variance > 0):
            return None
        return measures.collapse_threshold(terms.x - mean, variance)


def _known(terms: dict[str, Any]) -> dict[str, Any]:
    """What training code reports of a batch, under the names that are looked at."""
    unknown = sorted(set(terms) - set(TERMS))
    if unknown:
        raise ConfigError(
            f"loss_fn returned {unknown[0]!r}; expected a dictionary of {', '.join(TERMS)}"
        )
    return terms
