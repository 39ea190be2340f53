"""The examples that are looked at, and the terms of their ELBO."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import keras
import numpy as np

from keras_vae.data.given import array_of
from keras_vae.diagnosis.measurements.calls import Calls, batches, complete, log_prob, mask_of
from keras_vae.diagnosis.subjects.of_likelihood import OfLikelihood
from keras_vae.errors import DataError, DoesNotApply

__all__ = ["CONSTANT", "NO_RATE", "Examined", "Terms", "latent_rates"]

# Nats: below it z carries no information.
NO_RATE = 0.5
# Parts of all entries: splits whose observed parts differ by no more have the same gaps.
SAME_GAPS = 0.02
# Outputs that differ by less are the same.
CONSTANT = 1e-6

NO_CLOSED_FORM = (
    "does not apply: it is defined where q(z|x) is a diagonal normal and p(z) = N(0, I); they are "
    "not in this model"
)


# z_mean, z_log_var and z, each (N, d), and the rate by the model's own code (N,), or None
Codes: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]


@dataclass(frozen=True)
class Terms:
    """One split, encoded, sampled once and decoded.

    Attributes:
        given: (N, *event_shape), or the dictionary of it with mask and condition.
        z_mean, z_log_var, z: (N, d).
        distortion: float64 (N,), nats, at that z.
        own_rate: float64 (N,), nats, by the model's own code; None where q(z|x) is a diagonal
            normal and p(z) = N(0, I), so that the closed form holds.
    """

    given: Any
    z_mean: np.ndarray
    z_log_var: np.ndarray
    z: np.ndarray
    distortion: np.ndarray
    own_rate: np.ndarray | None = None

    @property
    def x(self) -> np.ndarray:
        """The values, (N, *event_shape)."""
        return complete(self.given)

    @cached_property
    def latent_rates(self) -> np.ndarray:
        """KL(q(z_j|x) || N(0, 1)) of each latent, float64 (N, d), nats."""
        if self.own_rate is not None:
            raise DoesNotApply(NO_CLOSED_FORM)
        return latent_rates(self.z_mean, self.z_log_var)

    @property
    def rate(self) -> np.ndarray:
        return self.latent_rates.sum(axis=1) if self.own_rate is None else self.own_rate

    @property
    def elbo(self) -> np.ndarray:
        return -(self.distortion + self.rate)


class Examined(Calls):
    """A subject, some of its examples and the terms of their ELBO.

    Args:
        subject: `Subject`.
        examples: how many of each split to look at, at most.
        seed: of the choice of examples and of every draw.
    """

    @cached_property
    def likelihood(self) -> Any:
        """The subject's; a Gaussian without sigma gets the one that fits its errors."""
        if not self.leaves_sigma_open:
            return self.subject.likelihood
        _, _, z, _ = self._train_codes
        errors = self.train - np.asarray(self._decode(z), "float64")
        return _with_sigma_of(self.subject.likelihood, errors)

    def _check_closed_form(self) -> None:
        """Passes a subject whose q(z|x) is a diagonal normal and whose p(z) is N(0, I).

        Raises:
            DoesNotApply: for any other.
        """
        if self.subject.draw is not None:
            raise DoesNotApply(NO_CLOSED_FORM)

    def _draw(self, z_mean: np.ndarray, z_log_var: np.ndarray, draw: int = 0) -> np.ndarray:
        noise = self._rng(2, draw).standard_normal(z_mean.shape)
        with np.errstate(over="ignore", invalid="ignore"):  # of a model that has diverged
            std = np.exp(np.asarray(z_log_var, "float64") / 2)
            return (z_mean + std * noise).astype("float32")

    def _prior_draws(self, purpose: int, count: int) -> np.ndarray:
        """z ~ p(z), float32 (count, d)."""
        if self.subject.prior is None:
            z = self._rng(purpose).standard_normal((count, self.latents))
        else:
            z = np.asarray(self.subject.prior[0](count, int(self._rng(purpose).integers(2**31))))
        return z.astype("float32")

    def decoded_mean(self, z: np.ndarray, x: Any = None) -> np.ndarray:
        """The means of p(x|z), (N, *event_shape), with the conditions of examples x."""
        return np.concatenate([self.likelihood.mean(p) for p in self._decoded_batches(z, x)])

    @cached_property
    def decoded_train(self) -> np.ndarray:
        """The means of p(x|z) at the z of the training examples."""
        return self.decoded_mean(self.train_terms.z, self.given_train)

    def terms(
        self,
        x: Any,
        encode: Callable[..., Any] | None = None,
        decode: Callable[..., Any] | None = None,
        draw: int = 0,
    ) -> Terms:
        """`Terms` of examples x; by the subject's own functions or others in their place."""
        return self._terms(x, self._codes(x, encode, draw), decode)

    def _codes(self, x: Any, encode: Callable[..., Any] | None = None, draw: int = 0) -> Codes:
        """(z_mean, z_log_var, z), each (N, d), and the rate by the model's own code, or None."""
        z_mean, z_log_var = (np.asarray(v, "float64") for v in self._encode(x, encode))
        own = self.subject.draw
        if own is None:
            return z_mean, z_log_var, self._draw(z_mean, z_log_var, draw), None
        if encode is not None:
            raise DoesNotApply(NO_CLOSED_FORM)
        draws = [own(batch, self.seed + draw) for batch in batches(x, self.batch_size)]
        z, rate = (np.concatenate(part) for part in zip(*draws, strict=True))
        return z_mean, z_log_var, z, rate.astype("float64")

    @cached_property
    def _train_codes(self) -> Codes:
        return self._codes(self.given_train)

    def _terms(self, x: Any, codes: Codes, decode: Callable[..., Any] | None = None) -> Terms:
        z_mean, z_log_var, z, rate = codes
        return Terms(x, z_mean, z_log_var, z, -self.log_prob(x, z, decode), rate)

    @property
    def _training_mode(self) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
        """(encode, decode) in training mode, or None in their places."""
        is_known = self.subject.log_prob is None
        return (self.subject.training_mode if is_known else None) or (None, None)

    @cached_property
    def train_terms(self) -> Terms:
        return self._terms(self.given_train, self._train_codes)

    @cached_property
    def test_terms(self) -> Terms | None:
        return None if self.given_test is None else self.terms(self.given_test)

    @cached_property
    def held_out(self) -> Terms:
        """The terms of the test examples, or, without any, of the training examples."""
        return self.train_terms if self.test_terms is None else self.test_terms

    @cached_property
    def latents(self) -> int:
        return self.train_terms.z_mean.shape[1]

    @cached_property
    def baseline(self) -> float:
        """Mean log p(x) of the training examples where z is ignored, sigma fitted again; nats."""
        train = self.given_train
        likelihood = self._likelihood_without_z(train)
        return float(np.mean(_log_prob_without_z(likelihood, train, train)))

    @cached_property
    def held_out_without_z(self) -> np.ndarray:
        """The same of each held-out example, fitted to all training examples: (N,)."""
        own, held_out = self.subject.without_z, self.held_out.given
        if own is not None:
            return np.asarray(own(held_out), "float64")
        train = self.subject.train
        train = train if isinstance(train, dict) else np.asarray(train)
        return _log_prob_without_z(self._likelihood_without_z(train), train, held_out)

    @property
    def held_out_baseline(self) -> float:
        """Its mean, nats."""
        return float(np.mean(self.held_out_without_z))

    @property
    def gain(self) -> np.ndarray:
        """ELBO of each held-out example above its log p(x) where z is ignored, (N,), nats."""
        return self.held_out.elbo - self.held_out_without_z

    @cached_property
    def loss_without_z(self) -> float:
        """Mean -log p(x) of the training examples with the sigma that the model has, nats."""
        train = self.given_train
        return -float(np.mean(_log_prob_without_z(self.likelihood, train, train)))

    def _likelihood_without_z(self, x: Any) -> Any:
        """The likelihood with the weights of its own, such as a sigma, that fit x without z."""
        values, mask = array_of(x), mask_of(x)
        if isinstance(self.likelihood, OfLikelihood):
            return self.likelihood.fitted_without_z(values, mask)[0]
        if self.sigma is None:
            return self.likelihood
        if mask is None:
            return _with_sigma_of(self.likelihood, values - values.mean(axis=0))
        mean = (mask * values).sum(axis=0) / np.maximum(mask.sum(axis=0), 1)
        return _with_sigma_of(self.likelihood, (values - mean)[mask > 0])

    def check_elbo(self) -> None:
        """Passes a subject that was trained for the ELBO: under another objective the best encoder
        is another, and the ELBO may fall while what is maximised rises.

        Raises:
            DoesNotApply: for others.
        """
        if self.subject.objective != "elbo":
            raise DoesNotApply(
                "does not apply: it judges by the ELBO, and the model was trained for another "
                f"objective (kind {self.subject.objective!r})"
            )

    def check_same_gaps(self) -> None:
        """Passes splits of which as much was observed: log p(x) of fewer entries is another figure.

        Raises:
            DoesNotApply: for others.
        """
        masks = [mask_of(x) for x in (self.subject.train, self.subject.test)]
        shares = [1.0 if mask is None else float(np.mean(mask)) for mask in masks]
        if abs(shares[0] - shares[1]) > SAME_GAPS:
            raise DoesNotApply(
                f"does not apply: it compares log p(x) of training and test examples, of which "
                f"{shares[0]:.0%} and {shares[1]:.0%} of the entries were observed"
            )

    @cached_property
    def worth(self) -> float:
        """What training has gained, nats: the scale of what it may lose. On a model without z, or,
        where it has lost to that, on one that has its sigma too."""
        elbo = float(np.mean(self.train_terms.elbo))
        gained = elbo - self.baseline
        return max(gained if gained > 0 else elbo + self.loss_without_z, 1.0)


def _with_sigma_of(likelihood: Any, errors: np.ndarray) -> Any:
    """The likelihood with the sigma that fits the errors best."""
    # sigma^2 = mean (x - m)^2
    sigma = float(np.sqrt(np.mean(np.square(errors, dtype="float64"))))
    if sigma == 0:
        raise DataError(
            "every reconstruction error is exactly 0, as with constant data, so no sigma fits; "
            "give data that vary or, for an exact decoder, likelihood=Gaussian(sigma=...)"
        )
    return likelihood.with_sigma(sigma)


def latent_rates(z_mean: np.ndarray, z_log_var: np.ndarray) -> np.ndarray:
    """KL(q(z_j|x) || N(0, 1)) of each latent, (N, d), nats."""
    with np.errstate(over="ignore", invalid="ignore"):  # of a model that has diverged
        # R_j = 1/2 (var_j + mean_j^2 - 1 - log var_j)
        return 0.5 * (np.exp(z_log_var) + z_mean**2 - 1 - z_log_var)


def _log_prob_without_z(likelihood: Any, fitted: Any, x: Any) -> np.ndarray:
    """log p(x) of each x, (N,), nats, for the decoder output that fits other examples; NaN where
    the likelihood cannot describe them."""
    with np.errstate(invalid="ignore", over="ignore"):
        mask = () if mask_of(fitted) is None else (mask_of(fitted),)
        parameters = likelihood.without_z(array_of(fitted), *mask)
        parameters = keras.tree.map_structure(lambda part: part[None], parameters)
        return log_prob(likelihood, x, parameters)
